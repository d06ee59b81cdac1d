"""The crash test in its long form: `python -m tests.benchmark.crash --kills 333`, on both sets of parts.

Worker, server and station are killed so many times each, and executions of destruction lists as many times again.
Exit status 1 where anything was lost or done twice.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmark.report import Table
from tests.benchmark.sets import SETS, archive_settings
from tests.crash.disposal import DisposalOutcome, run_disposal_test
from tests.crash.line import Outcome, run_crash_test

KILLS = 50


def measure(kills: int, seed: int, sets: Sequence[str] = SETS) -> tuple[Table, list[str]]:
    """The table, and every fault that was found."""
    table = Table(
        title=f"Killed with SIGKILL at random moments (seed {seed})",
        head=("parts", "killed", "times", "work meanwhile", "faults", "minutes"),
    )
    faults: list[str] = []
    for name in sets:
        line = _line(name, kills, seed)
        disposal = _disposal(name, kills, seed)
        table.rows.append(
            (
                name,
                "worker · server · station",
                " · ".join(str(count) for count in line.kills.values()),
                f"{line.documents} documents in {line.batches} batches",
                str(len(line.faults)),
                f"{line.seconds / 60:.1f}",
            )
        )
        table.rows.append(
            (
                name,
                "destruction",
                str(disposal.kills),
                f"{disposal.destroyed} records on {disposal.lists} lists",
                str(len(disposal.faults)),
                f"{disposal.seconds / 60:.1f}",
            )
        )
        faults += [f"{name}: {fault}" for fault in line.faults + disposal.faults]
        _progress(table.text())  # a long run that is cut short has said what it found
    return table, faults


def _line(name: str, kills: int, seed: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="guidang-crash-") as directory, archive_settings(name, directory) as given:
        settings = given.model_copy(update={"workers": 2})
        return run_crash_test(Path(directory), settings, kills=kills, seed=seed, say=_progress)


def _disposal(name: str, kills: int, seed: int) -> DisposalOutcome:
    with tempfile.TemporaryDirectory(prefix="guidang-crash-") as directory, archive_settings(name, directory) as given:
        return run_disposal_test(Path(directory), given, kills=kills, seed=seed, say=_progress)


def _progress(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    given = parser.parse_args()
    table, faults = measure(given.kills, given.seed, given.sets)
    sys.stdout.write(table.text() + "\n" + "".join(f"{fault}\n" for fault in faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
