"""Measure reading: `python -m tests.benchmark.reading [DIRECTORY …] [--processes 2] [--json FILE]`.

A directory holds files and `truth.jsonl` (as `samples/` does). Each file goes the whole way from bytes to fields, in
processes that have read one page before the clock starts. Without a directory: `samples/`, and the real images beside
the checkout where they exist. What is written tells no values; files that are not the project's own have numbers, as
they come in `truth.jsonl`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intake.formats.inspection import Limits
from intake.reading import read_path
from ocr.paddle import PaddleEngine
from tests.benchmark.causes import cause_of
from tests.benchmark.figures import figures
from tests.benchmark.scoring import Outcome, Score
from tests.benchmark.truth import kinds_right, load, score_file

ROOT = Path(__file__).parents[2]
DEFAULT_SETS = (ROOT / "samples", ROOT.parent / "shared" / "reading")
WARM_UP = ROOT / "samples" / "licence-landscape.jpg"

_engine: PaddleEngine


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One file read in a worker. `peak_mib` is the worker's own so far."""

    file: str
    reading: dict[str, Any]
    cpu_s: float
    wall_s: float
    peak_mib: float


def read_all(paths: Sequence[Path], processes: int, cache_dir: Path) -> tuple[list[Measured], float]:
    """Read every file; gives the readings in order and the wall seconds they took together."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=start, initargs=(cache_dir,)) as pool:
        pool.map(_warm_up, range(processes * 2), chunksize=1)
        started = time.perf_counter()
        measured = pool.map(_measure, paths, chunksize=1)
        wall_s = time.perf_counter() - started
    return measured, wall_s


def start(cache_dir: Path) -> None:
    global _engine
    _engine = PaddleEngine(cache_dir)
    _warm_up(0)


def engine() -> PaddleEngine:
    """This process's own, warmed up by `start`."""
    return _engine


def _warm_up(_: int) -> None:
    """A whole page: models, templates and tables of numbers are loaded when they are first needed."""
    read_path(WARM_UP, _engine, Limits())


def _measure(path: Path) -> Measured:
    wall, cpu = time.perf_counter(), time.process_time()
    reading = read_path(path, _engine, Limits()).as_json(path.name)
    return Measured(
        file=path.name,
        reading=reading,
        cpu_s=time.process_time() - cpu,
        wall_s=time.perf_counter() - wall,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def measure(directory: Path, processes: int, cache_dir: Path) -> dict[str, Any]:
    """`scores` has every field: its file's number or name, outcome, state, confidence and cause; values are masked."""
    truths = load(directory)
    measured, wall_s = read_all([directory / truth["file"] for truth in truths], processes, cache_dir)
    scores: list[dict[str, Any]] = []
    for number, (truth, one) in enumerate(zip(truths, measured, strict=True), 1):
        name = truth["file"] if directory.resolve().is_relative_to(ROOT) else f"file {number}"
        scores += [{"file": name} | _masked(score) for score in score_file(truth, one.reading)]
    pages = sum(one.reading["pages"] for one in measured)
    return {
        "set": directory.name,
        "files": len(truths),
        "pages": pages,
        "processes": processes,
        "load": round(os.getloadavg()[0], 1),
        "pages_a_minute": round(60 * pages / wall_s, 1),
        "cpu_s_a_page": round(sum(one.cpu_s for one in measured) / pages, 3),
        "slowest_file_s": round(max(one.wall_s for one in measured), 2),
        "peak_mib": round(max(one.peak_mib for one in measured)),
        "kinds_right": sum(kinds_right(truth, one.reading) for truth, one in zip(truths, measured, strict=True)),
        "scores": scores,
    }


def _masked(score: Score) -> dict[str, Any]:
    cause = cause_of(score)
    values = {
        name: None if value is None else "…" for name, value in (("wanted", score.wanted), ("value", score.value))
    }
    return score.as_json() | values | {"cause": None if cause is None else cause.value}


def scores_of(result: dict[str, Any]) -> list[Score]:
    """With masked values, which is all that figures need."""
    names = {each.name for each in dataclasses.fields(Score)}
    return [Score.from_json({name: value for name, value in s.items() if name in names}) for s in result["scores"]]


def summary(scores: Iterable[Score]) -> dict[str, Any]:
    scores = list(scores)
    counts = {outcome.value: sum(1 for s in scores if s.outcome is outcome) for outcome in Outcome}
    found = figures(scores)
    return counts | {
        "fields": found.exact.of,
        "wrong_but_sure": sum(1 for s in scores if s.wrong_but_sure),
        "exact_but_doubtful": found.right_and_sure.of - found.right_and_sure.count,
        "character_error": round(found.character_error.share, 4) if found.character_error.of else None,
    }


def table(result: dict[str, Any]) -> str:
    """The result for reading by eye: the run, then a row for each field, then each miss."""
    head = (
        f"\n{result['set']}: {result['files']} files, {result['pages']} pages, {result['processes']} processes\n"
        f"  {result['pages_a_minute']} pages a minute at load {result['load']}, {result['cpu_s_a_page']} CPU-s a page, "
        f"slowest file {result['slowest_file_s']} s, peak {result['peak_mib']} MiB a process\n"
        f"  kind right: {result['kinds_right']} of {result['files']} files\n"
        f"  {'exact':>7}{'near':>6}{'wrong':>7}{'missed':>8}{'invented':>10}{'wrong+sure':>12}{'right+doubt':>13}"
        f"{'char. error':>13}\n"
    )
    by_field: dict[str, list[Score]] = defaultdict(list)
    for score in scores_of(result):
        by_field["ALL"].append(score)
        by_field[f"{score.kind}.{score.field}"].append(score)
    misses = [f"  {s['file']}: {s['field']} {s['state']}, {s['cause']}" for s in result["scores"] if s["cause"]]
    return head + "\n".join([*(_row(name, summary(of)) for name, of in sorted(by_field.items())), *misses]) + "\n"


def _row(name: str, counts: dict[str, Any]) -> str:
    error = "" if counts["character_error"] is None else f"{counts['character_error']:.2%}"
    of = f"{counts['exact']}/{counts['fields']}"
    return (
        f"  {of:>7}{counts['near']:>6}{counts['wrong']:>7}{counts['missed']:>8}{counts['invented']:>10}"
        f"{counts['wrong_but_sure']:>12}{counts['exact_but_doubtful']:>13}{error:>13}  {name}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the speed and the accuracy of reading.")
    parser.add_argument("directories", nargs="*", type=Path, help="with truth.jsonl; e.g. samples")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write all figures there as well")
    chosen = parser.parse_args(arguments)
    results = []
    with tempfile.TemporaryDirectory() as cache:
        for directory in chosen.directories or DEFAULT_SETS:
            if not (directory / "truth.jsonl").is_file():
                sys.stderr.write(f"NOT MEASURED: {directory.name} has no truth.jsonl here\n")
                continue
            results.append(measure(directory, chosen.processes, Path(cache)))
            sys.stdout.write(table(results[-1]))
    if chosen.json:
        chosen.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), "utf-8")
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main())
