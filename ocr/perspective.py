"""The sheet in a photograph: where its four corners are, and the sheet as it would lie flat.

A sheet is taken for one only with confidence: brighter than everything around it, its four sides straight, and seen
from an angle. A flat scan shows no angle and stays untouched pixel by pixel, whatever frames are printed on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.preprocess import Image, Points, percentiles, reduce
from records.readings import Box

LEAST_LONG_SIDE_PX = 450
"""The least size at which the sheet is looked for."""
LEAST_SHORT_SIDE_PX = 60
NEARLY, PLAINLY = 0.85, 0.92
"""How bright the edge of a picture is, against its paper, where it is paper itself."""
SMALLEST_SHARE, LARGEST_SHARE = 0.25, 0.97
"""The sheet's share of the photograph."""
LEAST_ANGLE_DEG = 1.2
"""How far two opposite sides must be from parallel; a scan shows less, and what is less does not hinder reading."""
CORNER_DEG = (62.0, 118.0)
LEAST_CONTRAST = 25.0
"""How much brighter the sheet is along its sides than what lies next to it, in grey levels."""
MOST_BRIGHT_OUTSIDE = 0.06
"""Of what lies around the sheet, at most this share may be as bright: else it is one of several papers."""
LEAST_SOLID = 0.9
"""The share of its convex hull that the bright area fills; dark frames and shadows take bites out of it."""
STRAIGHT_WITHIN = 0.008
"""How far the outline may leave the four straight sides, as a share of its long side (the median)."""
SIDE_MARGIN = 0.12
"""The share of a side at each end that is not fitted: corners of paper are bent."""


def find_sheet(image: Image) -> Box | None:
    """The corners of the sheet in a photograph `(H, W, 3)` BGR, clockwise from the top left, or None."""
    if _is_plainly_paper_to_the_edge(image):
        return None
    small, scale = reduce(image, LEAST_LONG_SIDE_PX)
    if min(small.shape[:2]) < LEAST_SHORT_SIDE_PX:
        return None
    colour = np.asarray(cv2.GaussianBlur(small, (5, 5), 0), dtype=np.uint8)
    grey = np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    if _is_paper_to_the_edge(grey):
        return None
    for view in _views(colour, grey):
        corners = _corners_in(view)
        if corners is not None and _is_seen_at_an_angle(corners) and _stands_out(grey, corners):
            a, b, c, d = ((float(x) / scale, float(y) / scale) for x, y in corners)
            return a, b, c, d
    return None


def flatten(image: Image, sheet: Box) -> Image:
    """The sheet as a rectangle, with as many pixels along its sides as the longer of two opposite ones has."""
    corners = np.array(sheet, dtype=np.float32)
    top, right, bottom, left = (float(np.hypot(*(b - a))) for a, b in pairwise([*corners, corners[0]]))
    width, height = max(round(max(top, bottom)), 1), max(round(max(left, right)), 1)
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, flat)
    return np.asarray(
        cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        dtype=np.uint8,
    )


def _is_plainly_paper_to_the_edge(image: Image) -> bool:
    """As most scans are: told from some of the pixels, by more than what averaging all of them could change."""
    step = max(1, max(image.shape[:2]) // LEAST_LONG_SIDE_PX)
    sample = np.ascontiguousarray(image[::step, ::step])
    grey = np.asarray(cv2.cvtColor(sample, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    return min(grey.shape) >= LEAST_SHORT_SIDE_PX and _is_paper_to_the_edge(grey, PLAINLY)


def _is_paper_to_the_edge(grey: Image, share: float = NEARLY) -> bool:
    edge = np.concatenate([grey[2], grey[-3], grey[:, 2], grey[:, -3]])
    return float(np.median(edge)) > share * percentiles(grey[::4, ::4], (90,))[0]


def _views(colour: Image, grey: Image) -> Iterator[Image]:
    """In which a sheet may be bright and its surroundings dark: as seen, evenly lit, and by its lack of colour."""
    yield grey
    light = cv2.resize(cv2.GaussianBlur(cv2.resize(grey, (32, 32)), (0, 0), 5), grey.shape[::-1])
    yield np.asarray(cv2.divide(grey, light, scale=128), dtype=np.uint8)
    yield 255 - np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2HSV)[..., 1], dtype=np.uint8)


def _corners_in(view: Image) -> Points | None:
    outline = _outline(view)
    rough = None if outline is None else _four_corners(outline)
    return None if outline is None or rough is None else _fitted(outline, rough)


def _outline(grey: Image) -> Points | None:
    """The outline of the largest bright area, `(N, 2)`, if it is of a sheet's size and has no bays."""
    _, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=cv2.contourArea, default=None)
    if largest is None or not SMALLEST_SHARE <= cv2.contourArea(largest) / grey.size <= LARGEST_SHARE:
        return None
    hull = cv2.convexHull(largest)
    if cv2.contourArea(largest) < LEAST_SOLID * cv2.contourArea(hull):
        return None
    return np.asarray(largest[:, 0], dtype=np.float64)


