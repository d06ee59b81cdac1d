from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocr.engine import Image
from ocr.line_ends import cover_line_ends
from ocr.preprocess import Points

TOP, BOTTOM, LEFT, RIGHT = 40, 70, 100, 300


def _page(*strokes: tuple[int, int]) -> Image:
    """Print from LEFT to RIGHT, and strokes from and to an x, a third as high, on the same line."""
    page = np.full((120, 480, 3), 245, np.uint8)
    for x in range(LEFT + 3, RIGHT - 3, 6):
        page[TOP + 4 : BOTTOM - 4, x : x + 2] = 20
    for start, end in strokes:
        page[TOP + 14 : BOTTOM - 6, start:end] = 20
    return page


def _box(left: int = LEFT, right: int = RIGHT, down: int = 0) -> Points:
    return np.array([(left, TOP + down), (right, TOP + down), (right, BOTTOM + down), (left, BOTTOM + down)], float)


def _ends(page: Image, *boxes: Points) -> tuple[float, float]:
    covered = cover_line_ends(page, boxes)[0]
    return float(covered[0, 0]), float(covered[1, 0])


def test_leaves_a_line_with_white_around_it() -> None:
    assert _ends(_page(), _box()) == (LEFT, RIGHT)


def test_takes_in_a_mark_that_detection_left_off() -> None:
    left, right = _ends(_page((RIGHT + 8, RIGHT + 16)), _box())

    assert left == LEFT
    assert RIGHT + 16 <= right <= RIGHT + 22


def test_takes_in_a_mark_before_the_line() -> None:
    left, right = _ends(_page((LEFT - 16, LEFT - 8)), _box())

    assert LEFT - 22 <= left <= LEFT - 16
    assert right == RIGHT


def test_stops_at_the_next_box_of_the_row() -> None:
    page = _page((RIGHT + 4, RIGHT + 60))

    assert _ends(page, _box(), _box(RIGHT + 10, RIGHT + 60))[1] <= RIGHT + 10


def test_passes_over_print_after_a_blank() -> None:
    assert _ends(_page((RIGHT + 25, RIGHT + 33)), _box())[1] == RIGHT


def test_stops_at_the_rule_of_a_table() -> None:
    page = _page()
    page[:, RIGHT + 6 : RIGHT + 9] = 20

    assert _ends(page, _box())[1] == RIGHT


def test_leaves_a_watermark_as_it_lies() -> None:
    page = _page((RIGHT + 8, RIGHT + 16))
    box = _box() + np.array([(0, -20), (0, 20), (0, 20), (0, -20)])

    assert np.array_equal(cover_line_ends(page, [box])[0], box)


@given(st.integers(0, 460), st.integers(2, 200), st.integers(-60, 70))
def test_only_lengthens_and_never_leaves_the_page(left: int, width: int, down: int) -> None:
    rng = np.random.default_rng(left * 211 + width)
    page = rng.integers(0, 255, (120, 480, 3), dtype=np.uint8)
    box = _box(left, min(left + width, 480), down).clip(0, (480, 120))

    (covered,) = cover_line_ends(page, [box])

    assert 0 <= covered[:, 0].min() <= box[:, 0].min()
    assert box[:, 0].max() <= covered[:, 0].max() <= 480
