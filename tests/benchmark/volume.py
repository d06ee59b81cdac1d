"""Measure reading on generated pages by the thousand: `python -m tests.benchmark.volume [--pages 1000] [--file FILE]`.

Page n is always the same page: its kind, its damage and its seed follow from n. Each page goes from the bytes of a file
to fields; what came out is appended to a file of JSON lines, one a page, so that a run that is stopped goes on where it
was. The file is named after the sources of reading and of the generator: another version starts another file.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from intake.formats.inspection import Limits
from intake.reading import read_file
from samples.generate import HARD, generate
from samples.generate.sheet import Pixels
from tests.benchmark import calibration, causes, reading
from tests.benchmark.figures import Part, faults, figures
from tests.benchmark.report import Table
from tests.benchmark.scoring import Outcome, Score
from tests.benchmark.truth import kinds_right, score_file

ROOT = Path(__file__).parents[2]
KINDS = {"licence": 10, "id": 6, "form": 4, "narrow_form": 1, "bank_permit": 1, "contract": 1}
"""Beginnings of the generator's kinds, each with its share of the pages."""
_SOURCES = ("ocr/**/*", "samples/generate/*", "intake/formats/*", "intake/reading.py", "records/readings.py")
NOISES: tuple[float | str, ...] = (0.0, 0.3, 0.6, 1.0, *HARD)
"""The dial, and each hard case alone."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What page n is."""

    number: int
    kind: str
    noise: float | str
    seed: int


def page(number: int) -> Drawn:
    rng = random.Random(f"volume {number}")
    (kind,) = rng.choices(list(KINDS), list(KINDS.values()))
    return Drawn(number=number, kind=kind, noise=NOISES[number % len(NOISES)], seed=number)


