from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocr.perspective import find_sheet, flatten
from ocr.preprocess import Image, Points

SAMPLES = Path(__file__).parents[3] / "samples"
WIDTH, HEIGHT = 700, 990
AT_AN_ANGLE = np.array([(90, 70), (640, 110), (720, 1000), (60, 960)], dtype=np.float64)


def sample(name: str) -> Image:
    return np.asarray(cv2.imread(str(SAMPLES / name)), dtype=np.uint8)


def photograph(sheet: Image, corners: Points, desk: int = 70, shade: float = 1.0) -> Image:
    """The sheet on a grained desk, seen so that its corners come to lie there; darker towards the right."""
    height, width = sheet.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    grain = np.random.default_rng(3).normal(desk, 6, (1080, 800, 1)) * np.ones(3)
    matrix = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    ground = np.clip(grain, 0, 255).astype(np.uint8)
    seen = cv2.warpPerspective(sheet, matrix, (800, 1080), dst=ground, borderMode=cv2.BORDER_TRANSPARENT)
    return np.asarray(seen * np.linspace(1, shade, 800)[None, :, None], dtype=np.uint8)


def printed_sheet() -> Image:
    sheet = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
    for y in range(90, 900, 30):
        cv2.putText(sheet, "printed line of a form", (80, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (40, 40, 40), 2)
    return sheet


def farthest(found: object, corners: Points) -> float:
    return float(np.abs(np.array(found) - corners).max())


@pytest.mark.parametrize("shade", [1.0, 0.6])
@pytest.mark.parametrize("desk", [30, 120])
def test_the_corners_of_a_sheet_on_a_desk(desk: int, shade: float) -> None:
    assert farthest(find_sheet(photograph(printed_sheet(), AT_AN_ANGLE, desk, shade)), AT_AN_ANGLE) < 10


moves = st.lists(st.tuples(st.floats(-40, 40), st.floats(-40, 40)), min_size=4, max_size=4)


@settings(max_examples=30, deadline=None)
@given(moves)
def test_a_sheet_that_is_found_is_found_where_it_lies(moved: list[tuple[float, float]]) -> None:
    corners = np.array([(100, 90), (700, 90), (700, 980), (100, 980)]) + np.array(moved)
    found = find_sheet(photograph(printed_sheet(), corners))
    assume(found is not None)

    assert farthest(found, corners) < 12


def test_a_sheet_cut_off_on_one_side_is_still_a_sheet() -> None:
    corners = np.array([(90, 70), (640, 80), (720, 1300), (30, 1300)], dtype=np.float64)
    found = find_sheet(photograph(printed_sheet(), corners))

    assert found is not None
    assert farthest(found[:2], corners[:2]) < 10


def test_flattened_print_stands_where_it_was_printed() -> None:
    flat = flatten(photograph(printed_sheet(), AT_AN_ANGLE), tuple(map(tuple, AT_AN_ANGLE)))  # type: ignore[arg-type]
    again = cv2.resize(flat, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    both = [cv2.GaussianBlur(page, (9, 9), 0).astype(float).mean(axis=2) for page in (again, printed_sheet())]

    assert np.corrcoef(both[0].ravel(), both[1].ravel())[0, 1] > 0.9


FLAT = [path.name for path in sorted(SAMPLES.glob("*.jpg")) if path.name != "licence-phone-photo.jpg"]


@pytest.mark.parametrize("name", FLAT)
def test_flat_scans_are_left_alone(name: str) -> None:
    assert find_sheet(sample(name)) is None


def test_the_photographed_sample_is_laid_flat() -> None:
    assert find_sheet(sample("licence-phone-photo.jpg")) is not None


def test_two_cards_on_black_are_not_cut_to_one() -> None:
    page = np.full((1100, 800, 3), 10, np.uint8)
    for top, bend in ((40, 12), (580, 0)):
        card = np.array([(40, top), (760, top + bend), (770, top + 480), (30, top + 470)], dtype=np.int32)
        cv2.fillConvexPoly(page, card, (220, 225, 225))

    assert find_sheet(page) is None


def test_a_scan_with_a_dark_border_that_shows_no_angle_is_left_alone() -> None:
    page = np.full((1100, 800, 3), 10, np.uint8)
    page[40:1060, 40:760] = 240

    assert find_sheet(page) is None


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_page_of_one_colour_holds_no_sheet(level: int) -> None:
    assert find_sheet(np.full((300, 200, 3), level, np.uint8)) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 2), (7, 7)])
def test_a_page_of_few_pixels_holds_no_sheet(size: tuple[int, int]) -> None:
    assert find_sheet(np.full((*size, 3), 200, np.uint8)) is None
