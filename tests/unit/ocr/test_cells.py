"""Cells of ruled forms, as they are drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from intake.formats.inspection import Limits
from intake.reading import read_pages
from ocr.cells import find_cells, passed_over
from ocr.engine import Image
from records.readings import Line
from records.terms import MarkKind
from tests.pixel_text import PixelTextEngine
from tests.unit.ocr.printed import rectangle
from tests.unit.ocr.printing import draw_page

COLUMNS, ROWS = (100, 250, 600, 700), (300, 360, 420, 540)


def table(page: Image | None = None, *, tilt: int = 0) -> Image:
    page = np.full((1200, 900, 3), 255, np.uint8) if page is None else page
    for y in ROWS:
        cv2.line(page, (COLUMNS[0], y), (COLUMNS[-1], y + tilt), (40, 40, 40), 2)
    for x in COLUMNS:
        cv2.line(page, (x, ROWS[0]), (x, ROWS[-1]), (40, 40, 40), 2)
    return page


def test_every_rectangle_between_rules_is_a_cell() -> None:
    cells = find_cells(table())

    assert [(round(c.box[0][0], -1), round(c.box[0][1], -1)) for c in cells] == [
        (x, y) for y in ROWS[:-1] for x in COLUMNS[:-1]
    ]
    assert {c.kind for c in cells} == {MarkKind.CELL}
    assert round(cells[-1].box[2][1], -1) == ROWS[-1]


@pytest.mark.parametrize("tilt", [6, -6])
def test_rules_may_run_a_little_aslant(tilt: int) -> None:
    assert len(find_cells(table(tilt=tilt))) == 9


def test_print_has_no_cells() -> None:
    assert find_cells(draw_page(["田国因口回日目四围", "圆田国困固因囚困田", "回目国因田口"], size_px=40)) == ()


def test_a_frame_around_a_page_is_no_table() -> None:
    page = np.full((1200, 900, 3), 255, np.uint8)
    cv2.rectangle(page, (20, 20), (880, 1180), (40, 40, 40), 3)

    assert find_cells(page) == ()


def write(page: Image, x: int, y: int, height: int = 20) -> None:
    """Something like print: upright strokes."""
    for step in range(0, 60, 6):
        cv2.line(page, (x + step, y), (x + step, y + height), (30, 30, 30), 2)


def test_print_in_a_cell_that_was_passed_over_is_boxed_line_by_line() -> None:
    page = table()
    write(page, 300, 435)
    write(page, 300, 480)
    boxes = passed_over(page, find_cells(page), [])

    assert len(boxes) == 2
    for box, top in zip(boxes, (435, 480), strict=True):
        (left, upper), _, (right, lower), _ = box
        assert left < 300 < 354 < right
        assert top - 6 < upper < top < top + 20 < lower < top + 28


def test_a_cell_with_a_line_in_it_is_not_looked_at_again() -> None:
    page = table()
    write(page, 300, 435)
    read = Line(text="林木森", confidence=0.9, box=rectangle(290, 430, 400, 460))

    assert passed_over(page, find_cells(page), [read]) == []


def test_an_empty_cell_has_no_lines() -> None:
    assert passed_over(table(), find_cells(table()), []) == []


def test_cells_stand_among_the_marks_of_a_page() -> None:
    ok, data = cv2.imencode(".png", table())
    assert ok
    (page,) = read_pages(data.tobytes(), PixelTextEngine(), Limits())

    assert sum(mark.kind is MarkKind.CELL for mark in page.reading.marks) == 9
