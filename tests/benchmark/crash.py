"""The crash test in its long form: `python -m tests.benchmark.crash --kills 333`, on both sets of parts.

Worker, server and station are killed so many times each, and executions of destruction lists as many times again.
`--only destruction` leaves the line out. Exit status 1 where anything was lost, done twice, or told without being true.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmark.report import Table
from tests.benchmark.sets import SETS, archive_settings
from tests.crash.disposal import run_disposal_test
from tests.crash.line import run_crash_test

KILLS = 50
BOTH = ("line", "destruction")


def measure(kills: int, seed: int, sets: Sequence[str] = SETS, only: Sequence[str] = BOTH) -> tuple[Table, list[str]]:
    """The table, and every fault that was found."""
    table = Table(
        title=f"Killed with SIGKILL at random moments (seed {seed})",
        head=("parts", "killed", "times", "work meanwhile", "faults", "minutes"),
    )
    faults: list[str] = []
    for name in sets:
        for what in only:
            row, found = (_line if what == "line" else _disposal)(name, kills, seed)
            table.rows.append((name, *row))
            faults += [f"{name}: {fault}" for fault in found]
            _progress(table.text())  # a long run that is cut short has said what it found
    return table, faults


def _line(name: str, kills: int, seed: int) -> tuple[tuple[str, ...], list[str]]:
    with tempfile.TemporaryDirectory(prefix="guidang-crash-") as directory, archive_settings(name, directory) as given:
        settings = given.model_copy(update={"workers": 2})
        outcome = run_crash_test(Path(directory), settings, kills=kills, seed=seed, say=_progress)
    times, work = (
        " · ".join(map(str, outcome.kills.values())),
        f"{outcome.documents} documents in {outcome.batches} batches",
    )
    return _row("worker · server · station", times, work, outcome.faults, outcome.seconds), outcome.faults


def _disposal(name: str, kills: int, seed: int) -> tuple[tuple[str, ...], list[str]]:
    with tempfile.TemporaryDirectory(prefix="guidang-crash-") as directory, archive_settings(name, directory) as given:
        outcome = run_disposal_test(Path(directory), given, kills=kills, seed=seed, say=_progress)
    work = f"{outcome.destroyed} records on {outcome.lists} lists"
    return _row("destruction", str(outcome.kills), work, outcome.faults, outcome.seconds), outcome.faults


def _row(killed: str, times: str, work: str, faults: Sequence[str], seconds: float) -> tuple[str, ...]:
    return killed, times, work, str(len(faults)), f"{seconds / 60:.1f}"


def _progress(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--only", nargs="+", choices=BOTH, default=BOTH)
    given = parser.parse_args()
    table, faults = measure(given.kills, given.seed, given.sets, given.only)
    sys.stdout.write(table.text() + "\n" + "".join(f"{fault}\n" for fault in faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
