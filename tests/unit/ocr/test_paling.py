from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ocr.engine import Image
from ocr.paling import uncovered, without_watermark
from records.readings import Line
from tests.unit.ocr.printed import line, watermark

SIZE = (1400, 1000)
PRINT = [line("法定代表人 林木森", 100, 300), line("注册资本伍佰万元整", 100, 360)]


def page_with(mark_ink: int) -> tuple[Image, list[Line]]:
    """Bars of dark ink where the print is, and of another ink where the words across it are."""
    image = np.full((*SIZE, 3), 245, np.uint8)
    across = watermark(12)
    for o in across:
        cv2.fillConvexPoly(image, np.array(o.box, np.int32), (mark_ink,) * 3)
    for o in PRINT:
        cv2.fillConvexPoly(image, np.array(o.box, np.int32), (30, 30, 30))
    return image, [*PRINT, *across]


@pytest.mark.parametrize("mark_ink", [110, 150, 200])
def test_paler_words_become_paper_and_the_print_stays(mark_ink: int) -> None:
    image, lines = page_with(mark_ink)
    pale = without_watermark(image, lines)

    assert pale is not None
    assert (pale[image == mark_ink] == 255).all()
    assert (pale[image == 30] == 30).all()


def test_words_as_dark_as_the_print_are_left_alone() -> None:
    assert without_watermark(*page_with(45)) is None


def test_a_page_without_such_words_is_left_alone() -> None:
    image, _ = page_with(150)

    assert without_watermark(image, PRINT) is None


def crossing(text: str, over: Line) -> Line:
    (left, top), _, (right, bottom), _ = over.box
    low, high = bottom + 15, top - 40
    return Line(text=text, confidence=0.99, box=((left, low), (right, high), (right, high + 20), (left, low + 20)))


def test_a_line_that_the_watermark_crosses_is_read_anew() -> None:
    torn = replace(PRINT[0], text="法定代仅供林木森")
    across = crossing("仅供办理", PRINT[0])
    again = [replace(o, confidence=0.9) for o in PRINT]

    assert [o.text for o in uncovered([torn, PRINT[1], across], again, SIZE)] == [PRINT[1].text, PRINT[0].text]


def test_a_watermark_still_seen_is_still_told() -> None:
    across = crossing("仅供办理", PRINT[0])

    assert uncovered([across], [across], SIZE) == [across]


def test_of_two_readings_of_a_line_that_nothing_crosses_the_surer_stands() -> None:
    better = replace(PRINT[0], text="法定代表人 林木淼", confidence=0.9995)

    assert uncovered(PRINT[:1], [better], SIZE) == [better]
    assert uncovered(PRINT[:1], [replace(better, confidence=0.8)], SIZE) == PRINT[:1]


def test_a_line_found_whole_without_the_watermark_replaces_its_parts() -> None:
    value = line("2003年08月14日", 190, 420)
    whole = line("成立日期2003年08月14日", 100, 420, confidence=0.9)

    assert uncovered([value], [whole], SIZE) == [whole]
