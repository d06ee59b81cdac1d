from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.confidence import SURE, Evidence, chance_right
from tests.benchmark.fit_confidence import fit

ERRORS = st.floats(0, 50)


def _evidence(expected_errors: float, lines: int = 1, height_px: float = 30.0) -> Evidence:
    return Evidence(expected_errors=expected_errors, lines=lines, height_px=height_px)


@given(ERRORS, ERRORS, st.integers(1, 20), st.floats(5, 60))
def test_more_expected_errors_never_make_a_value_likelier(a: float, b: float, lines: int, height_px: float) -> None:
    fewer, more = sorted((a, b))

    assert 0 <= chance_right(_evidence(more, lines, height_px)) <= chance_right(_evidence(fewer, lines, height_px)) <= 1


def test_the_text_of_a_pdf_is_certain_however_small_it_is_drawn() -> None:
    assert chance_right(_evidence(0.0, height_px=5)) == 1.0


@pytest.mark.parametrize(("height_px", "sure"), [(30.0, True), (9.0, False)])
def test_print_of_a_few_pixels_is_never_sure(height_px: float, sure: bool) -> None:
    assert (chance_right(_evidence(0.01, height_px=height_px)) >= SURE) is sure


@pytest.mark.parametrize(("expected_errors", "sure"), [(0.01, True), (0.2, False)])
def test_a_date_in_small_print_is_sure_where_its_characters_are(expected_errors: float, sure: bool) -> None:
    date = Evidence(expected_errors=expected_errors, lines=1, height_px=9.0, is_date=True)

    assert (chance_right(date) >= SURE) is sure


def test_the_fit_finds_the_curve_that_observations_were_drawn_from() -> None:
    rng = np.random.default_rng(7)
    errors = np.exp(rng.uniform(-5, 2, 20_000))
    chances = 1 / (1 + np.exp(-(1.0 - 1.5 * np.log(errors))))
    observations = [
        {"expected_errors": float(e), "lines": 1, "height_px": 30.0, "right": bool(rng.random() < c)}
        for e, c in zip(errors, chances, strict=True)
    ]

    intercept, slope, _ = fit(observations)

    assert intercept == pytest.approx(1.0, abs=0.15)
    assert slope == pytest.approx(-1.5, abs=0.1)
