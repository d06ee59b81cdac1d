"""Boxes to tick: small printed squares beside the options of a form, empty or with ink in them.

Recognition often drops the one box that is ticked, or reads it as some letter; the pixels say whether it is. Looked
for only in rows where a box was read, as letters such as 口 and 日 are frames too.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.layout import Segment
from ocr.preprocess import Image
from records.readings import Line, Mark
from records.terms import MarkKind

Mask = NDArray[np.bool_]

READ_AS_BOX = re.compile(r"[□☐▢☑☒■▣]")
_LETTER = re.compile(r"[\u3400-\u9fff](?<![口回囗日目田])")
TICKED, EMPTY = "ticked", "empty"
WORKING_HEIGHT_PX = 40
"""Rows are looked at this high, so that the lines of a box are some pixels wide."""
SMALLEST, LARGEST = 0.42, 1.1
"""The side of a box, as a share of the height of the line."""
SPUR = 0.6
"""A row or column of a frame's strokes that is drawn less than this is none of its sides."""
SIDE_DRAWN = 0.75
"""How much of each side of the frame must be drawn."""
MOST_IN_EMPTY, LEAST_IN_TICKED = 0.04, 0.1
"""The share of ink inside the frame; between the two it may be dirt, and nothing is said."""
LEAST_STROKE = 0.7
"""How much of the height inside a frame the stroke of a thin pen runs over."""
STRIP, BLANK = 0.12, 0.02
"""How wide a strip around a frame is looked at, in its sides, and the share of ink of one that is blank."""
FRAMED = "口回囗日目田国图园圆围固困因团四"
REACH = 5.0
"""How far beyond the ends of a line its boxes are looked for, in its heights."""


def find_tick_boxes(image: Image, lines: Sequence[Line]) -> tuple[Mark, ...]:
    """The boxes on the rows of an upright page `(H, W, 3)` BGR where a box was read, each `ticked` or `empty`."""
    rows = [line for line in lines if READ_AS_BOX.search(line.text)]
    found: list[Mark] = []
    segments = [Segment(text="".join(line.text.split()), line=line, page_no=1, box=line.box) for line in lines]
    for mark, apart in (seen for line in rows for seen in _of_row(image, line)):
        is_letter = _is_framed_letter_of if apart else _is_letter_of
        if not any(_is_same(mark, other) for other in found) and not any(is_letter(s, mark) for s in segments):
            found.append(mark)
    return tuple(sorted(found, key=lambda mark: (mark.box[0][1], mark.box[0][0])))


def _is_letter_of(segment: Segment, mark: Mark) -> bool:
    """Whether a Chinese character was read where the mark stands: 商 and 户 have frames as well."""
    at = _place_in(segment, mark)
    if at is None or _middle(mark)[0] < segment.left + segment.height:
        return False  # a box at the head of a line that recognition passed over
    return bool(_LETTER.match(segment.text[at]))


def _is_framed_letter_of(segment: Segment, mark: Mark) -> bool:
    """Whether a character that is a frame all around was read near a mark with nothing around it.

    Where a box was passed over, what was read of its row is not where its letters stand.
    """
    at = _place_in(segment, mark)
    return at is not None and any(c in FRAMED for c in segment.text[max(0, at - 1) : at + 2])


def _place_in(segment: Segment, mark: Mark) -> int | None:
    """Which character of a segment was read where the mark stands."""
    x, y = _middle(mark)
    if abs(segment.middle - y) > segment.height / 2 or not segment.left < x < segment.right:
        return None
    return min(bisect.bisect_right(segment.edges, x) - 1, len(segment.text) - 1)


def _middle(mark: Mark) -> tuple[float, float]:
    return sum(x for x, _ in mark.box) / 4, sum(y for _, y in mark.box) / 4


def _is_same(a: Mark, b: Mark) -> bool:
    side = a.box[2][0] - a.box[0][0]
    return all(abs(a.box[0][axis] - b.box[0][axis]) < side / 2 for axis in (0, 1))


