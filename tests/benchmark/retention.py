"""Retention over very many records: what is due, holding by a query, the preview of a changed schedule.

Rows of records, parts and customers are written by SQL, one of a thousand due; nothing of their content is there. What
is asked of them is asked through the uses themselves.

    python -m tests.benchmark.retention --records 10000000 --sets "SQLite + directory"
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice
from typing import Any, cast

from sqlalchemy import Engine, Table, create_engine, event, text
from sqlalchemy.orm import Session

from api.bootstrap import open_archive
from intake.archive import Archive
from records.actors import Actor
from records.models import Batch, Customer, Document, Part, Station
from records.terms import BatchState, CustomerState, DocumentKind, DocumentState, Role
from retention.amending import draft_schedule, moves_of, summary_of
from retention.due import due_documents
from retention.holds import HoldOrder, Scope, place_hold, release_hold
from retention.lists import propose_list
from retention.reminders import calendar, reminders_for
from retention.schedule import load_schedule
from storage.database import is_sqlite
from tests.benchmark.report import Table as Figures
from tests.benchmark.sets import SETS, archive_settings

RECORDS = 200_000
CHUNK = 250_000
ROUNDS = 5
TODAY = dt.date(2030, 1, 1)
CUSTOMERS = 10_000
STATION, BATCH = "s" * 32, "b" * 32
WHO = Actor(id="u" * 32, roles=frozenset({Role.ARCHIVIST, Role.APPROVER}), regions=None)
LOCAL = Actor(id="u" * 32, roles=WHO.roles, regions=frozenset({"R007"}))
SCHEDULE = """version: {version}
approved_by: 量测
classes:
  - {{name: papers, title: 证照, kinds: [business_license, registration_form], trigger: filed, period_years: 10,
     disposition: review, authority: 量测}}
  - {{name: contracts, title: 合同, kinds: [contract], trigger: filed, period_years: {years}, disposition: review,
     authority: 量测}}
"""
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :last)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint) - 1))",
}
HEX = {"sqlite": "printf('%032x', {0})", "postgresql": "lpad(to_hex({0}), 32, '0')"}
CODE = {"sqlite": "printf('R%03d', {0})", "postgresql": "'R' || lpad(({0})::text, 3, '0')"}
DAY = {"sqlite": "date('2030-01-01', ({0}) || ' days')", "postgresql": "date '2030-01-01' + ({0})::int"}
DOCUMENTS = """{numbers} INSERT INTO documents (id, batch_id, file_no, station_id, operator, region_code, sha256,
    size_bytes, media_type, received_at, state, kind, page_count, customer_id, archival_code, filed_at, retention_class,
    schedule_version, due_on, version)
SELECT {id}, '{batch}', i, '{station}', 'x', {region}, {id}, 1, 'image/png', '2020-01-01', '{filed}', {kind}, 1,
    {customer}, {id}, '2020-01-01', CASE WHEN i % 100 = 0 THEN 'contracts' ELSE 'papers' END, 1, {due}, 1
