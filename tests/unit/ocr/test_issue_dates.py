from __future__ import annotations

import numpy as np
import pytest

from ocr.issue_dates import HEIGHT_PX, IssueDateReader, log_chances

BLANK, ONE, TWO = np.eye(12, dtype=np.float32)[[0, 2, 3]]


def chance(text: str, *steps: np.ndarray) -> float:
    return float(np.exp(log_chances(["22-11", text], np.stack(steps))[1]))


def test_the_chance_of_a_text_is_that_of_all_ways_to_write_it() -> None:
    doubt = (BLANK + ONE) / 2

    # 1 may stand in the first step, in the second, or in both.
    assert chance("1", doubt, doubt) == pytest.approx(0.75, abs=1e-4)
    assert chance("", doubt, doubt) == pytest.approx(0.25, abs=1e-4)
    assert chance("2", doubt, doubt) == pytest.approx(0.0, abs=1e-4)


def test_the_same_digit_twice_needs_a_blank_between() -> None:
    assert chance("11", ONE, BLANK, ONE) == pytest.approx(1.0, abs=1e-4)
    assert chance("11", ONE, ONE, ONE) == pytest.approx(0.0, abs=1e-4)
    assert chance("12", ONE, ONE, TWO) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("width_px", [60, 288, 900])
def test_there_is_no_date_on_blank_paper(width_px: int) -> None:
    text, sure = IssueDateReader().read([np.full((HEIGHT_PX, width_px, 3), 240, np.uint8)], 2020)

    assert text == ""
    assert sure > 0.9


def test_what_tells_nothing_makes_no_day_certain() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (HEIGHT_PX, 288, 3)).astype(np.uint8)
    text, sure = IssueDateReader().read([noise], 2020)

    assert text == "" or sure < 0.9
