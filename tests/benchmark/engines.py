"""Other engines on the same pages, in one run: `python -m tests.benchmark.engines [--generated 30] [--directory DIR]`.

Each engine is a process of its own that is sent one page after another; for each page the engines take turns, so that
whatever else the machine does hits all of them. Ours gives fields, the others text; what is compared is whether the
printed values stand in the text. RapidOCR comes from an environment of its own (`--rapidocr-python`), with the models
of its wheel and no network; Tesseract is Debian's `tesseract-ocr` with `tesseract-ocr-chi-sim`. One that is not there
is named and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import cv2

from intake.formats.inspection import Limits
from intake.reading import read_path
from samples.generate import generate
from tests.benchmark import reading, truth, volume
from tests.benchmark.report import Table
from tests.benchmark.scoring import normal

ROOT = Path(__file__).parents[2]
RAPIDOCR_PYTHON = ROOT / "build" / "rapidocr" / "bin" / "python"
GENERATED = "generated pages"
OURS, RAPIDOCR, TESSERACT = "Guidang", "RapidOCR", "Tesseract chi_sim"
SHORT = 20
"""Characters. A longer value may wrap over lines, which engines give in orders of their own."""
LEAST_COVER = 3
"""Characters in a row that count as read, of a long value."""
_IMAGES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, kw_only=True)
class Page:
    path: Path
    values: tuple[str, ...]
    """What is printed and is a field, normalised."""


@dataclass(kw_only=True)
class Tally:
    """Of one engine over all pages."""

    pages: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    found: int = 0
    values: int = 0
    errors: int = 0
    characters: int = 0

    def add(self, answer: dict[str, Any], page: Page) -> None:
        text = _joined(answer["text"])
        for value in page.values:
            wrong = missing(value, text, answer["text"])
            self.found += wrong == 0
            self.values += 1
            self.errors += wrong
            self.characters += len(value)
        self.pages += 1
        self.cpu_s += answer["cpu_s"]
        self.wall_s += answer["wall_s"]

    def cpu_times(self, other: Tally) -> str:
        """CPU seconds a page as a multiple of the other's."""
        return f"{self.cpu_s * other.pages / (other.cpu_s * self.pages):.2f}"

    def error_times(self, other: Tally) -> str:
        """Character error as a multiple of the other's; nothing to multiply where the other has none."""
        return f"{self.errors * other.characters / (other.errors * self.characters):.2f}" if other.errors else ""


def _joined(text: str) -> str:
    return normal(text.replace("\n", ""))


def missing(value: str, joined: str, text: str) -> int:
    """Characters of a normalised value that the text has not.

    A short value is sought as a whole anywhere in the text. Of a long one the stretches that stand in some line are
    counted, so that an engine that reads columns across is not blamed for the order of its lines.
    """
    if value in joined:
        return 0
    if len(value) <= SHORT:
        return _nearest(value, joined)
    covered = [False] * len(value)
    for line in text.splitlines():
        matcher = SequenceMatcher(None, value, normal(line), autojunk=False)
        for block in matcher.get_matching_blocks():
            if block.size >= LEAST_COVER:
                covered[block.a : block.a + block.size] = [True] * block.size
    return covered.count(False)


def _nearest(value: str, text: str) -> int:
    """The least edit distance of the value to any stretch of the text, at most its length."""
    row = [0] * (len(text) + 1)
    for i, wanted in enumerate(value, 1):
        diagonal, row[0] = row[0], i
        for j, found in enumerate(text, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (wanted != found))
    return min(*row, len(value))


# --- pages ---


def generated_pages(count: int, folder: Path) -> Iterator[Page]:
    """The first pages of the volume run, as files."""
    for number in range(count):
        drawn = volume.page(number)
        image, line = generate(drawn.kind, drawn.seed, drawn.noise)
        path = folder / f"{number}.jpg"
        path.write_bytes(volume.as_file(image))
        yield Page(path=path, values=_values(line, frozenset()))


def pages_of(directory: Path) -> Iterator[Page]:
    """The single images of a directory with its truth; what only this reader opens is left out."""
    for line in truth.load(directory):
        path = directory / line["file"]
        if path.suffix in _IMAGES and cv2.imread(str(path)) is not None:
            yield Page(path=path, values=_values(line, frozenset(line.get("partial", []))))


def _values(line: dict[str, Any], skip: frozenset[str]) -> tuple[str, ...]:
    fields = [item for document in line["documents"] for item in document["fields"].items()]
    return tuple(normal(value) for name, value in fields if value and "?" not in value and name not in skip)


# --- engines: each answers a path with {"text", "cpu_s", "wall_s"} ---

Engine = Callable[[Path], dict[str, Any]]