FROM n"""
PARTS = """{numbers} INSERT INTO parts (document_id, part_no, kind, page_nos, confidence)
SELECT {id}, 1, {kind}, '[1]', 1 FROM n"""


def measure(records: int, sets: Sequence[str] = SETS) -> Figures:
    table = Figures(f"Retention over {records:,} records", ("what", *sets), note=(
        "One record of a thousand is due, one of a hundred is a contract. Milliseconds on the clock, and of this "
        f"process's own computing in brackets; median of {ROUNDS}, what changes something and the summary once."
    ))  # fmt: skip
    columns = [_measured(name, records) for name in sets]
    table.rows += [
        (what, *(f"{column[what][0]:,.1f} ({column[what][1]:,.1f})" for column in columns)) for what in columns[0]
    ]
    return table


Spent = tuple[float, float]
"""Milliseconds on the clock and of computing."""


def _measured(name: str, records: int) -> dict[str, Spent]:
    with (
        tempfile.TemporaryDirectory() as directory,
        archive_settings(name, directory) as settings,
        closing(open_archive(settings, migrate=True)) as archive,
    ):
        began = time.perf_counter()
        _set_up(archive)
        _fill(archive.engine, records)
        sys.stderr.write(f"\n{name}: filled in {time.perf_counter() - began:.0f} s\n")
        return _ask(archive)


def _set_up(archive: Archive) -> None:
    now = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    with archive.transaction() as session:
        load_schedule(session, WHO, SCHEDULE.format(version=1, years=10).encode())
        session.add(Station(id=STATION, name="s", token_sha256="0", region_code=None))
        session.flush()
        session.add(Batch(id=BATCH, number="1", station_id=STATION, operator="x", region_code=None, declared_files=1,
                          capture={}, state=BatchState.OPEN))  # fmt: skip
        session.add_all(
            Customer(id=f"{number:032x}", kind="company", region_code=f"R{number % 300:03d}", code=f"C{number}",
                     state=CustomerState.ACTIVE, opened_at=now)
            for number in range(CUSTOMERS)
        )  # fmt: skip


def _fill(engine: Engine, records: int) -> None:
    dialect = "sqlite" if is_sqlite(engine) else "postgresql"
    # One of a thousand fell due in the last hundred days; the others will over ten years.
    due = DAY[dialect].format("CASE WHEN i % 1000 = 7 THEN -(i % 100) ELSE 1 + i % 3650 END")
    kind = f"CASE WHEN i % 100 = 0 THEN '{DocumentKind.CONTRACT}' ELSE '{DocumentKind.BUSINESS_LICENSE}' END"
    given = {
        "numbers": NUMBERS[dialect], "id": HEX[dialect].format("i"), "region": CODE[dialect].format("i % 300"),
        "customer": HEX[dialect].format(f"i % {CUSTOMERS}"), "due": due, "kind": kind, "batch": BATCH,
        "station": STATION, "filed": DocumentState.FILED,
    }  # fmt: skip
    # Rows come in the order of every unique index, the others are made at the end: many times as fast.
    indexes = [index for table in (Document, Part) for index in cast(Table, table.__table__).indexes]
    quick = _unsafe(engine) if dialect == "sqlite" else engine
    with quick.begin() as connection:
        for index in indexes:
            index.drop(connection)
    for first in range(0, records, CHUNK):
        last = min(records, first + CHUNK)
        with quick.begin() as connection:
            if dialect == "postgresql":  # nor does anything ask of each row whether its batch, station, customer exist
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in (DOCUMENTS, PARTS):
                connection.execute(text(statement.format(**given)), {"first": first, "last": last})
        sys.stderr.write(f"\r{last:,}")
    with quick.begin() as connection:
        for index in indexes:
            index.create(connection)
    if quick is not engine:
        quick.dispose()
    if dialect == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _unsafe(engine: Engine) -> Engine:
    """The same file, written without care for a crash: only to fill it."""
    quick = create_engine(engine.url)

    @event.listens_for(quick, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-500000"):
            connection.execute(f"PRAGMA {pragma}").close()

    return quick


def _ask(archive: Archive) -> dict[str, Spent]:
    found: dict[str, Spent] = {}

    def reading(what: str, use: Callable[[Session], Any], rounds: int = ROUNDS) -> None:
        spent = [_timed(archive, use) for _ in range(rounds)]
        found[what] = (statistics.median(s[0] for s in spent), statistics.median(s[1] for s in spent))

    def writing(what: str, use: Callable[[Session], Any]) -> Any:
        began = _now()
        with archive.transaction() as session:
            answer = use(session)
        found[what] = _since(began)
        return answer

    reading("first 50 that are due", lambda s: s.scalars(due_documents(WHO, TODAY).limit(50)).all())
    reading("first 50 that are due, of one region", lambda s: s.scalars(due_documents(LOCAL, TODAY).limit(50)).all())
    reading("reminders: all that are due, counted", lambda s: reminders_for(s, WHO, TODAY))
    reading("calendar of 12 months", lambda s: calendar(s, WHO, TODAY, 12), 1)
    order = HoldOrder(case_no="1", reason="x", authority="x", query=Scope(region_code="R000"))
    hold_id = writing("placing a hold by a query", lambda s: place_hold(s, WHO, order).id)
    reading("first 50 that are due, while it lies", lambda s: s.scalars(due_documents(WHO, TODAY).limit(50)).all())
    writing("releasing it", lambda s: release_hold(s, WHO, hold_id, reason="x"))
    writing("drafting a schedule", lambda s: draft_schedule(s, WHO, SCHEDULE.format(version=2, years=12).encode()))
    reading("preview: the first 50 records that move", lambda s: list(islice(moves_of(s, 2), 50)))
    reading("preview: all records that move, counted", lambda s: summary_of(moves_of(s, 2)), 1)
    with archive.reading() as session:
        ids = list(session.scalars(due_documents(WHO, TODAY).with_only_columns(Document.id).limit(1_000)))
    writing("a list of 1,000", lambda s: propose_list(s, WHO, title="x", document_ids=ids, today=TODAY))
    return found


def _timed(archive: Archive, use: Callable[[Session], Any]) -> Spent:
    began = _now()
    with archive.reading() as session:
        use(session)
    return _since(began)


def _now() -> Spent:
    return time.perf_counter() * 1000, time.process_time() * 1000


def _since(began: Spent) -> Spent:
    now = _now()
    return now[0] - began[0], now[1] - began[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    given = parser.parse_args()
    sys.stdout.write(measure(given.records, given.sets).markdown())


if __name__ == "__main__":
    main()
