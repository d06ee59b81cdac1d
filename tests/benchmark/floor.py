"""How much of reading is inference: `python -m tests.benchmark.floor [--pages 12] [--noise 0]`.

The floor is the inference of the cheap models alone, detection and quick recognition, in CPU seconds, as it is spent
while the same pages are read from file to fields. Everything else is held against it: the better model, orientation,
and what surrounds the models.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime  # type: ignore[import-untyped]

from intake.formats.inspection import Limits
from intake.reading import read_file
from ocr.models import BETTER_RECOGNITION, DETECTION, ORIENTATION, QUICK_RECOGNITION
from samples.generate import generate
from tests.benchmark import reading, volume
from tests.benchmark.report import Table

CHEAP = (DETECTION, QUICK_RECOGNITION)
ISSUE_DATES = "ocr"
"""The model of our own stands beside its code."""


@contextmanager
def inference_cpu() -> Iterator[dict[str, float]]:
    """CPU seconds spent within ONNX Runtime, by the directory each model stands in, as they add up."""
    spent: dict[str, float] = defaultdict(float)
    run: Callable[..., Any] = onnxruntime.InferenceSession.run

    def timed(session: Any, *given: Any, **named: Any) -> Any:
        started = time.process_time()
        try:
            return run(session, *given, **named)
        finally:
            spent[Path(session._model_path).parent.name] += time.process_time() - started

    onnxruntime.InferenceSession.run = timed
    try:
        yield spent
    finally:
        onnxruntime.InferenceSession.run = run


def measure(pages: int, noise: float | str) -> Spent:
    files = [volume.as_file(generate(drawn.kind, drawn.seed, noise)[0]) for drawn in map(volume.page, range(pages))]
    with tempfile.TemporaryDirectory() as cache:
        reading.start(Path(cache))
        with inference_cpu() as spent:
            started = time.process_time()
            for data in files:
                read_file(data, reading.engine(), Limits())
            whole_s = time.process_time() - started
    return Spent(pages=pages, noise=noise, whole_s=whole_s, by_model_s=dict(spent))


@dataclass(frozen=True, kw_only=True)
class Spent:
    """CPU seconds over all pages."""

    pages: int
    noise: float | str
    whole_s: float
    by_model_s: dict[str, float]

    @property
    def floor_s(self) -> float:
        return sum(self.by_model_s.get(name, 0.0) for name in CHEAP)

    def table(self) -> Table:
        ours = (BETTER_RECOGNITION, ORIENTATION, ISSUE_DATES)
        better_s, turned_s, dates_s = others_s = [self.by_model_s.get(name, 0.0) for name in ours]
        parts = (
            ("the floor: detection and quick recognition", self.floor_s),
            ("orientation", turned_s),
            ("better recognition of doubtful lines", better_s),
            ("the day of issue", dates_s),
            ("all else: opening, cutting lines, fields, marks", self.whole_s - self.floor_s - sum(others_s)),
            ("file in to fields out", self.whole_s),
        )
        title = f"Over the floor: {self.pages} generated pages, noise {self.noise}"
        found = Table(title, ("part", "CPU-s a page", "of the floor"))
        found.rows.extend((name, f"{s / self.pages:.3f}", f"{s / self.floor_s:.2f}") for name, s in parts)
        return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--noise", type=float, default=0.0)
    chosen = parser.parse_args(arguments)
    sys.stdout.write(measure(chosen.pages, chosen.noise).table().text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
