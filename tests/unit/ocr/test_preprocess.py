from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import preprocess
from ocr.engine import Image

angles = st.floats(-20, 20)


def level_box(left: float, top: float, width: float, height: float) -> preprocess.Points:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)


def turned_clockwise(box: preprocess.Points, angle_deg: float) -> preprocess.Points:
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.asarray(box @ np.array([[cos, sin], [-sin, cos]]), dtype=np.float64)


def marked(height: int = 40, width: int = 60, at: tuple[int, int] = (5, 9)) -> Image:
    image = np.full((height, width, 3), 255, np.uint8)
    image[at] = 0
    return image


def test_turning_clockwise_moves_the_top_left_to_the_top_right() -> None:
    turned = preprocess.turn(marked(at=(0, 0)), 90)

    assert turned.shape == (60, 40, 3)
    assert (turned[0, -1] == 0).all()


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_turning_and_turning_back_loses_nothing(rotation_deg: int) -> None:
    image = marked()
    back = preprocess.turn(preprocess.turn(image, rotation_deg), (360 - rotation_deg) % 360)

    assert np.array_equal(back, image)


@given(angle=angles, lengths=st.lists(st.floats(100, 900), min_size=1, max_size=8))
def test_the_skew_found_turns_the_lines_level(angle: float, lengths: list[float]) -> None:
    boxes = [turned_clockwise(level_box(10, 40 * row, length, 20), angle) for row, length in enumerate(lengths)]

    assert preprocess.estimate_skew_deg(boxes) == pytest.approx(-angle, abs=1e-6)


def test_rows_of_a_watermark_do_not_turn_a_level_page() -> None:
    lines = [level_box(100, 40.0 * i, 160, 20) for i in range(12)]
    watermark = [turned_clockwise(level_box(50, 60.0 * i, 900, 20), 32) for i in range(14)]

    assert preprocess.estimate_skew_deg([*lines, *watermark]) == pytest.approx(0.0)


def test_two_level_lines_of_a_card_outweigh_twenty_of_a_watermark() -> None:
    lines = [level_box(100, 40.0 * i, 310, 36) for i in range(2)]
    watermark = [turned_clockwise(level_box(50, 60.0 * i, 240, 36), 30) for i in range(16)]

    assert preprocess.estimate_skew_deg([*lines, *watermark]) == pytest.approx(0.0)


def test_a_page_laid_down_askew_is_straightened_all_the_same() -> None:
    lines = [turned_clockwise(level_box(100, 40.0 * i, 400, 20), 25) for i in range(12)]

    assert preprocess.estimate_skew_deg(lines) == pytest.approx(-25)


def test_short_and_upright_boxes_say_nothing_about_skew() -> None:
    square = turned_clockwise(level_box(0, 0, 30, 30), 10)
    column = level_box(0, 0, 20, 300)

    assert preprocess.estimate_skew_deg([square, column]) == 0.0


def test_one_slanted_watermark_does_not_tilt_the_page() -> None:
    lines = [level_box(0, 40 * row, 400, 20) for row in range(5)]
    watermark = turned_clockwise(level_box(0, 0, 700, 40), -30)

    assert preprocess.estimate_skew_deg([*lines, watermark]) == pytest.approx(0.0)


@given(angle=angles, x=st.integers(20, 180), y=st.integers(20, 100))
def test_straightening_moves_boxes_with_the_pixels_and_loses_none(angle: float, x: int, y: int) -> None:
    image = np.full((120, 200, 3), 255, np.uint8)
    image[y - 3 : y + 4, x - 3 : x + 4] = 0
    straight, (moved,) = preprocess.straighten(image, angle, [np.array([[x, y]], dtype=np.float64)])
    ink = 1 - straight[:, :, 0].astype(np.float64) / 255
    rows, columns = np.indices(ink.shape)
    centre = (float((columns * ink).sum() / ink.sum()), float((rows * ink).sum() / ink.sum()))

    assert centre == pytest.approx(tuple(moved[0]), abs=0.2)
    assert ink.sum() == pytest.approx(49, rel=0.05)


def test_new_corners_take_the_colour_of_the_edge() -> None:
    straight, _ = preprocess.straighten(np.full((100, 200, 3), (40, 90, 200), np.uint8), 10, [])

    assert (straight[0, 0] == (40, 90, 200)).all()


