"""Seals: red or blue stamps, round, oval or square, told by the rim that their ink draws.

A rim alone is looked for, because what stands inside differs from seal to seal. A disc that is full of colour is an
emblem, a run of colour without a rim is print or handwriting.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.preprocess import Image, reduce
from records.readings import Box, Mark
from records.terms import MarkKind

Mask = NDArray[np.bool_]

LEAST_LONG_SIDE_PX = 500
"""The least size at which seals are looked for."""
SMALLEST, LARGEST = 0.05, 0.42
"""The long side of a seal as a share of the page's."""
COLOURED = 22
"""How far the ink's own colour must stand out, in grey levels, over the paper's tint."""
FULLEST, EMPTIEST = 0.62, 0.07
"""How much of its box the ink of a seal covers."""
RIM_SHARE = 0.7
"""How much of the way round the rim must be drawn; a seal over dark print or at the edge of the ink pad has gaps."""
LETTERS = 3
"""The least number of pieces of ink inside a frame: a letter such as 回 is a frame too."""
_ANGLES = np.linspace(0.0, 2 * np.pi, 96, endpoint=False)


def find_seals(image: Image) -> tuple[Mark, ...]:
    """The seals of an upright page `(H, W, 3)` BGR, from top to bottom."""
    small, scale = reduce(image, LEAST_LONG_SIDE_PX)
    blue, green, red = cv2.split(small)
    marks = [
        *_of_colour(cv2.subtract(red, cv2.max(green, blue)), "red", scale),
        *_of_colour(cv2.subtract(blue, cv2.max(red, green)), "blue", scale),
    ]
    return tuple(sorted(marks, key=lambda mark: mark.box[0][1]))


def _of_colour(strength: cv2.typing.MatLike, colour: str, scale: float) -> Iterator[Mark]:
    """The seals of one colour, given how far each pixel leans to it, 0-255."""
    ink = strength > float(np.median(strength[::5, ::5])) + COLOURED
    if not 0 < np.count_nonzero(ink) < ink.size / 2:
        return
    long_side = max(ink.shape)
    near = max(3, round(long_side / 140)) | 1
    joined = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((near, near), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for left, top, width, height, _ in stats[1:count].tolist():
        if not SMALLEST * long_side <= max(width, height) <= LARGEST * long_side or min(width, height) < 10:
            continue
        shape = _shape_of(ink[top : top + height, left : left + width])
        if shape is not None and not (shape == "square" and _is_lettering(stats[1:count], top, height)):
            yield Mark(kind=MarkKind.SEAL, box=_box(left, top, width, height, scale), value=shape, colour=colour)


def _is_lettering(stats: cv2.typing.MatLike, top: int, height: int) -> bool:
    """Whether two more pieces of the same height stand beside this one: the letters of a coloured heading."""
    tops, heights = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    alike = (np.abs(tops - top) < 0.2 * height) & (np.abs(heights - height) < 0.25 * height)
    return int(np.count_nonzero(alike)) > 2


def _shape_of(ink: Mask) -> str | None:
    """`round`, `oval` or `square` when the ink draws such a rim along the sides of its box."""
    height, width = ink.shape
    if not EMPTIEST <= ink.mean() <= FULLEST:
        return None
    ratio = width / height
    if 0.45 <= ratio <= 2.2 and _ellipse_share(ink) >= RIM_SHARE:
        return "round" if 0.83 <= ratio <= 1.2 else "oval"
    if 0.38 <= ratio <= 2.6 and _frame_share(ink) >= RIM_SHARE and _pieces_inside(ink) >= LETTERS:
        return "square"
    return None


def _ellipse_share(ink: Mask) -> float:
    """In how many directions ink lies where the ellipse of the box runs; none when the corners of the box have ink."""
    height, width = ink.shape
    drawn = np.zeros(len(_ANGLES), dtype=np.bool_)
    for radius in np.arange(0.86, 1.02, 0.02):
        xs = np.clip(np.rint((width - 1) / 2 * (1 + radius * np.cos(_ANGLES))).astype(int), 0, width - 1)
        ys = np.clip(np.rint((height - 1) / 2 * (1 + radius * np.sin(_ANGLES))).astype(int), 0, height - 1)
        drawn |= ink[ys, xs]
    return float(drawn.mean()) if _corner_share(ink) < 0.12 else 0.0


def _corner_share(ink: Mask) -> float:
    """How much ink lies in the corners of the box, where the ink of an ellipse cannot be."""
    height, width = ink.shape
    ys, xs = np.ogrid[:height, :width]
    outside = ((xs / (width - 1) * 2 - 1) ** 2 + (ys / (height - 1) * 2 - 1) ** 2) > 1.18
    return float(ink[outside].mean()) if outside.any() else 0.0


def _frame_share(ink: Mask) -> float:
    """How much of the four sides of the box is drawn, the least of the four."""
    depth_y, depth_x = max(1, round(ink.shape[0] * 0.1)), max(1, round(ink.shape[1] * 0.1))
    level = (ink[:depth_y].any(axis=0), ink[-depth_y:].any(axis=0))
    sides = (*level, ink[:, :depth_x].any(axis=1), ink[:, -depth_x:].any(axis=1))
    return min(float(side.mean()) for side in sides)


def _pieces_inside(ink: Mask) -> int:
    """How many pieces of ink lie free of the frame."""
    y, x = (max(2, round(side * 0.14)) for side in ink.shape)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink[y:-y, x:-x].astype(np.uint8), connectivity=8)
    return int(np.count_nonzero(stats[1:count, cv2.CC_STAT_AREA] >= 3))


def _box(left: float, top: float, width: float, height: float, scale: float) -> Box:
    x0, y0, x1, y1 = left / scale, top / scale, (left + width) / scale, (top + height) / scale
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
