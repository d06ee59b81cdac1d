"""A page without the words that run across it: they are printed paler than what they cross.

What is paler than a level between the print and the watermark becomes paper, so that the print can be read as if
nothing crossed it. Nothing is done where the watermark is as dark as the print.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.layout import TILT_DEG, tilt_deg
from ocr.preprocess import Image
from records.readings import Box, Line

LEAST_STEP = 30.0
"""Grey levels between print and watermark below which they cannot be told apart."""
EDGE, STEP = 12.0, 18.0
"""What is paler than the watermark less the first becomes paper; the second is how soft its edge is, in grey levels."""
MOST_SHARED = 0.3
"""Two lines of which one covers more of the other are the same print."""
WIDER = 1.3
"""A line so much wider than another on the same print has a part that the other lacks."""
PRINT_PERCENTILE, MARK_PERCENTILE = 4.0, 12.0
"""Strokes of print, and the paler ones of a watermark, cover at least such a share of their boxes."""


def without_watermark(image: Image, lines: Sequence[Line]) -> Image | None:
    """An upright page `(H, W, 3)` BGR in grey without the words across it; None where they are as dark as its print."""
    across = [line.box for line in lines if abs(tilt_deg(line.box)) > TILT_DEG]
    along = [line.box for line in lines if abs(tilt_deg(line.box)) <= TILT_DEG]
    size = (image.shape[0], image.shape[1])
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    only_across = _mask(size, across) & ~_mask(size, along)
    only_along = _mask(size, along) & ~_mask(size, across)
    if not only_across.any() or not only_along.any():
        return None
    ink = float(np.percentile(grey[only_along], PRINT_PERCENTILE))
    mark = float(np.percentile(grey[only_across], MARK_PERCENTILE))
    if mark - ink < LEAST_STEP:
        return None
    levels = np.interp(np.arange(256), (0.0, mark - EDGE - STEP, mark - EDGE), (0.0, mark - EDGE - STEP, 255.0))
    return np.repeat(cv2.LUT(grey, levels.astype(np.uint8))[:, :, None], 3, axis=2)


def uncovered(first: Sequence[Line], again: Sequence[Line], size: tuple[int, int]) -> list[Line]:
    """The lines of a page `size` (H, W): of those the watermark crosses, what was read of the page without it.

    Where nothing crosses a line the surer of both readings stands. Of the watermark only what is seen in the second
    reading too stays, and says that it may hide something yet.
    """
    across = [line for line in first if abs(tilt_deg(line.box)) > TILT_DEG]
    along = [line for line in first if abs(tilt_deg(line.box)) <= TILT_DEG]
    fresh = [line for line in again if abs(tilt_deg(line.box)) <= TILT_DEG]
    crossed = _mask(size, [line.box for line in across])
    stays = [line for line in along if not _share(crossed, line.box) and _is_surest(line, fresh, size)]
    kept = _mask(size, [line.box for line in stays])
    left = (line for line in again if abs(tilt_deg(line.box)) > TILT_DEG)
    return [*stays, *(line for line in fresh if _share(kept, line.box) < MOST_SHARED), *left]


def _is_surest(line: Line, others: Sequence[Line], size: tuple[int, int]) -> bool:
    """Whether no other line has the same print more surely, or more of it."""
    near = [o for o in others if _touch(line.box, o.box)]
    if not near:
        return True  # and no mask, each as large as the page, was drawn
    own = _mask(size, [line.box])
    rivals = [o for o in near if _share(own, o.box) or _share(_mask(size, [o.box]), line.box)]
    return all(line.confidence >= o.confidence and _width(o) < WIDER * _width(line) for o in rivals)


def _touch(a: Box, b: Box) -> bool:
    """Whether the rectangles around two boxes share a pixel, rounding allowed for."""
    both = ((a, b, 0), (b, a, 0), (a, b, 1), (b, a, 1))
    return all(min(p[axis] for p in one) <= max(p[axis] for p in other) + 2 for one, other, axis in both)


def _width(line: Line) -> float:
    return max(x for x, _ in line.box) - min(x for x, _ in line.box)


def _share(mask: NDArray[np.bool_], box: Box) -> float:
    """How much of the rectangle around a box is in a mask."""
    xs, ys = [round(x) for x, _ in box], [round(y) for _, y in box]
    part = mask[max(0, min(ys)) : max(ys) + 1, max(0, min(xs)) : max(xs) + 1]
    return float(part.mean()) if part.size else 0.0


def _mask(size: tuple[int, int], boxes: Sequence[Box]) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=np.uint8)
    for box in boxes:
        cv2.fillConvexPoly(mask, np.array(box, dtype=np.int32), (1.0,))
    return mask.astype(np.bool_)
