"""What is done to a page's pixels before they are read, and how points follow.

All of it is arithmetic on images `(H, W, 3)` uint8 BGR with the origin top left; turns are clockwise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from records.readings import Box

Image = NDArray[np.uint8]
Points = NDArray[np.float64]
"""Points or corners, `(…, 2)`."""

NEARLY_LEVEL_DEG = 12.0
"""Sheets are laid on the glass, and held before a camera, no more oblique than this."""
LEVEL_SHARE, LEVEL_LINES = 0.1, 2
"""The share of lines, and how many, that must lie so for the rest to be taken for a watermark: over a card of few lines
there may be twenty of it."""

PAPER_PERCENTILE, SEAL_PERCENTILE = 85, 15
"""How bright paper is among the points of a line, and how bright a seal is among those of its ink."""
RED_INK, DARKEST_SEAL, FEWEST_POINTS = 40, 0.7, 20
"""Ink is red that is brighter by so many levels in red than in other light; a seal is not darker than this share of
paper in red light."""
LEVEL_WITHIN_PX = 1.5
"""Corners no further from those of an upright rectangle are taken for them."""

STANDING = 1.5
"""How much taller than wide a line is that does not lie."""

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_BLUE, _GREEN, _RED = 0, 1, 2


def turn(image: Image, rotation_deg: int) -> Image:
    """Turn clockwise by 0, 90, 180 or 270 degrees, without loss."""
    if rotation_deg == 0:
        return image
    return np.asarray(cv2.rotate(image, _TURNS[rotation_deg]), dtype=np.uint8)


def estimate_skew_deg(boxes: Sequence[Points]) -> float:
    """How far the page must be turned clockwise for its lines to lie level: −45 to 45.

    The median over the lines, each weighed by its length; short boxes say nothing about direction. Where some lines
    lie nearly level only these are asked: what runs across them is a watermark, and may be the most of the ink.
    """
    angles, weights = [], []
    for box in boxes:
        along = (box[1] - box[0]) + (box[2] - box[3])
        height = float(np.hypot(*(box[3] - box[0])))
        length = float(np.hypot(*along)) / 2
        if length > 3 * max(height, 1.0) and abs(along[1]) < abs(along[0]):
            angles.append(-math.degrees(math.atan2(float(along[1]), float(along[0]))))
            weights.append(length)
    if not angles:
        return 0.0
    found, weight = np.array(angles), np.array(weights)
    level = np.abs(found) <= NEARLY_LEVEL_DEG
    if level.mean() >= LEVEL_SHARE and level.sum() >= min(LEVEL_LINES, len(found)):
        found, weight = found[level], weight[level]
    return _weighted_median(found, weight)


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def straighten(image: Image, skew_deg: float, boxes: Sequence[Points]) -> tuple[Image, list[Points]]:
    """Turn clockwise by a small angle on a canvas that keeps every pixel, and move the boxes along.

    New corners take the colour of the page's edge, so that no black wedge is read as print.
    """
    height, width = image.shape[:2]
    centre = ((width - 1) / 2, (height - 1) / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, -skew_deg, 1.0), dtype=np.float64)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width, new_height = math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos)
    matrix[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    turned = cv2.warpAffine(
        image,
        matrix,
        (new_width, new_height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_edge_colour(image),
    )
    moved = [box @ matrix[:, :2].T + matrix[:, 2] for box in boxes]
    return np.asarray(turned, dtype=np.uint8), moved


def _edge_colour(image: Image) -> tuple[float, float, float]:
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    blue, green, red = (float(value) for value in np.median(edge, axis=0))
    return blue, green, red


def in_red_light(image: Image) -> Image:
    """A line of print in red light: a red seal fades into the paper, black print stays.

    Ink of a seal is darker than paper in red light too. So what is as bright as it is made white, and no more, for that
    thins small print.
    """
    red = image[:, :, _RED]
    paper = max(float(np.percentile(red, PAPER_PERCENTILE)), 1.0)
    redness = red.astype(np.int16) - image[:, :, :_RED].max(axis=2)
    seal = red[(redness > RED_INK) & (red > DARKEST_SEAL * paper)]
    share = float(np.percentile(seal, SEAL_PERCENTILE)) / paper if seal.size >= FEWEST_POINTS else 1.0
    brighter = cv2.convertScaleAbs(red, alpha=255 / (min(max(share, DARKEST_SEAL), 1.0) * paper))
    return np.repeat(np.asarray(brighter, dtype=np.uint8)[:, :, None], 3, axis=2)


def reading_scale(image: Image, *, long_side_px: int, most: float) -> float:
    """How much to enlarge before detection so that the print of a small image is not tiny: 1 to `most`."""
    height, width = image.shape[:2]
    return float(min(max(long_side_px / max(height, width), 1.0), most))


def enlarge(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def reduce(image: Image, least_long_side_px: int) -> tuple[Image, float]:
    """The image smaller by a whole factor, its long side not under the least, and its scale, as 1/2 or 1/3.

    A whole factor takes a quarter of the time of any other.
    """
    factor = max(image.shape[:2]) // least_long_side_px
    height, width = (side // max(factor, 1) for side in image.shape[:2])
    if factor <= 1 or not height or not width:
        return image, 1.0
    whole = image[: height * factor, : width * factor]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8), 1 / factor


def percentiles(levels: NDArray[np.uint8], shares: Sequence[float]) -> list[float]:
    """The levels that so many percent of the pixels do not exceed, as numpy gives them; counted, not sorted."""
    reached = np.bincount(levels.ravel(), minlength=256).cumsum()
    places = [share / 100 * (levels.size - 1) for share in shares]
    return [
        float(low + (np.searchsorted(reached, math.ceil(place) + 1) - low) * (place - math.floor(place)))
        for place in places
        for low in (np.searchsorted(reached, math.floor(place) + 1),)
    ]


def length(box: Points) -> float:
    """Of the longer side of a line."""
    return max(_distance(box[0], box[1]), _distance(box[0], box[3]))


def is_standing(box: Points) -> bool:
    """Whether a line runs downwards, or upwards."""
    width = max(_distance(box[0], box[1]), _distance(box[3], box[2]), 1.0)
    return max(_distance(box[0], box[3]), _distance(box[1], box[2]), 1.0) >= STANDING * width


def cut_line(image: Image, box: Points, height_px: int) -> Image:
    """Cut one line out of the page, levelled and brought to a height; text running downwards is laid on its side.

    Returns an image `(height_px, W, 3)`.
    """
    width = max(_distance(box[0], box[1]), _distance(box[3], box[2]), 1.0)
    height = max(_distance(box[0], box[3]), _distance(box[1], box[2]), 1.0)
    corners = box
    if is_standing(box):
        corners, width, height = np.roll(box, -1, axis=0), height, width
    level = _lying_level(image, corners)
    return _at_height(_levelled(image, corners, width, height, height_px) if level is None else level, height_px)


def _levelled(image: Image, corners: Points, width: float, height: float, height_px: int) -> Image:
    # Shrinking is left to area resampling: the perspective warp alone would skip pixels and break thin strokes.
    scale = max(height_px / height, 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), _rectangle(size))
    line = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(line, dtype=np.uint8)


def _at_height(line: Image, height_px: int) -> Image:
    height, width = line.shape[:2]
    if height == height_px:
        return line
    size = (max(round(width * height_px / height), 1), height_px)
    how = cv2.INTER_AREA if height > height_px else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(line, size, interpolation=how), dtype=np.uint8)


def _lying_level(image: Image, corners: Points) -> Image | None:
    """The pixels of a line whose corners are those of an upright rectangle within the page, as they are.

    Nothing is turned, so nothing need be computed, and nothing is blurred.
    """
    low, high = corners.min(axis=0), corners.max(axis=0)
    upright = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    if np.abs(corners - upright).max() > LEVEL_WITHIN_PX:
        return None
    (left, top), (right, bottom) = np.rint(low).astype(int), np.rint(high).astype(int)
    is_inside = left >= 0 and top >= 0 and right <= image.shape[1] and bottom <= image.shape[0]
    return image[top:bottom, left:right] if is_inside and left < right and top < bottom else None


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.hypot(*(b - a)))


def _rectangle(size: tuple[int, int]) -> NDArray[np.float32]:
    width, height = size
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)


def reading_order(boxes: Sequence[Points]) -> list[int]:
    """Indices of the boxes row by row from the top, each row from the left.

    A box belongs to the row if its middle lies within half its height of the row's last box: rows of a slightly curved
    page stay together.
    """
    by_height = sorted(range(len(boxes)), key=lambda i: (_middle_y(boxes[i]), float(boxes[i][:, 0].min())))
    rows: list[list[int]] = []
    for index in by_height:
        if rows and _same_row(boxes[rows[-1][0]], boxes[index]):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: float(boxes[i][:, 0].min()))]


def _same_row(a: Points, b: Points) -> bool:
    height = min(_height(a), _height(b))
    return abs(_middle_y(a) - _middle_y(b)) < height / 2


def _middle_y(box: Points) -> float:
    return float(box[:, 1].mean())


def _height(box: Points) -> float:
    return (_distance(box[0], box[3]) + _distance(box[1], box[2])) / 2


def as_box(points: Points, width_px: int, height_px: int) -> Box:
    """The corners as a value, kept inside the page."""
    xs = np.clip(points[:, 0], 0, width_px)
    ys = np.clip(points[:, 1], 0, height_px)
    a, b, c, d = ((float(x), float(y)) for x, y in zip(xs, ys, strict=True))
    return a, b, c, d
