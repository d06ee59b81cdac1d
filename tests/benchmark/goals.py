"""`make bench reading`: take every figure of reading and write them into docs/reading.md, between its two marks.

    python -m tests.benchmark.goals [--pages 500] [--engine-pages 24] [--processes 2]

Each measurement is kept under build/ with the sources of reading and of the generator it was taken with, and is not
taken again while these stay as they are: a run that was stopped goes on, and `--pages` may grow. `--as-kept` takes
nothing that was taken once, whatever the sources are now; the page names the sources of each.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from storage.files import write_whole
from tests.benchmark import calibration, causes, engines, floor, reading, volume
from tests.benchmark.figures import Figures, faults, figures
from tests.benchmark.report import Table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reading.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
QUIET_CORES = 2
PAGES = 500
ENGINE_PAGES = 18


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    pages: int = PAGES
    engine_pages: int = ENGINE_PAGES
    processes: int = 2
    as_kept: bool = False
    volume: Path | None = None
    """A file of the volume run to take as it stands."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Taken:
    """All that was measured."""

    sets: list[dict[str, Any]]
    """Of `reading.measure`."""
    lines: list[dict[str, Any]]
    """Of the volume run."""
    spent: floor.Spent
    tallies: dict[str, dict[str, engines.Tally]]
    """By set, by engine."""
    sources: dict[str, str]
    """What each measurement was taken with."""


def take(given: Wanted) -> Taken:
    volume_file = given.volume or volume.default_file()
    if given.volume is None:
        volume.run(volume_file, range(given.pages), given.processes)
    sets = _kept("sets", lambda: _read_sets(given.processes), as_kept=given.as_kept)
    spent = _kept("floor", lambda: dataclasses.asdict(floor.measure(12, 0.0)), as_kept=given.as_kept)
    compared = _kept("engines", lambda: _compare(given.engine_pages), as_kept=given.as_kept)
    return Taken(
        sets=sets["measured"],
        lines=[line for line in volume.lines_of(volume_file) if line["n"] < given.pages],
        spent=floor.Spent(**spent["measured"]),
        tallies=_tallies(compared["measured"]),
        sources={
            "sets of files": sets["sources"], "generated pages": volume_file.stem.removeprefix("volume-"),
            "the floor": spent["sources"], "engines": compared["sources"],
        },
    )  # fmt: skip


def _kept(name: str, measure: Callable[[], Any], *, as_kept: bool) -> dict[str, Any]:
    """This measurement as it stands under build/, if its sources are those of now or need not be; else taken anew."""
    file = ROOT / "build" / f"reading-{name}.json"
    kept: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if not kept or (kept["sources"] != volume.version() and not as_kept):
        sys.stderr.write(f"measuring: {name}\n")
        kept = {"sources": volume.version(), "measured": measure()}
        file.parent.mkdir(exist_ok=True)
        write_whole(file, json.dumps(kept, ensure_ascii=False, indent=1).encode())
    return kept


def _directories() -> list[Path]:
    return [directory for directory in reading.DEFAULT_SETS if (directory / "truth.jsonl").is_file()]


