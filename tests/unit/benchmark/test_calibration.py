from __future__ import annotations

import pytest

from tests.benchmark.calibration import bands, expected_error
from tests.benchmark.scoring import Outcome, Score


def score(confidence: float, outcome: Outcome = Outcome.EXACT, value: str | None = "x") -> Score:
    return Score(kind="k", field="n", outcome=outcome, state="sure", confidence=confidence, value=value)


def test_of_fields_given_nine_tenths_nine_in_ten_right_leaves_no_gap() -> None:
    (band,) = bands([score(0.9)] * 9 + [score(0.9, Outcome.NEAR)])

    assert (band.low, band.high, band.fields) == (0.9, 0.95, 10)
    assert expected_error([band]) == pytest.approx(0)


def test_the_gap_is_weighted_by_fields() -> None:
    found = bands([score(0.6, Outcome.WRONG)] * 3 + [score(1.0)])

    assert [band.right for band in found] == [0.0, 1.0]
    assert expected_error(found) == pytest.approx(0.75 * 0.6)


def test_what_was_not_read_promises_nothing() -> None:
    assert bands([score(0.0, Outcome.MISSED, None)]) == []
    assert expected_error([]) == 0.0
