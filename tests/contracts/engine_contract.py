"""What every recognition engine must do. A module inherits the suite and gives it `engine`, `page` and `printed`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocr.engine import Image, OcrEngine
from records.errors import EngineFailed
from records.readings import Line


def texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


class OcrEngineContract:
    """`page` is an upright image of the lines `printed`, one below the other, in print that is easy to read."""

    def test_lines_are_read_from_top_to_bottom(self, engine: OcrEngine, page: Image, printed: list[str]) -> None:
        assert texts(engine.read_page(page, page_no=1).reading.lines) == printed

    def test_the_reading_says_what_was_read_and_by_whom(self, engine: OcrEngine, page: Image) -> None:
        reading = engine.read_page(page, page_no=7, dpi=200.0).reading

        assert (reading.page_no, reading.dpi, reading.rotation_deg) == (7, 200.0, 0)
        assert reading.engine == engine.name

    def test_the_image_returned_is_the_one_the_boxes_lie_on(self, engine: OcrEngine, page: Image) -> None:
        upright = engine.read_page(page, page_no=1)
        height_px, width_px = upright.image.shape[:2]

        assert (upright.reading.width_px, upright.reading.height_px) == (width_px, height_px)
        for line in upright.reading.lines:
            assert all(0 <= x <= width_px and 0 <= y <= height_px for x, y in line.box)
            assert 0 <= line.confidence <= 1

    def test_the_same_page_gives_the_same_reading(self, engine: OcrEngine, page: Image) -> None:
        assert engine.read_page(page, page_no=1).reading == engine.read_page(page, page_no=1).reading

    def test_a_page_is_not_changed_by_being_read(self, engine: OcrEngine, page: Image) -> None:
        before = page.copy()
        engine.read_page(page, page_no=1)

        assert np.array_equal(page, before)

    def test_lines_read_again_come_in_the_order_asked_for(
        self, engine: OcrEngine, page: Image, printed: list[str]
    ) -> None:
        upright = engine.read_page(page, page_no=1)
        backwards = [line.box for line in reversed(upright.reading.lines)]

        again = engine.reread_lines(upright.image, backwards)

        assert texts(again) == printed[::-1]
        assert [line.box for line in again] == backwards

    def test_no_box_gives_no_line(self, engine: OcrEngine, page: Image) -> None:
        assert engine.reread_lines(page, []) == []

    def test_a_blank_page_has_no_line(self, engine: OcrEngine) -> None:
        assert engine.read_page(np.full((600, 400, 3), 255, np.uint8), page_no=1).reading.lines == ()


class ImageCheckingContract:
    """Engines that compute on pixels refuse what is no image instead of failing inside foreign code."""

    @pytest.mark.parametrize(
        "image",
        [
            np.zeros((0, 0, 3), np.uint8),
            np.zeros((10, 0, 3), np.uint8),
            np.zeros((10, 10), np.uint8),
            np.zeros((10, 10, 4), np.uint8),
            np.zeros((10, 10, 3), np.float64),
        ],
        ids=["empty", "no-width", "grey", "transparent", "float"],
    )
    def test_what_is_no_image_is_refused(self, engine: OcrEngine, image: Image) -> None:
        with pytest.raises(EngineFailed):
            engine.read_page(image, page_no=1)

    @pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (31, 31)])
    def test_a_tiny_image_is_read_without_failing(self, engine: OcrEngine, size: tuple[int, int]) -> None:
        engine.read_page(np.zeros((*size, 3), np.uint8), page_no=1)
