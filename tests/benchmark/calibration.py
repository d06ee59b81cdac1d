"""Whether the confidence of fields means what it says: of those given 0.9, nine in ten are to be right."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.benchmark.report import Table
from tests.benchmark.scoring import Outcome, Score

EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)


@dataclass(frozen=True, kw_only=True)
class Band:
    """Fields whose confidence lies from `low` up to `high`: how many, what they promised on average, what was right."""

    low: float
    high: float
    fields: int
    promised: float
    right: float


def bands(scores: Iterable[Score], edges: Sequence[float] = EDGES) -> list[Band]:
    """Only fields with a value count; the last band includes its upper edge, empty bands are left out."""
    valued = [score for score in scores if score.value is not None]
    found = []
    for low, high in itertools.pairwise(edges):
        inside = [s for s in valued if low <= s.confidence < high or (high == edges[-1] == s.confidence)]
        if inside:
            promised = sum(score.confidence for score in inside) / len(inside)
            right = sum(score.outcome is Outcome.EXACT for score in inside) / len(inside)
            found.append(Band(low=low, high=high, fields=len(inside), promised=promised, right=right))
    return found


def expected_error(found: Sequence[Band]) -> float:
    """The mean gap between what was promised and what was right, weighted by fields (expected calibration error)."""
    fields = sum(band.fields for band in found)
    return sum(band.fields * abs(band.promised - band.right) for band in found) / fields if fields else 0.0


def table(scores: Iterable[Score]) -> Table:
    found = bands(scores)
    rows: list[tuple[str, ...]] = [
        (f"{band.low:.2f} to {band.high:.2f}", f"{band.fields:,}", f"{band.promised:.3f}", f"{band.right:.3f}")
        for band in found
    ]
    note = f"Mean gap between promised and right: {expected_error(found):.3f}."
    return Table("Confidence held against truth", ("confidence", "fields", "promised", "right"), rows, note)
