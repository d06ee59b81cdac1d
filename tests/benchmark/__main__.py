"""`make bench`: run the measurements in turn, print one table after another, and write them to docs/benchmarks.md.

    python -m tests.benchmark                    all parts, in their short forms
    python -m tests.benchmark line audit         some parts; the others keep what stands in the page
    python -m tests.benchmark crash --kills 333  the long form of one part

Exit status 1 where the crash test found something lost or doubled, the drill something left, or a goal was missed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from storage.files import write_whole
from tests.benchmark import audit, crash, desk, drill, goals, idle, line, outside, pace, retention

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
PREFACE = """# Benchmarks

Written by `make bench` (`python -m tests.benchmark`); each part says when, how and on what it was measured. Recognition
is measured on pages, everything else with recognition stubbed.
"""

Measured = tuple[str, list[str]]
"""The Markdown of a part, and what was found wrong."""


def _line(given: argparse.Namespace) -> Measured:
    return "\n".join(table.markdown() for table in line.measure(given.documents)), []


def _idle(_given: argparse.Namespace) -> Measured:
    return idle.measure().markdown(), []


def _audit(given: argparse.Namespace) -> Measured:
    return audit.measure(given.entries).markdown(), []


def _crash(given: argparse.Namespace) -> Measured:
    table, faults = crash.measure(given.kills, given.seed)
    return table.markdown(), faults


def _drill(given: argparse.Namespace) -> Measured:
    table, left = drill.measure(given.planted)
    return table.markdown(), left


def _retention(given: argparse.Namespace) -> Measured:
    return retention.measure(given.records).markdown(), []


def _search(given: argparse.Namespace) -> Measured:
    return outside.measure("Search", [["tests.benchmark.search", "--documents", str(given.indexed)]])


def _desk(given: argparse.Namespace) -> Measured:
    with tempfile.TemporaryDirectory(prefix="guidang-desk-") as directory:
        return desk.measure(Path(directory), given.filled // 2, given.filled).markdown(), []


def _pace(given: argparse.Namespace) -> Measured:
    table, wrong = pace.measure(given.licences)
    return table.markdown(), wrong


def _reading(given: argparse.Namespace) -> Measured:
    """Has a page of its own, docs/reading.md."""
    measured, wrong = goals.measure(goals.Wanted(pages=given.pages), write=not given.no_page)
    return (
        measured if given.no_page else "Figures and how they are taken: [how good the reading is](reading.md).\n",
        wrong,
    )


PARTS: dict[str, Callable[[argparse.Namespace], Measured]] = {
    "line": _line,
    "idle": _idle,
    "audit": _audit,
    "retention": _retention,
    "search": _search,
    "desk": _desk,
    "pace": _pace,
    "reading": _reading,
    "crash": _crash,
    "drill": _drill,
}


def main() -> None:
    given = _arguments()
    sections = _sections_of(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    wrong: list[str] = []
    for part in given.parts or PARTS:
        sys.stderr.write(f"measuring: {part}\n")
        markdown, found = PARTS[part](given)
        wrong += found
        sections[part] = f"{_measured_on(part)}\n{markdown}"
        sys.stdout.write(f"{markdown}\n")
        sys.stdout.flush()
        if not given.no_page:  # after each part: a long one that is stopped loses only itself
            write_whole(PAGE, _page(sections).encode())
    sys.stdout.write("".join(f"WRONG: {each}\n" for each in wrong))
    sys.exit(1 if wrong else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="none: all")
    parser.add_argument("--documents", type=int, default=line.DOCUMENTS, help="through the line")
    parser.add_argument("--entries", type=int, default=audit.ENTRIES, help="in the audit log")
    parser.add_argument("--records", type=int, default=retention.RECORDS, help="of which some are due")
    parser.add_argument("--indexed", type=int, default=20_000, help="documents in the search index")
    parser.add_argument("--pages", type=int, default=goals.PAGES, help="generated, to measure reading on")
    parser.add_argument("--filled", type=int, default=4_000, help="documents behind the desk's pages")
    parser.add_argument("--licences", type=int, default=pace.RECORDS, help="settled by key presses")
    parser.add_argument("--kills", type=int, default=10, help="of each kind")
    parser.add_argument("--planted", type=int, default=100, help="documents of the drill of destruction")
    parser.add_argument("--seed", type=int, default=1, help="of the crash test")
    parser.add_argument("--no-page", action="store_true", help="print only; leave docs/benchmarks.md as it is")
    return parser.parse_args()


def _measured_on(part: str) -> str:
    """When, with what and on what, as a line of the page."""
    command = f"python -m tests.benchmark {' '.join([part, *_options()])}"
    day = dt.datetime.now(dt.UTC).date().isoformat()
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    machine = f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"
    load = os.getloadavg()[0]
    return f"<!-- part: {part} -->\n\n*{day}, `{command}`, {machine}, load {load:.1f} when it ended.*\n"


def _options() -> Sequence[str]:
    return [argument for argument in sys.argv[1:] if argument not in PARTS and argument != "--no-page"]


def _sections_of(page: str) -> dict[str, str]:
    """What stands in the page, by part, so that measuring one part leaves the others."""
    starts = list(re.finditer(r"<!-- part: (\w+) -->", page))
    ends = [*(match.start() for match in starts[1:]), len(page)]
    return {match[1]: page[match.start() : end].strip() + "\n" for match, end in zip(starts, ends, strict=True)}


def _page(sections: dict[str, str]) -> str:
    ordered = [sections[part].strip() + "\n" for part in PARTS if part in sections]
    return "\n".join([PREFACE, *ordered])


if __name__ == "__main__":
    main()