def version() -> str:
    """Of the sources that decide what is drawn and how it is read."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        found = sorted(path for path in ROOT.glob(pattern) if path.suffix in (".py", ".yaml", ".csv", ".json"))
        if not found:
            raise FileNotFoundError(f"{pattern}: the sources of reading stand elsewhere now")
        for path in found:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def default_file() -> Path:
    return ROOT / "build" / f"volume-{version()}.jsonl"


# --- reading one page, in a worker ---


def read_page(number: int) -> dict[str, Any]:
    """One line of the file: the page, what was read of each field against the truth, and what it cost."""
    drawn = page(number)
    image, truth = generate(drawn.kind, drawn.seed, drawn.noise)
    data = as_file(image)
    wall, cpu = time.perf_counter(), time.process_time()
    read = read_file(data, reading.engine(), Limits()).as_json(str(number))
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    return {
        "n": number,
        "kind": truth["note"].split(",")[0],
        "noise": drawn.noise,
        "damage": truth["quality"],
        "kinds_right": kinds_right(truth, read),
        "cpu_s": round(cpu_s, 3),
        "wall_s": round(wall_s, 3),
        "fields": [score.as_json() for score in score_file(truth, read)],
    }


def as_file(image: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image[:, :, ::-1]).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


# --- the run ---


def run(file: Path, numbers: Iterable[int], processes: int) -> None:
    """Read the pages the file does not have yet, and append them as they are done."""
    file.parent.mkdir(parents=True, exist_ok=True)
    done = {line["n"] for line in lines_of(file)}
    left = [number for number in numbers if number not in done]
    if not left:
        return
    mend(file)
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as cache,
        context.Pool(processes, initializer=reading.start, initargs=(Path(cache),)) as pool,
        file.open("a", encoding="utf-8") as out,
    ):
        for line in pool.imap_unordered(read_page, left):
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            out.flush()


def mend(file: Path) -> None:
    """Take off a last line that was cut off, so that the next one does not run on from it."""
    if file.exists():
        whole = file.read_bytes().rfind(b"\n") + 1
        with file.open("rb+") as opened:
            opened.truncate(whole)


def lines_of(file: Path) -> Iterator[dict[str, Any]]:
    """The pages in the file; a last line cut off by a kill is passed over, and its page read again."""
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)


# --- the report ---


def tables(lines: Sequence[dict[str, Any]]) -> list[Table]:
    scores = scores_of(lines)
    return [
        _summary(lines, scores),
        _fields(scores),
        _by("noise", lines),
        _by("kind", lines),
        calibration.table(scores),
        causes.table("Misses by cause", scores),
    ]


def _summary(lines: Sequence[dict[str, Any]], scores: Sequence[Score]) -> Table:
    """The goals of reading that volume can show."""
    found = figures(scores)
    rows: list[tuple[str, ...]] = [
        ("pages", f"{len(lines):,}"),
        ("kind right", str(Part(count=sum(line["kinds_right"] for line in lines), of=len(lines)))),
        ("fields exactly right", str(found.exact)),
        ("character error of long values", f"{found.character_error.share:.2%}"),
        ("codes and ID numbers sure and wrong, of those sure", faults(found.numbers_sure_and_wrong)),
        ("other fields sure and wrong", faults(found.others_sure_and_wrong)),
        ("right fields that are sure", str(found.right_and_sure)),
        ("printed but called absent", str(found.silently_missed)),
        ("CPU-s a page", f"{sum(line['cpu_s'] for line in lines) / max(len(lines), 1):.2f}"),
    ]
    return Table("Generated pages", ("what", "measured"), rows)


def _fields(scores: Sequence[Score]) -> Table:
    by_field: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        by_field[f"{score.kind}.{score.field}"].append(score)
    rows = [(name, *_counts(found)) for name, found in sorted(by_field.items())]
    return Table("By field", ("field", *_COUNTED), rows)


_COUNTED = ("printed", "exact", "near", "wrong", "missed", "invented", "sure and wrong", "right, doubtful")


def _counts(scores: Sequence[Score]) -> tuple[str, ...]:
    outcomes = Counter(score.outcome for score in scores)
    figures = (
        sum(score.wanted is not None for score in scores),
        *(outcomes[each] for each in (Outcome.EXACT, Outcome.NEAR, Outcome.WRONG, Outcome.MISSED, Outcome.INVENTED)),
        sum(score.wrong_but_sure for score in scores),
        sum(score.outcome is Outcome.EXACT and not score.sure for score in scores),
    )
    return tuple(f"{figure:,}" for figure in figures)


def _by(what: str, lines: Sequence[dict[str, Any]]) -> Table:
    """By `noise` or `kind` of the page."""
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        grouped[str(line[what])].append(line)
    head = (what, "pages", "kind right", "exact", "sure and wrong", "right that are sure", "CPU-s a page")
    return Table(f"By {what}", head, [(name, *_group(found)) for name, found in sorted(grouped.items())])


def _group(lines: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    scores = scores_of(lines)
    found = figures(scores)
    return (
        f"{len(lines):,}",
        f"{sum(line['kinds_right'] for line in lines) / len(lines):.1%}",
        f"{found.exact.share:.1%}",
        f"{sum(score.wrong_but_sure for score in scores):,}",
        f"{found.right_and_sure.share:.1%}",
        f"{sum(line['cpu_s'] for line in lines) / len(lines):.2f}",
    )


def scores_of(lines: Iterable[dict[str, Any]]) -> list[Score]:
    return [Score.from_json(field) for line in lines for field in line["fields"]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 where a code or an ID number was taken for certain and is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000, help="the first so many; those already read are kept")
    parser.add_argument("--first", type=int, default=0, help="number of the first page")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--file", type=Path, default=default_file())
    parser.add_argument("--report-only", action="store_true", help="read nothing; show what the file holds")
    chosen = parser.parse_args(arguments)
    if not chosen.report_only:
        run(chosen.file, range(chosen.first, chosen.first + chosen.pages), chosen.processes)
    lines = list(lines_of(chosen.file))
    for table in tables(lines):
        sys.stdout.write(table.text() + (table.note + "\n" if table.note else "") + "\n")
    return int(figures(scores_of(lines)).numbers_sure_and_wrong.count > 0)


if __name__ == "__main__":
    sys.exit(main())
