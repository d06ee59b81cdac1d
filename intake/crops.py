"""A piece of a page's picture: the place of one field, with a little around it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from records.errors import NotFound

AROUND = 0.35
"""How much of its height is shown around a field."""
LEAST_AROUND_PX = 6
TALLEST_PX = 160
JPEG_QUALITY = 85


def crop(picture: bytes, page_width_px: int, box: Sequence[Sequence[float]]) -> bytes:
    """A JPEG of a box, given in pixels of the page as read; the picture may be smaller than that page.

    Raises:
        NotFound: the box lies outside the page.
    """
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None, "pictures of pages are made here"
    scale = image.shape[1] / page_width_px
    xs, ys = ([point[axis] * scale for point in box] for axis in (0, 1))
    around = max(LEAST_AROUND_PX, AROUND * (max(ys) - min(ys)))
    left, top = (max(0, int(min(places) - around)) for places in (xs, ys))
    right, bottom = (max(0, int(max(places) + around) + 1) for places in (xs, ys))
    piece = image[top:bottom, left:right]
    if piece.size == 0:
        raise NotFound("The field has no place on the page.")
    if piece.shape[0] > TALLEST_PX:
        smaller = TALLEST_PX / piece.shape[0]
        piece = cv2.resize(piece, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", piece, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(encoded)
