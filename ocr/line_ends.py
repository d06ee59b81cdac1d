"""Where a line of print really ends: detection often leaves off the last mark, as `）` and `；` carry little ink.

A box is lengthened only where ink goes on beyond it on the same line, up to the next box, to blank paper, or to the
rule of a table; where the paper is white nothing changes, and recognition has no more to do.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.preprocess import Image, Points, percentiles

REACH = 1.1
"""How far beyond its end a line is looked for, in heights of the line. All lengths here are in heights."""
GAP = 0.68
"""A blank as wide as this ends the line."""
MARGIN = 0.1
TILT = 0.06
"""Lines more oblique than this (rise over run) are watermarks and seals."""
LEAST_CONTRAST = 30
"""Grey levels between paper and ink below which there is nothing to tell ends by."""


def cover_line_ends(image: Image, boxes: Sequence[Points]) -> list[Points]:
    """The boxes `(4, 2)` of an upright page `(H, W, 3)` BGR, longer where ink goes on at either end."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    extents = np.array([(*box.min(axis=0), *box.max(axis=0)) for box in boxes]).reshape(-1, 4)
    return [_covered(grey, boxes, extents, i) for i in range(len(boxes))]


def _covered(grey: NDArray[np.uint8], boxes: Sequence[Points], extents: Points, i: int) -> Points:
    box = boxes[i]
    along = ((box[1] - box[0]) + (box[2] - box[3])) / 2
    height = float(np.hypot(*(box[3] - box[0])) + np.hypot(*(box[2] - box[1]))) / 2
    if along[0] < height or abs(along[1]) > TILT * along[0]:
        return box
    level = _ink_level(grey, extents[i])
    if level is None:
        return box
    room = _room(extents, i)
    left = _beyond(grey, box[[0, 3]], -height, min(room[0], REACH * height), level)
    right = _beyond(grey, box[[1, 2]], height, min(room[1], REACH * height), level)
    if not left and not right:
        return box
    unit = along / np.hypot(*along)
    return np.asarray(box + np.outer((-left, right, right, -left), unit), dtype=np.float64)


def _ink_level(grey: NDArray[np.uint8], extent: Points) -> float | None:
    """Darker than this is ink, halfway between the paper and the print of the line."""
    x0, y0, x1, y1 = (max(0, round(float(v))) for v in extent)
    inside = grey[y0:y1:3, x0:x1]
    if not inside.size:
        return None
    ink, paper = percentiles(inside, (4, 85))
    return (ink + paper) / 2 if paper - ink >= LEAST_CONTRAST else None


def _room(extents: Points, i: int) -> tuple[float, float]:
    """How far the boxes beside this one on its row are from it."""
    x0, y0, x1, y1 = extents[i]
    shared = np.minimum(extents[:, 3], y1) - np.maximum(extents[:, 1], y0)
    beside = shared > 0.25 * np.minimum(extents[:, 3] - extents[:, 1], y1 - y0)
    beside[i] = False
    on_left, on_right = extents[beside & (extents[:, 0] < x0)], extents[beside & (extents[:, 2] > x1)]
    left = float((x0 - on_left[:, 2]).min()) if len(on_left) else x0
    right = float((on_right[:, 0] - x1).min()) if len(on_right) else float("inf")
    return max(0.0, left), max(0.0, right)


def _beyond(grey: NDArray[np.uint8], end: Points, height: float, reach: float, level: float) -> float:
    """How far, in pixels, ink goes on from an end of a line; `height` is negative on the left."""
    tall = abs(height)
    x, middle = float(end[:, 0].mean()), float(end[:, 1].mean())
    top, bottom = round(middle - 0.75 * tall), round(middle + 0.75 * tall)
    near, far = sorted((round(x), round(x + (reach if height > 0 else -reach))))
    strip = grey[max(0, top) : bottom, max(0, near) : far] < level
    if strip.shape[1] < 2 or strip.shape[0] < 4:
        return 0.0
    columns = strip if height > 0 else strip[:, ::-1]
    upper, lower = round(0.2 * columns.shape[0]), round(0.8 * columns.shape[0])
    inked = columns[upper:lower].any(axis=0)
    if not inked.any():
        return 0.0
    ruled = _is_ruled(columns)
    return _run(inked & ~ruled, tall, ruled=ruled)


def _is_ruled(columns: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Columns that are dark over nearly the whole strip, which is half as tall again as the line: a rule."""
    return np.asarray(columns.mean(axis=0) > 0.85, dtype=np.bool_)


def _run(inked: NDArray[np.bool_], tall: float, *, ruled: NDArray[np.bool_]) -> float:
    last, blank = -1, 0
    for place in range(len(inked)):
        if ruled[place]:
            break
        blank = 0 if inked[place] else blank + 1
        if inked[place]:
            last = place
        if blank > GAP * tall:
            break
    return 0.0 if last < 0 else min(float(len(inked)), last + 1 + MARGIN * tall)
