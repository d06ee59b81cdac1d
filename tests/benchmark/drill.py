"""The drill of destruction in its long form: `python -m tests.benchmark.drill --documents 10000`, on both sets.

What `guidang drill destruction` does, with the files of the servers searched as well. Exit status 1 where something is
left.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from api.commands.drill_stage import Rehearsal, Result
from tests.benchmark.report import Table
from tests.benchmark.sets import SETS
from tests.servers import running_postgres, running_s3

DOCUMENTS = 1_000


def measure(documents: int = DOCUMENTS, sets: Sequence[str] = SETS) -> tuple[Table, list[str]]:
    """The table, and whatever was left."""
    table = Table(
        title=f"Destroying {documents:,} documents and searching for remains",
        head=("parts", "destroyed/s", "searched", "traces before", "traces after", "opened from the backup", "minutes"),
        note="Traces: neighbouring characters, numbers, pixels and wrapped keys, in files, rows and index terms of the "
        "archive, its logs and metrics, the servers' own files, the backup made before and what was restored of it.",
    )
    left: list[str] = []
    for name in sets:
        with tempfile.TemporaryDirectory(prefix="guidang-drill-") as directory:
            result = _rehearsed(name, Path(directory), documents)
        table.rows.append((name, *_figures(result)))
        left += [] if result.is_clean else [f"{name}: {result.after} {result.opened} {result.findings}"]
        _progress(table.text())
    return table, left


def _rehearsed(name: str, directory: Path, documents: int) -> Result:
    if name == SETS[0]:
        return Rehearsal(directory, database="", objects="", say=_progress).run(documents)
    with running_postgres(durable=True) as postgres, running_s3() as s3:
        database, bucket = postgres.url(postgres.create_database()), s3.url(f"t{secrets.token_hex(8)}")
        servers = [s3.data_dir]  # the database's are found by asking it
        return Rehearsal(directory, database=database, objects=bucket, say=_progress, servers=servers).run(documents)


def _figures(result: Result) -> tuple[str, ...]:
    before, after = (sum(count for kinds in found.values() for count in kinds.values())
                     for found in (result.before, result.after))  # fmt: skip
    seconds = result.seconds
    return (
        f"{len(result.planted) / seconds['destroying']:.1f}",
        f"{result.bytes_searched / 1e6:,.0f} MB",
        f"{before:,}",
        f"{after:,}",
        f"{result.opened:,}",
        f"{sum(seconds.values()) / 60:.1f}",
    )


def _progress(line: object) -> None:
    sys.stderr.write(f"  {line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    given = parser.parse_args()
    table, left = measure(given.documents, given.sets)
    sys.stdout.write(table.text() + "\n" + "".join(f"{each}\n" for each in left))
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