def test_red_ink_fades_in_red_light_and_black_stays() -> None:
    image = np.full((20, 40, 3), (230, 235, 240), np.uint8)
    image[5:10], image[:, 30:33] = (30, 30, 190), (10, 10, 20)
    seen = preprocess.in_red_light(image)

    assert seen.shape == image.shape
    assert seen[7, 0, 0] == seen[0, 0, 0] == 255
    assert seen[7, 31, 0] < 40


def test_print_without_red_ink_stays_as_it_is_in_red_light() -> None:
    image = np.full((20, 40, 3), 250, np.uint8)
    image[5:10] = 170

    assert preprocess.in_red_light(image)[7, 0, 0] == pytest.approx(170 * 255 / 250, abs=1)


@given(height=st.integers(1, 5000), width=st.integers(1, 5000))
def test_only_small_images_are_enlarged_and_never_beyond_the_most(height: int, width: int) -> None:
    image = np.broadcast_to(np.uint8(0), (height, width, 3))
    scale = preprocess.reading_scale(image, long_side_px=1000, most=3.0)

    assert 1.0 <= scale <= 3.0
    assert scale == 1.0 or max(height, width) * scale <= 1000 * (1 + 1e-9)


@pytest.mark.parametrize(("width", "height"), [(300, 20), (300, 48), (300, 120)])
def test_a_line_is_cut_at_the_height_asked_for(width: int, height: int) -> None:
    image = np.full((400, 600, 3), 255, np.uint8)
    image[100 : 100 + height, 50 : 50 + width // 2] = 0

    line = preprocess.cut_line(image, level_box(50, 100, width, height), 48)

    assert line.shape == (48, round(width * 48 / height), 3)
    middle = line[24, :, 0]
    assert middle[: line.shape[1] // 3].max() < 50
    assert middle[2 * line.shape[1] // 3 :].min() > 200


TILT = np.array([[0, 0], [0, 2], [0, 2], [0, 0]])


@pytest.mark.parametrize("height", [30, 48, 90])
def test_a_level_line_is_cut_as_a_tilted_one_would_be(height: int) -> None:
    image = np.full((300, 600, 3), 255, np.uint8)
    image[110 : 100 + height - 10, 80:200] = 0
    box = level_box(50, 100, 400, height)

    level, turned = (preprocess.cut_line(image, each, 48) for each in (box, box + TILT))

    assert level.shape == turned.shape
    assert np.abs(level.astype(int) - turned).mean() < 8


def test_a_level_line_that_reaches_beyond_the_page_is_cut_too() -> None:
    image = np.zeros((100, 300, 3), np.uint8)

    assert preprocess.cut_line(image, level_box(-10, -5, 200, 48), 48).shape == (48, 200, 3)


def test_text_that_runs_downwards_is_laid_on_its_side() -> None:
    image = np.full((400, 100, 3), 255, np.uint8)
    image[20:120, 40:70] = 0  # the upper half of a column

    line = preprocess.cut_line(image, level_box(40, 20, 30, 200), 48)

    assert line.shape[1] > line.shape[0]
    dark = line[24, :, 0] < 128
    assert dark[:10].all()
    assert not dark[-10:].any()


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), min_size=1, max_size=20, unique=True), st.randoms())
def test_boxes_are_read_row_by_row_from_the_left(cells: list[tuple[int, int]], random: object) -> None:
    shuffled = list(cells)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    boxes = [level_box(200 * column + row, 40 * row + 3 * column, 120, 24) for row, column in shuffled]

    assert [shuffled[i] for i in preprocess.reading_order(boxes)] == sorted(cells)


def test_corners_stay_inside_the_page() -> None:
    assert preprocess.as_box(level_box(-5, -5, 300, 300), 200, 100) == ((0, 0), (200, 0), (200, 100), (0, 100))


@given(st.binary(min_size=1, max_size=900))
def test_percentiles_are_those_of_numpy(pixels: bytes) -> None:
    levels = np.frombuffer(pixels, dtype=np.uint8)

    assert preprocess.percentiles(levels, (0, 4, 50, 85, 100)) == pytest.approx(
        np.percentile(levels, (0, 4, 50, 85, 100))
    )
