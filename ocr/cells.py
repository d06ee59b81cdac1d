"""The ruled cells of a form, and print in them that detection passed over.

Rules that run level and upright are looked for, and what they close in on all sides is a cell. A page without a table
has none; neither has one whose rules are bent or broken, which is then read by where its print stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.preprocess import Image, reduce
from records.readings import Box, Line, Mark
from records.terms import MarkKind

Mask = NDArray[np.uint8]

WORKING_SIDE_PX = 1000
"""Pages are looked at no smaller; most rules stay two pixels wide."""
SHORTEST_RULE = 0.018
"""A rule is at least this long, in long sides of the page: longer than a stroke of print."""
BROKEN = 3
"""Pixels: a rule may be broken by as many and is one still."""
LEAST_WIDE, LEAST_HIGH = 0.03, 0.014
"""A cell is at least so large, in long sides of the page; what is closed in and smaller is a letter, or one of a row of
boxes for single digits."""
LARGEST = 0.5
"""A frame around more of the page is its border."""
FILLED = 0.8
"""How much of its rectangle a cell fills: what is cut off between slanted rules fills less."""
PARENT = 3
"""Where OpenCV says in what an outline lies."""
FEWEST = 4
"""Fewer closed rectangles are frames, codes and stamps, not a table."""

LEAST_CONTRAST = 50
"""Grey levels between paper and ink in a cell with print."""
LOWEST_LINE_PX = 7
MOST_LINES = 4
INSET = 0.06
"""How much of a cell at its sides is left to its rules, in its height."""


def find_cells(image: Image) -> tuple[Mark, ...]:
    """The cells of an upright page `(H, W, 3)` BGR from top to bottom; nothing where it has no table."""
    small, scale = reduce(image, WORKING_SIDE_PX)
    cells = [_mark(corners, scale) for corners in _closed(_rules(small))]
    return tuple(sorted(cells, key=lambda cell: (cell.box[0][1], cell.box[0][0]))) if len(cells) >= FEWEST else ()


def _rules(image: Image) -> Mask:
    """Level and upright strokes longer than those of print; 255 where there is one."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    dark = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12)
    least = max(round(SHORTEST_RULE * max(grey.shape)), 12)
    rules = np.zeros_like(grey)
    for along, across in (((least, 1), (BROKEN + least, 3)), ((1, least), (3, BROKEN + least))):
        strokes = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(along[::-1], np.uint8))
        rules = cv2.bitwise_or(rules, cv2.dilate(strokes, np.ones(across[::-1], np.uint8)))
    return np.asarray(rules, dtype=np.uint8)


def _closed(rules: Mask) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom of what is closed in by rules."""
    height, width = rules.shape
    least_wide, least_high = LEAST_WIDE * max(height, width), LEAST_HIGH * max(height, width)
    outlines, above = cv2.findContours(rules, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for i, outline in enumerate(outlines):
        if above[0][i][PARENT] < 0:
            continue  # the outside of rules, not a hole in them
        x, y, wide, high = cv2.boundingRect(outline)
        is_large = wide >= least_wide and high >= least_high
        if is_large and FILLED * wide * high <= cv2.contourArea(outline) <= LARGEST * width * height:
            yield x + 1, y + 1, x + wide - 1, y + high - 1


def _mark(corners: tuple[int, int, int, int], scale: float) -> Mark:
    left, top, right, bottom = (value / scale for value in corners)
    return Mark(kind=MarkKind.CELL, box=((left, top), (right, top), (right, bottom), (left, bottom)))


# --- print that was passed over ---


def passed_over(image: Image, cells: Sequence[Mark], lines: Sequence[Line]) -> list[Box]:
    """The lines of print in cells in which nothing was read, as boxes on the upright page."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8) if cells else None
    read = [(*line.box[0], *line.box[2]) for line in lines]
    found: list[Box] = []
    for cell in cells:
        (left, top), _, (right, bottom), _ = cell.box
        empty = all(x1 <= left or x0 >= right or y1 <= top or y0 >= bottom for x0, y0, x1, y1 in read)
        if grey is not None and empty:
            found += _lines_in(grey, cell)
    return found


def _lines_in(grey: NDArray[np.uint8], cell: Mark) -> list[Box]:
    (left, top), _, (right, bottom), _ = cell.box
    inset = max(2, round(INSET * (bottom - top)))
    x0, y0, x1, y1 = round(left) + inset, round(top) + inset, round(right) - inset, round(bottom) - inset
    inside = grey[y0:y1, x0:x1]
    if min(inside.shape) < LOWEST_LINE_PX:
        return []
    darkest, paper = (float(v) for v in np.percentile(inside, (0.5, 80)))
    if paper - darkest < LEAST_CONTRAST:
        return []
    ink = np.asarray(inside < (darkest + paper) / 2, dtype=np.bool_)
    bands = [
        band for band in _bands(np.asarray(ink.any(axis=1), dtype=np.bool_)) if band[1] - band[0] >= LOWEST_LINE_PX
    ]
    return [_line_box(ink, band, x0, y0) for band in bands] if len(bands) <= MOST_LINES else []


def _bands(inked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of rows with ink in them, from the first to after the last."""
    edges = np.flatnonzero(np.diff(inked.astype(np.int8), prepend=0, append=0)).tolist()
    return [(start, end) for i, (start, end) in enumerate(pairwise(edges)) if i % 2 == 0]


def _line_box(ink: NDArray[np.bool_], band: tuple[int, int], x0: int, y0: int) -> Box:
    """A line with a little paper around it."""
    columns = np.flatnonzero(ink[band[0] : band[1]].any(axis=0))
    margin = max(1.0, 0.15 * (band[1] - band[0]))
    left, right = x0 + float(columns[0]) - margin, x0 + float(columns[-1]) + 1 + margin
    top, bottom = y0 + band[0] - margin, y0 + band[1] + margin
    return ((left, top), (right, top), (right, bottom), (left, bottom))