def _four_corners(outline: Points) -> Points | None:
    """The corners of the outline, clockwise from the top left, if it has four."""
    hull = cv2.convexHull(outline.astype(np.float32))
    perimeter = cv2.arcLength(hull, closed=True)
    for share in (0.02, 0.03, 0.05):
        corners = np.asarray(cv2.approxPolyDP(hull, share * perimeter, closed=True)[:, 0], dtype=np.float64)
        if len(corners) == 4:
            return _clockwise(corners)
    return None


def _clockwise(corners: Points) -> Points:
    centre = corners.mean(axis=0)
    around = corners[np.argsort(np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]))]
    return np.roll(around, -int(np.argmin(around.sum(axis=1))), axis=0)


def _fitted(outline: Points, rough: Points) -> Points | None:
    """Where straight lines through the four sides of the outline meet; None where a side is not straight."""
    lines = []
    for start, end in pairwise([*rough, rough[0]]):
        along = end - start
        length = float(np.hypot(*along))
        places = (outline - start) @ along / length**2
        offsets = np.abs((outline[:, 0] - start[0]) * along[1] - (outline[:, 1] - start[1]) * along[0]) / length
        side = outline[(places > SIDE_MARGIN) & (places < 1 - SIDE_MARGIN) & (offsets < 0.05 * length)]
        if len(side) < 10:
            return None
        dx, dy, x, y = (float(v) for v in cv2.fitLine(side.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel())
        strays = np.abs((side[:, 0] - x) * dy - (side[:, 1] - y) * dx)
        if np.median(strays) > STRAIGHT_WITHIN * length:
            return None
        lines.append((dx, dy, x, y))
    return np.array([_meeting(lines[i - 1], lines[i]) for i in range(4)])


def _meeting(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> tuple[float, float]:
    (dx, dy, x, y), (ex, ey, u, v) = a, b
    cross = dx * ey - dy * ex
    if abs(cross) < 1e-6:
        return (x, y)  # parallel neighbours: such a shape fails the test of its corners
    t = ((u - x) * ey - (v - y) * ex) / cross
    return (x + t * dx, y + t * dy)


def _is_seen_at_an_angle(corners: Points) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    directions = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    turns = (np.roll(directions, -1) - directions) % 360
    if not ((CORNER_DEG[0] <= 180 - turns) & (180 - turns <= CORNER_DEG[1])).all():
        return False
    apart = [abs((directions[i] - directions[i + 2]) % 360 - 180) for i in (0, 1)]
    return bool(max(apart) >= LEAST_ANGLE_DEG)


def _stands_out(grey: Image, corners: Points) -> bool:
    """Brighter than what lies beyond each of its sides, and the only thing that is."""
    inside = _filled(grey.shape, _scaled(corners, 0.97))
    outside = ~_filled(grey.shape, _scaled(corners, 1.04))
    if not outside.any():
        return False
    paper = float(np.median(grey[inside]))
    if np.mean(grey[outside] > paper - LEAST_CONTRAST / 2) > MOST_BRIGHT_OUTSIDE:
        return False
    cut_off = [_lies_on_the_edge(grey.shape, corners, i) for i in range(4)]
    return sum(cut_off) <= 1 and all(cut_off[i] or _contrast(grey, corners, i) >= LEAST_CONTRAST for i in range(4))


def _lies_on_the_edge(shape: tuple[int, ...], corners: Points, side: int) -> bool:
    """Whether the photograph ends there, and not the sheet."""
    ends = corners[[side, (side + 1) % 4]]
    far = np.array([shape[1] - 1, shape[0] - 1])
    near = 0.01 * max(shape)
    return bool((ends < near).all(axis=0).any() or (ends > far - near).all(axis=0).any())


def _contrast(grey: Image, corners: Points, side: int) -> float:
    """How much brighter it is just inside a side than just outside; the lower quarter along the side."""
    share = np.linspace(0.1, 0.9, 40)[:, None]
    levels = []
    for size in (0.96, 1.04):
        moved = _scaled(corners, size)
        points = moved[side] + share * (moved[(side + 1) % 4] - moved[side])
        x = np.clip(np.rint(points[:, 0]).astype(int), 0, grey.shape[1] - 1)
        y = np.clip(np.rint(points[:, 1]).astype(int), 0, grey.shape[0] - 1)
        levels.append(grey[y, x].astype(np.float64))
    return float(np.percentile(levels[0] - levels[1], 25))


def _scaled(corners: Points, size: float) -> Points:
    centre = corners.mean(axis=0)
    return np.asarray(centre + (corners - centre) * size, dtype=np.float64)


def _filled(shape: tuple[int, ...], corners: Points) -> NDArray[np.bool_]:
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, np.rint(corners).astype(np.int32), (1,))
    return np.asarray(mask, dtype=np.bool_)
