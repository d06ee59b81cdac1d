"""The figures that reading is held to, from the scores of any set of pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.benchmark.scoring import Outcome, Score

NUMBERS = frozenset({"unified_social_credit_code", "id_number", "统一社会信用代码", "身份证号码"})
"""Fields by which a document joins a customer: none may be taken for certain and be wrong."""
NO_FAULT_BOUND = 3.0
"""No fault in n trials: with 95 % confidence fewer than 3 / n (the rule of three)."""


@dataclass(frozen=True, kw_only=True)
class Part:
    count: int
    of: int

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.count:,} of {self.of:,} ({self.share:.2%})" if self.of else "none"


@dataclass(frozen=True, kw_only=True)
class Figures:
    exact: Part
    """Of the values printed."""
    character_error: Part
    """Of long values."""
    numbers_sure_and_wrong: Part
    """Credit codes and ID numbers, of those that came back sure."""
    others_sure_and_wrong: Part
    """Of all other fields scored."""
    right_and_sure: Part
    silently_missed: Part
    """Printed but called absent, so that nobody is asked to look."""


def figures(scores: Iterable[Score]) -> Figures:
    every = list(scores)
    printed = [score for score in every if score.wanted is not None]
    right = [score for score in printed if score.outcome is Outcome.EXACT]
    numbers = [score for score in every if score.field in NUMBERS and score.sure]
    others = [score for score in every if score.field not in NUMBERS]
    return Figures(
        exact=Part(count=len(right), of=len(printed)),
        character_error=Part(count=sum(s.errors for s in every), of=sum(s.characters for s in every)),
        numbers_sure_and_wrong=_wrong(numbers),
        others_sure_and_wrong=_wrong(others),
        right_and_sure=Part(count=sum(score.sure for score in right), of=len(right)),
        silently_missed=Part(count=sum(score.silently_missed for score in printed), of=len(printed)),
    )


def _wrong(scores: Sequence[Score]) -> Part:
    return Part(count=sum(score.wrong_but_sure for score in scores), of=len(scores))


def faults(part: Part) -> str:
    """Where none is wrong, what that many trials without a fault allow to be said."""
    if part.count or not part.of:
        return str(part)
    return f"0 of {part.of:,} (fewer than {NO_FAULT_BOUND / part.of:.3%} with 95 % confidence)"
