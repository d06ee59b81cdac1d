"""Fit the curve of `ocr/confidence.py`: `python -m tests.benchmark.fit_confidence [--pages 200] [--observations FILE]`.

Pages of every kind and noise are generated and read; each value that fails no check and has no check digit is one
observation: its evidence, and whether it is right. They are appended to the file, so that a run may be stopped and
taken up again. Prints the constants, and a table of how many were right of those given each confidence.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from intake.formats.inspection import Limits
from intake.reading import SecondLook, read_pages
from ocr import confidence
from ocr.confidence import Evidence
from ocr.extraction import drafts_of, reads_of
from ocr.paddle import PaddleEngine
from samples.generate import KINDS, generate
from tests.benchmark.scoring import normal
from tests.benchmark.volume import as_file

NOISES = (0.0, 0.3, 0.6, 1.0)
BINS = (0.0, 0.5, 0.8, 0.9, 0.95, confidence.SURE, 0.995, 1.0)


def observe(engine: PaddleEngine, number: int) -> Iterator[dict[str, Any]]:
    """The observations of one generated page, known by its number."""
    kinds = [kind for kind in KINDS if not kind.startswith("note")]
    kind, noise = kinds[number % len(kinds)], NOISES[number // len(kinds) % len(NOISES)]
    image, truth = generate(kind, 50_000 + number, noise)
    (upright,) = read_pages(as_file(image), engine, Limits())
    look = SecondLook(engine, lambda _: upright.image)
    for draft, wanted in zip(drafts_of([upright.reading]), truth["documents"], strict=False):
        if draft.kind.value != wanted["kind"]:
            continue
        for name, read in reads_of(draft, look, dt.date.today()).items():  # noqa: DTZ011 - the day of the run
            if name in wanted["fields"] and read.evidence is not None and not read.failures and not read.parsed.proven:
                right = normal(wanted["fields"][name] or "") == normal(read.parsed.value or "")
                yield vars(read.evidence) | {"page": number, "field": name, "right": right}


def fit(observations: Sequence[dict[str, Any]]) -> tuple[float, float, float]:
    """Intercept, slope and what many lines add: Newton's method on the log likelihood, held a little to zero."""
    evidence = [_evidence(o) for o in observations]
    x = np.array([[1.0, np.log(e.errors), float(e.is_long)] for e in evidence if e.expected_errors > 0])
    y = np.array([float(o["right"]) for o, e in zip(observations, evidence, strict=True) if e.expected_errors > 0])
    weights = np.zeros(3)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (y - chance) - 0.1 * weights
        weights += np.linalg.solve((x.T * (chance * (1 - chance))) @ x + 0.1 * np.eye(3), gradient)
    intercept, slope, long = (round(float(w), 3) for w in weights)
    return intercept, slope, long


def _evidence(observation: dict[str, Any]) -> Evidence:
    known = ("expected_errors", "lines", "height_px", "is_date")
    return Evidence(**{name: observation[name] for name in known if name in observation})


def table(observations: Sequence[dict[str, Any]]) -> str:
    """How many were right of those given each confidence, by the constants as they stand."""
    given = [(confidence.chance_right(_evidence(o)), bool(o["right"])) for o in observations]
    rows = []
    for low, high in zip(BINS, [*BINS[1:-1], 1.01], strict=False):
        rights = [right for chance, right in given if low <= chance < high]
        if rights:
            rows.append(f"{low:.3f} to {min(high, 1.0):.3f}  {sum(rights)} of {len(rights)} right")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description="Fit how likely a value is right.")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--observations", type=Path, default=Path("build/observations.jsonl"))
    chosen = parser.parse_args()
    chosen.observations.parent.mkdir(parents=True, exist_ok=True)
    known = _known(chosen.observations)
    with tempfile.TemporaryDirectory() as cache, chosen.observations.open("a", encoding="utf-8") as file:
        engine = PaddleEngine(Path(cache))
        for number in range(max((o["page"] + 1 for o in known), default=0), chosen.pages):
            for observation in observe(engine, number):
                file.write(json.dumps(observation, ensure_ascii=False) + "\n")
                known.append(observation)
            file.flush()
    intercept, slope, long = fit(known)
    sys.stdout.write(
        f"{len(known)} observations\nINTERCEPT, SLOPE, LONG = {intercept}, {slope}, {long}\n{table(known)}\n"
    )
    return 0


def _known(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


if __name__ == "__main__":
    sys.exit(main())
