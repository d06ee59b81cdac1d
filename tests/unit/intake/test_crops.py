from __future__ import annotations

import cv2
import numpy as np
import pytest

from intake.crops import TALLEST_PX, crop
from records.errors import NotFound


def page() -> bytes:
    """A white page of 400 × 200 pixels with a black place at 100…140 × 50…70."""
    image = np.full((200, 400, 3), 255, np.uint8)
    image[50:70, 100:140] = 0
    return bytes(cv2.imencode(".jpg", image)[1])


def opened(piece: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(piece, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return image


def test_a_box_of_a_larger_page_is_found_in_its_smaller_picture() -> None:
    box = [(200, 100), (280, 100), (280, 140), (200, 140)]  # of a page 800 wide

    piece = opened(crop(page(), 800, box))

    assert piece.shape[0] < 60
    assert 0.3 < (piece < 128).mean() < 0.8


def test_a_tall_box_is_shown_smaller() -> None:
    assert opened(crop(page(), 400, [(0, 0), (400, 0), (400, 200), (0, 200)])).shape[0] == TALLEST_PX


def test_a_box_outside_the_page_has_no_piece() -> None:
    with pytest.raises(NotFound):
        crop(page(), 400, [(900, 900), (950, 900), (950, 950), (900, 950)])