def _read_sets(processes: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as cache:
        return [reading.measure(directory, processes, Path(cache)) for directory in _directories()]


def _compare(pages: int) -> dict[str, Any]:
    measured = engines.measure_sets(pages, _directories()[-1:])  # the real images where they are, else the samples
    return {name: {engine: vars(tally) for engine, tally in tallies.items()} for name, tallies in measured}


def _tallies(kept: dict[str, Any]) -> dict[str, dict[str, engines.Tally]]:
    return {name: {each: engines.Tally(**tally) for each, tally in of.items()} for name, of in kept.items()}


# --- the page ---


def tables(taken: Taken) -> list[Table]:
    scores = volume.scores_of(taken.lines)
    misses = [causes.listed(f"Every miss: {_name(each['set'])}", each["scores"]) for each in taken.sets]
    return [
        goals(taken),
        *volume.tables(taken.lines)[2:4],
        calibration.table([*scores]),
        causes.table("Misses by cause: generated pages", scores),
        *misses,
        *(engines.table(f"Engines on {_name(name)}", of) for name, of in taken.tallies.items()),
        taken.spent.table(),
    ]


def goals(taken: Taken) -> Table:
    head = ("what", "goal", *(_name(each["set"]) for each in taken.sets), f"{len(taken.lines):,} generated pages")
    found = [figures(reading.scores_of(each)) for each in taken.sets] + [figures(volume.scores_of(taken.lines))]
    made = Table("Goals and measurements", head)
    made.rows.extend((what, goal, *(show(each) for each in found)) for what, goal, show in _OF_FIELDS)
    made.rows.append(
        ("kind right", "", *(f"{s['kinds_right']} of {s['files']}" for s in taken.sets), _kinds(taken.lines))
    )
    made.rows += [*_speed(taken), *_against(taken)]
    return made


def _name(directory: str) -> str:
    return {"reading": "real images", engines.GENERATED: engines.GENERATED}.get(directory, f"`{directory}/`")


_OF_FIELDS: tuple[tuple[str, str, Callable[[Figures], str]], ...] = (
    ("fields exactly right after normalisation", "≥ 95 %", lambda found: str(found.exact)),
    ("character error of long values", "≤ 2 %", lambda found: f"{found.character_error.share:.2%}"),
    ("codes and ID numbers `sure` and wrong, of those `sure`", "0", lambda found: faults(found.numbers_sure_and_wrong)),
    ("other fields `sure` and wrong", "≤ 0.3 %", lambda found: faults(found.others_sure_and_wrong)),
    ("right fields that are `sure`", "≥ 85 %", lambda found: str(found.right_and_sure)),
    ("printed but called absent", "", lambda found: str(found.silently_missed)),
)


def _kinds(lines: Sequence[dict[str, Any]]) -> str:
    return f"{sum(line['kinds_right'] for line in lines):,} of {len(lines):,}"


def _speed(taken: Taken) -> list[tuple[str, ...]]:
    cpu_s = sum(line["cpu_s"] for line in taken.lines) / max(len(taken.lines), 1)
    each = [(s["cpu_s_a_page"], f"{s['pages_a_minute']} at load {s['load']}", s["peak_mib"]) for s in taken.sets]
    over = f"{taken.spent.whole_s / taken.spent.floor_s:.2f}×" if taken.spent.floor_s else ""
    none = [""] * len(taken.sets)
    return [
        ("CPU-s a page", "", *(f"{cpu:.2f}" for cpu, _, _ in each), f"{cpu_s:.2f}"),
        ("pages a minute, 2 processes, as measured", "≥ 60", *(rate for _, rate, _ in each), ""),
        ("pages a minute that two idle cores would make of the CPU-s", "≥ 60",
         *(f"{60 * QUIET_CORES / cpu:.0f}" for cpu, _, _ in each), f"{60 * QUIET_CORES / max(cpu_s, 1e-9):.0f}"),
        ("file to fields over the inference of the cheap models, clean pages", "≤ 1.6×", *none, over),
        ("peak memory of a worker", "≤ 1 GB", *(f"{peak} MiB" for _, _, peak in each), ""),
    ]  # fmt: skip


def _against(taken: Taken) -> list[tuple[str, ...]]:
    """Other engines: their CPU seconds and their character errors as multiples of ours, on the pages all have read."""
    compared = [taken.tallies.get(name, {}) for name in (*(each["set"] for each in taken.sets), engines.GENERATED)]
    wanted = (
        ("CPU-s of RapidOCR, times ours", "≥ 5", engines.RAPIDOCR, engines.Tally.cpu_times),
        ("character error of RapidOCR, times ours", "≥ 1", engines.RAPIDOCR, engines.Tally.error_times),
        ("character error of Tesseract chi_sim, times ours", "≥ 5", engines.TESSERACT, engines.Tally.error_times),
    )
    return [
        (what, goal, *(times(of[name], of[engines.OURS]) if name in of else "" for of in compared))
        for what, goal, name, times in wanted
    ]


def markdown(taken: Taken, command: str) -> str:
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    machine = f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"
    day = dt.datetime.now(dt.UTC).date().isoformat()
    head = f"*{day}, `{command}`, {machine}, load {os.getloadavg()[0]:.1f} when it ended.*\n"
    sources = "Sources of reading: " + ", ".join(f"{what} `{which}`" for what, which in taken.sources.items()) + ".\n"
    return "\n".join([head, sources, *(f"#{table.markdown()}" for table in tables(taken))])


def put(page: str, measured: str) -> str:
    """The page with what stands between its marks replaced.

    Raises:
        ValueError: the page has lost its marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no marks for the measurements")
    return f"{before}{BEGIN}\n\n{measured}\n{END}{after}"


def measure(given: Wanted, *, write: bool = True) -> tuple[str, list[str]]:
    """Take what is missing and write the page; gives what stands there now, and what is wrong."""
    taken = take(given)
    command = f"python -m tests.benchmark.goals --pages {given.pages} --engine-pages {given.engine_pages}"
    command += " --as-kept" * given.as_kept + (f" --volume {given.volume.name}" if given.volume else "")
    measured = markdown(taken, command)
    if write:
        write_whole(PAGE, put(PAGE.read_text("utf-8"), measured).encode())
    every = [score for each in taken.sets for score in reading.scores_of(each)]
    wrong = figures([*every, *volume.scores_of(taken.lines)]).numbers_sure_and_wrong
    return measured, [f"codes or ID numbers sure and wrong: {wrong}"] if wrong.count else []


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 where a code or an ID number was taken for certain and is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=PAGES, help="generated, of the volume run")
    parser.add_argument("--engine-pages", type=int, default=ENGINE_PAGES, help="generated, to compare engines on")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--as-kept", action="store_true", help="take nothing anew that was taken once")
    parser.add_argument("--volume", type=Path, help="take this file of a volume run as it stands")
    parser.add_argument("--no-page", action="store_true", help="print only; leave docs/reading.md as it is")
    chosen = vars(parser.parse_args(arguments))
    write = not chosen.pop("no_page")
    measured, wrong = measure(Wanted(**chosen), write=write)
    sys.stdout.write(measured + "".join(f"WRONG: {each}\n" for each in wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
