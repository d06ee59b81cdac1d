"""How long the desk's pages take: `python -m tests.benchmark.desk --customers 100000 --documents 200000 [--keep DIR]`.

A filled archive (`tests.benchmark.filled`, five pages a document), asked as people who may see one region of 300: the
largest, with a twentieth of everything, and one in the middle. Each figure is one request through the whole application
without a socket, login and audit entry included; `cpu` is what the service and PostgreSQL computed for it, which other
work on the machine changes little.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.app import create_app
from api.bootstrap import open_archive
from api.passwords import Argon2Passwords
from api.settings import Settings
from intake.archive import Archive
from records import accounts
from records.accounts import NewUser
from records.actors import READERS
from records.ids import new_id
from records.models import Batch, Customer, Document, Page
from records.terms import Role
from tests.archives import open_bench
from tests.benchmark.filled import REGIONS, Filling, Invention
from tests.benchmark.report import Table
from tests.benchmark.sets import SETS, archive_settings
from tests.benchmark.spent import Meter

CUSTOMERS, DOCUMENTS = 100_000, 200_000
ASKED = 40
PASSWORD = "a password of one's own"
PASSWORDS = Argon2Passwords(time_cost=1, memory_kib=64)
LARGEST, MIDDLE = REGIONS[0], REGIONS[60]

Ask = Callable[[], Any]


def measure(
    directory: Path, customers: int = CUSTOMERS, documents: int = DOCUMENTS, parts: str = SETS[0], rounds: int = 1
) -> Table:
    """Ask all pages in each round; the table is of the last, when what is asked often is in memory."""
    with archive_settings(parts, str(directory)) as settings:
        if not (settings.data / "archive.db").exists():
            bench = open_bench(settings)
            Filling(bench.archive, customers, documents).fill(_say)
            bench.archive.close()
        return [_measure(settings, parts) for _ in range(rounds)][-1]


def _measure(settings: Settings, parts: str) -> Table:
    archive = open_archive(settings, migrate=False)
    try:
        with archive.reading() as session:
            known = (session.scalar(select(func.count()).select_from(each)) or 0 for each in (Customer, Document, Page))
            size = "{:,} customers, {:,} documents, {:,} pages".format(*known)
        table = Table(
            title=f"Pages of the desk, {size}, {parts.split()[0]}",
            head=("page", f"{LARGEST}: p50 ms", "p95", "cpu p95", f"{MIDDLE}: p50 ms", "p95", "cpu p95"),
            note="Server time of a page, as somebody who may see one region: the largest of 300, one in the middle.",
        )
        app, meter = create_app(archive, settings, PASSWORDS), Meter(archive.engine)
        with ExitStack() as stack:
            columns = []
            for region in (LARGEST, MIDDLE):
                http = stack.enter_context(TestClient(app))
                _log_in(archive, http, region)
                columns.append(_figures(_pages(archive, http, region), meter))
            auditor = stack.enter_context(TestClient(app))
            _log_in(archive, auditor, None)
            for page in columns[0]:
                table.rows.append((page, *columns[0][page], *columns[1][page]))
            of_auditors = _figures(_pages_of_auditors(auditor), meter)
            table.rows += [(page, *figures, "", "", "") for page, figures in of_auditors.items()]
    finally:
        archive.close()
    return table


def _log_in(archive: Archive, http: TestClient, region: str | None) -> None:
    name = f"{region or 'auditor'} {new_id()}"
    roles = sorted(READERS) if region else [Role.AUDITOR]
    with archive.transaction() as session:
        new = NewUser(name=name, roles=roles, regions=[region] if region else [])
        user, _ = accounts._add_user(session, PASSWORDS, new)
        user.password_hash, user.must_change_password = PASSWORDS.hash(PASSWORD), False
    answer = http.post("/api/v1/sessions", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 201, answer.text


def _pages(archive: Archive, http: TestClient, region: str) -> dict[str, Ask]:
    pick = random.Random(7)
    with archive.reading() as session:
        mine = select(Document.id, Document.customer_id).where(
            Document.region_code == region, Document.customer_id.is_not(None)
        )
        rows = session.execute(mine.order_by(Document.id).limit(2_000)).all()
        batches = session.scalars(select(Batch.id).where(Batch.region_code == region).limit(2_000)).all()
        codes = session.scalars(select(Customer.code).where(Customer.region_code == region).limit(2_000)).all()
    words = Invention.vocabulary()

    def get(path: Callable[[], str]) -> Ask:
        return lambda: http.get(path())

    def find(sought: Callable[[], dict[str, str]]) -> Ask:
        return lambda: http.post("/search/results", json=sought(), headers={"X-Requested-With": "bench"})

    return {
        "search": get(lambda: "/search"),
        "results: common word": find(lambda: {"typed": words[pick.randrange(50)]}),
        "results: word": find(lambda: {"typed": words[pick.randrange(200, 2_000)]}),
        "results: rare word": find(lambda: {"typed": words[pick.randrange(5_000, 20_000)]}),
        "results: region and code": find(lambda: {"typed": f"{region} {pick.choice(codes)}"}),
        "results: code and word": find(lambda: {"typed": f"{pick.choice(codes)} {words[pick.randrange(50)]}"}),
        "results: name fragment, kind, year": find(
            lambda: {
                "typed": "有限公司",
                "kind": "business_license",
                "date_from": "2018-01-01",
                "date_to": "2018-12-31",
            }
        ),
        "customers": get(lambda: "/customers"),
        "customers by code": get(lambda: f"/customers?prefix={pick.choice(codes)[:6]}"),
        "customer file": get(lambda: f"/customers/{pick.choice(rows).customer_id}"),
        "document": get(lambda: f"/documents/{pick.choice(rows).id}"),
        "queue to verify": get(lambda: "/verify"),
        "batches": get(lambda: "/batches"),
        "batch": get(lambda: f"/batches/{pick.choice(batches)}"),
        "retention": get(lambda: "/retention"),
        "register": get(lambda: "/register"),
        "running": get(lambda: "/running"),
        "settings": get(lambda: "/settings"),
    }


def _pages_of_auditors(http: TestClient) -> dict[str, Ask]:
    paths = {
        "audit": "/audit",
        "audit of one act": "/audit?action=document.filed",
        "audit of one actor": "/audit?by=system",
        "audit of an act nobody did": "/audit?action=nothing.done",
    }
    return {page: partial(http.get, path) for page, path in paths.items()}


def _figures(pages: dict[str, Ask], meter: Meter) -> dict[str, tuple[str, str, str]]:
    return {page: _spread(page, ask, meter) for page, ask in pages.items()}


def _spread(page: str, ask: Ask, meter: Meter) -> tuple[str, str, str]:
    """Wall-clock p50 and p95 and computed p95, in milliseconds; the first request warms what stays warm."""
    times, spent = [], []
    for number in range(ASKED + 1):
        answer, passed_ms, on_it = meter.of(ask)
        if number:
            times.append(passed_ms)
            spent.append(on_it)
        assert answer.status_code == 200, f"{page}: {answer.status_code} {answer.text[:200]}"
    p50, p95, cpu = _at(times, 0.5), _at(times, 0.95), _at([each.computed_ms for each in spent], 0.95)
    queued, read = _at([each.queued_ms for each in spent], 0.95), sum(each.read_mib for each in spent)
    _say(
        f"{page:36s} p50 {p50:5.0f}  p95 {p95:5.0f}  cpu p95 {cpu:5.0f}  queued p95 {queued:5.0f}  read {read:5.1f} MiB"
    )
    return f"{p50:.0f}", f"{p95:.0f}", f"{cpu:.0f}"


def _at(figures: list[float], share: float) -> float:
    return sorted(figures)[int(len(figures) * share)]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--keep", type=Path, help="fill, or ask what was filled in, this directory; SQLite only")
    parser.add_argument("--parts", choices=SETS, default=SETS[0])
    parser.add_argument("--rounds", type=int, default=1, help="ask so often, and show the last")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guidang-desk-") as directory:
        filled = given.keep or Path(directory)
        table = measure(filled, given.customers, given.documents, given.parts, given.rounds)
    sys.stdout.write(table.markdown())


if __name__ == "__main__":
    main()
