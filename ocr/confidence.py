"""How likely a value is right that nothing but recognition vouches for.

A logistic curve over the characters one may expect to be wrong, fitted on generated pages by
`python -m tests.benchmark.fit_confidence`; whether 0.9 means nine in ten is measured in docs/reading.md. Values of many
lines have more places to go wrong that recognition does not see, such as a line lost. Print of a few pixels fools two
models alike, so that their agreement says little there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

INTERCEPT, SLOPE, LONG = 0.408, -1.529, -0.733
LONG_LINES = 3
SMALL_PRINT_PX = 11.0
"""Lines whose box is lower hold characters of eight pixels and less."""
SMALL_PRINT_ERRORS = 0.3
"""What is expected of them at least."""
SMALL_DATE_ERRORS = 0.14
"""The same of dates that stand their checks: in print of seven to eleven pixels all 60 with fewer were right."""
LEAST_ERRORS = 0.002
SURE = 0.965
"""A value at least this likely is not shown to a person: on the pages it was fitted on, 1,118 of 1,121 were right."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`expected_errors` in characters, over `lines` lines, the lowest of which is `height_px` high."""

    expected_errors: float
    lines: int
    height_px: float
    is_date: bool = False

    @property
    def errors(self) -> float:
        small = self.height_px < SMALL_PRINT_PX and self.expected_errors > 0  # the text of a PDF has no size in pixels
        least = SMALL_DATE_ERRORS if self.is_date else SMALL_PRINT_ERRORS
        return max(self.expected_errors, LEAST_ERRORS, least if small else 0.0)

    @property
    def is_long(self) -> bool:
        return self.lines >= LONG_LINES


def chance_right(evidence: Evidence) -> float:
    """0–1."""
    if evidence.expected_errors == 0:
        return 1.0
    return 1 / (1 + math.exp(-(INTERCEPT + SLOPE * math.log(evidence.errors) + LONG * evidence.is_long)))