def start(names: Sequence[str], stack: ExitStack, rapidocr_python: Path) -> dict[str, Engine]:
    """Those that are there."""
    found: dict[str, Engine] = {}
    if OURS in names:
        found[OURS] = _child(stack, [sys.executable, "-m", "tests.benchmark.engines", "--serve"])
    if RAPIDOCR in names and rapidocr_python.exists():
        found[RAPIDOCR] = _child(stack, [str(rapidocr_python), str(Path(__file__).with_name("rapidocr_child.py"))])
    if TESSERACT in names and shutil.which("tesseract"):
        found[TESSERACT] = _tesseract
    return found


def _child(stack: ExitStack, command: Sequence[str]) -> Engine:
    offline = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | offline, text=True
    )
    stack.callback(child.wait)
    stack.callback(child.kill)
    assert child.stdin is not None
    assert child.stdout is not None
    sent, answers = child.stdin, child.stdout

    def ask(path: Path) -> dict[str, Any]:
        sent.write(f"{path}\n")
        sent.flush()
        answer = answers.readline()
        if not answer:
            raise ChildProcessError(f"{command[0]} ended with status {child.wait()}")
        return dict(json.loads(answer))

    return ask


def _tesseract(path: Path) -> dict[str, Any]:
    """The command as it comes; loading its model, a small part, is in its time."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = ["tesseract", str(path), "-", "-l", "chi_sim"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"text": done.stdout, "cpu_s": cpu_s, "wall_s": time.perf_counter() - started}


def serve() -> None:
    """Ours, as a child: the whole way from the file to fields, as a worker goes it."""
    with tempfile.TemporaryDirectory() as cache:
        reading.start(Path(cache))
        for line in sys.stdin:
            started, cpu = time.perf_counter(), time.process_time()
            read = read_path(Path(line.strip()), reading.engine(), Limits())
            answer = {
                "text": "\n".join(document.text for document in read.documents),
                "cpu_s": time.process_time() - cpu,
                "wall_s": time.perf_counter() - started,
            }
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()


# --- the run ---


def measure(pages: Sequence[Page], engines: dict[str, Engine]) -> dict[str, Tally]:
    """Each page by each engine; which one begins changes with every page. The first page is read once before."""
    tallies = {name: Tally() for name in engines}
    order = list(engines)
    for name in order:
        engines[name](pages[0].path)
    for page in pages:
        for name in order:
            tallies[name].add(engines[name](page.path), page)
        order = [*order[1:], order[0]]
    return tallies


def measure_sets(
    generated: int, directories: Sequence[Path], rapidocr_python: Path = RAPIDOCR_PYTHON
) -> Iterator[tuple[str, dict[str, Tally]]]:
    """Each set by its name as it is done: the generated pages, if any are wanted, then the directories."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engines = start((OURS, RAPIDOCR, TESSERACT), stack, rapidocr_python)
        for name in {OURS, RAPIDOCR, TESSERACT} - set(engines):
            sys.stderr.write(f"NOT MEASURED: {name} is not installed\n")
        sets = {GENERATED: list(generated_pages(generated, folder))} if generated else {}
        sets |= {directory.name: list(pages_of(directory)) for directory in directories}
        for name, pages in sets.items():
            yield name, measure(pages, engines)


def table(title: str, tallies: dict[str, Tally]) -> Table:
    head = (
        "engine", "pages", "CPU-s a page", "times ours", "wall s a page", "values found", "character error",
        "times ours",
    )  # fmt: skip
    ours = tallies.get(OURS)
    found = Table(title, head)
    for name, tally in tallies.items():
        error, cpu_s = tally.errors / max(tally.characters, 1), tally.cpu_s / tally.pages
        share = f"{tally.found} of {tally.values} ({tally.found / max(tally.values, 1):.1%})"
        of_cpu, of_error = (tally.cpu_times(ours), tally.error_times(ours)) if ours else ("", "")
        wall_s = tally.wall_s / tally.pages
        found.rows.append(
            (name, f"{tally.pages}", f"{cpu_s:.2f}", of_cpu, f"{wall_s:.2f}", share, f"{error:.2%}", of_error)
        )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generated", type=int, default=36, help="pages of the volume run")
    parser.add_argument(
        "--directory", type=Path, action="append", default=[], help="with truth.jsonl, once for each; e.g. samples"
    )
    parser.add_argument("--rapidocr-python", type=Path, default=RAPIDOCR_PYTHON)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.serve:
        serve()
        return 0
    for name, tallies in measure_sets(chosen.generated, chosen.directory, chosen.rapidocr_python):
        sys.stdout.write(table(f"Engines on {name}", tallies).text() + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
