from __future__ import annotations

import pytest

from samples.generate import HARD, cases_picture

pytestmark = pytest.mark.usefixtures("_fonts")


def test_the_picture_has_a_cell_for_every_hard_case() -> None:
    side, caption = cases_picture._SIDE_PX, cases_picture._CAPTION_PX
    picture = cases_picture.draw()
    rows = -(-len(HARD) // cases_picture._COLUMNS)

    assert picture.size == (cases_picture._COLUMNS * side, rows * (side + caption))
    for place in range(len(HARD)):
        x, y = place % cases_picture._COLUMNS * side, place // cases_picture._COLUMNS * (side + caption)
        low, high = picture.crop((x, y, x + side, y + side)).convert("L").getextrema()
        assert high - low > 150
