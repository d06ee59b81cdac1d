"""How fast the audit log is written and verified: `python -m tests.benchmark.audit --entries 100000`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from intake.archive import Archive
from records import audit, chain
from records.ids import new_id, utc_now
from records.models import AuditEntry, AuditHead
from tests.archives import actor, open_bench
from tests.benchmark.report import Table
from tests.benchmark.sets import SETS, archive_settings

ENTRIES = 100_000
WRITTEN = 2_000
"""Entries that are written one by one through `audit.record`; the others are put in as it would have written them."""


def measure(entries: int = ENTRIES, sets: Sequence[str] = SETS) -> Table:
    table = Table(
        title=f"Audit log of {entries:,} entries",
        head=("parts", "recorded/s", "verified/s: chain", "verified/s: chain, columns and head"),
        note="Recorded one by one in one transaction. Verified: hashes alone, and all of `audit verify`.",
    )
    for name in sets:
        with tempfile.TemporaryDirectory(prefix="guidang-audit-") as directory:
            table.rows.append((name, *_measure(name, directory, entries)))
    return table


def _measure(name: str, directory: str, entries: int) -> tuple[str, str, str]:
    with archive_settings(name, directory) as settings:
        archive = open_bench(settings).archive
        try:
            recorded = _record(archive, WRITTEN)
            _fill(archive, entries)
            with archive.reading() as session:
                chain_rate = _rate(session, lambda: chain.verify(audit.links(session)))
                whole_rate = _rate(session, lambda: audit.verify(session))
        finally:
            archive.close()
    return f"{recorded:,.0f}", f"{chain_rate:,.0f}", f"{whole_rate:,.0f}"


def _record(archive: Archive, count: int) -> float:
    """Entries a second through the function that everything uses."""
    began = time.perf_counter()
    with archive.transaction() as session:
        for _ in range(count):
            audit.record(session, actor("somebody"), "document.read", f"document:{new_id()}", pages=1)
    return count / (time.perf_counter() - began)


def _fill(archive: Archive, entries: int) -> None:
    """Make the chain so long, as `audit.record` would have."""
    with archive.transaction() as session:
        (last, previous), rows = audit.end(session), []
        for seq in range(last + 1, entries + 1):
            at, subject, details = utc_now(), f"document:{new_id()}", {"pages": 1}
            said = {"seq": seq, "at": at.isoformat(), "actor": "system", "action": "document.read"}
            entry = chain.canonical(said | {"object": subject, "details": details})
            digest = chain.link_hash(previous, entry)
            rows.append({"seq": seq, "at": at, "actor": "system", "action": "document.read", "object": subject,
                         "entry": entry, "previous_hash": previous, "hash": digest})  # fmt: skip
            previous = digest
        session.execute(insert(AuditEntry), rows)
        session.execute(update(AuditHead).values(seq=seq, hash=previous))


def _rate(session: Session, verify: Callable[[], tuple[int, str]]) -> float:
    """Entries a second, the better of two runs: the first warms the database's cache."""
    best = 0.0
    for _ in range(2):
        began = time.perf_counter()
        seq, _hash = verify()
        best = max(best, seq / (time.perf_counter() - began))
        session.rollback()
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    given = parser.parse_args()
    sys.stdout.write(measure(given.entries, given.sets).text())


if __name__ == "__main__":
    main()