def _of_row(image: Image, line: Line) -> Iterator[tuple[Mark, bool]]:
    """The boxes of a row, each with whether the paper around it is blank."""
    xs, ys = [x for x, _ in line.box], [y for _, y in line.box]
    height = max(ys) - min(ys)
    left, right = max(0, round(min(xs) - REACH * height)), round(max(xs) + REACH * height)
    top, bottom = max(0, round(min(ys) - 0.15 * height)), round(max(ys) + 0.15 * height)
    part = image[top:bottom, left:right]
    if height < 8 or min(part.shape[:2]) < 8:
        return
    scale = WORKING_HEIGHT_PX / height
    grey = cv2.cvtColor(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR), cv2.COLOR_BGR2GRAY)
    dark = np.asarray(cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1], dtype=np.uint8)
    for x, y, width, high in _squares(dark):
        state = _state(dark[y : y + high, x : x + width].astype(np.bool_))
        if state is not None:
            x0, y0, x1, y1 = (v / scale for v in (x, y, x + width, y + high))
            box = ((left + x0, top + y0), (left + x1, top + y0), (left + x1, top + y1), (left + x0, top + y1))
            yield Mark(kind=MarkKind.TICK_BOX, box=box, value=state), _ink_around(dark, (x, y, width, high)) <= BLANK


def _ink_around(dark: NDArray[np.uint8], frame: tuple[int, int, int, int]) -> float:
    """The share of ink in a strip around a frame, a pixel away from it."""
    x, y, width, high = frame
    inner, outer = 2, 2 + max(2, round(STRIP * min(width, high)))
    strip = dark[max(0, y - outer) : y + high + outer, max(0, x - outer) : x + width + outer].copy()
    strip[outer - inner : -(outer - inner), outer - inner : -(outer - inner)] = 0
    area = strip.size - (width + 2 * inner) * (high + 2 * inner)
    return float(strip.sum()) / max(1, area)


def _squares(dark: NDArray[np.uint8]) -> Iterator[tuple[int, int, int, int]]:
    """Frames made of level and upright strokes, which a tick drawn across them is not."""
    least = round(SMALLEST * WORKING_HEIGHT_PX)
    level = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, least), np.uint8))
    upright = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((least, 1), np.uint8))
    strokes = np.asarray(cv2.dilate(cv2.bitwise_or(level, upright), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    for x, y, width, high, _ in stats[1:count].tolist():
        if min(width, high) < SMALLEST * WORKING_HEIGHT_PX:
            continue
        x, y, width, high = _without_spurs(strokes[y : y + high, x : x + width].astype(np.bool_), x, y)
        short, long = sorted((width, high))
        if short >= SMALLEST * WORKING_HEIGHT_PX and long <= min(LARGEST * WORKING_HEIGHT_PX, 1.35 * short):
            yield x, y, width, high


def _without_spurs(strokes: Mask, x: int, y: int) -> tuple[int, int, int, int]:
    """The frame alone, where the stroke of a tick that leaves it was taken for a part of it."""
    rows, columns = (np.nonzero(strokes.mean(axis=axis) > SPUR)[0] for axis in (1, 0))
    if not len(rows) or not len(columns):
        return x, y, 0, 0
    left, top, right, bottom = (int(v) for v in (columns[0], rows[0], columns[-1], rows[-1]))
    return x + left, y + top, right - left + 1, bottom - top + 1


def _state(frame: Mask) -> str | None:
    """`ticked` or `empty`; None when its four sides are not drawn, or what is inside is neither.

    A little ink inside is a tick of a thin pen where it runs from top to bottom, and otherwise may be dirt.
    """
    depth = max(2, round(0.2 * min(frame.shape)))
    sides = (frame[:depth].any(axis=0), frame[-depth:].any(axis=0), frame[:, :depth].any(axis=1), frame[:, -depth:].any(axis=1))  # fmt: skip  # noqa: E501
    if min(float(side.mean()) for side in sides) < SIDE_DRAWN:
        return None
    inset_y, inset_x = (max(3, round(0.24 * side)) for side in frame.shape)
    inside = frame[inset_y:-inset_y, inset_x:-inset_x]
    share = float(inside.mean())
    if share <= MOST_IN_EMPTY:
        return EMPTY
    return TICKED if share >= LEAST_IN_TICKED or float(inside.any(axis=1).mean()) >= LEAST_STROKE else None
