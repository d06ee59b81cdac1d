"""Whether somebody signed: ink on the line beside a label such as 客户签字.

It says that there is ink which is not the label, not the ruled line and not a red seal; whose it is it cannot say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.layout import Segment
from ocr.preprocess import Image, reduce
from records.readings import Line, Mark
from records.terms import MarkKind

Mask = NDArray[np.bool_]
Region = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels of the page."""

LABEL = re.compile(r"签[字名章署](?:处|人)?(?:[(（][^()（）]{0,6}[)）])?[:：]?")
_NEXT_LABEL = re.compile(r"[:：]|^[(（]?(?:盖章|公章|印章|章)|日期|^年|^\d{4}年|[年月]$|签[字名章署]")
REACH = 9.0
"""How far to the right of its label a signature is looked for, in heights of the label."""
UP, DOWN = 1.5, 1.3
NARROWEST = 2.0
"""A space narrower than this, in the same heights, is no room to sign in."""
DARKER = 55
"""How much darker than the paper ink is in red light, where a red seal fades."""
REDDISH = 25
"""How far red must stand out for a pixel to be of a seal, where it crosses print."""
SPECK = 0.004
"""Ink smaller than this, in the same measure as below, is dirt."""
WORKING_HEIGHT_PX = 24
"""The height of a label, at least, at which ink is looked at."""
LEAST_INK = 0.15
"""The least ink of a signature, as a share of the square of the label's height."""


def find_signatures(image: Image, lines: Sequence[Line]) -> tuple[Mark, ...]:
    """The ink beside each label for signing on an upright page `(H, W, 3)` BGR, in the order of the labels."""
    marks = (_ink_in(image, region, height) for region, height in _places(image, lines))
    return tuple(mark for mark in marks if mark is not None)


def _places(image: Image, lines: Sequence[Line]) -> Iterator[tuple[Region, float]]:
    segments = [Segment(text="".join(line.text.split()), line=line, page_no=1, box=line.box) for line in lines]
    for segment in segments:
        for match in LABEL.finditer(segment.text):
            if match.end() < len(segment.text) and match[0][-1] not in ":：":
                continue  # a sentence about signing
            region = _beside(segment, match.end(), segments, image.shape[:2])
            if region is not None:
                yield region, segment.height


def _beside(label: Segment, end: int, segments: Sequence[Segment], size: tuple[int, ...]) -> Region | None:
    """The place to sign: from the end of the label to the next label, or the edge of the page."""
    height = label.height
    left = label.edges[end] + 0.15 * height
    right = min(left + REACH * height, float(size[1]))
    rest = label.text[end:]
    following = _NEXT_LABEL.search(rest)
    if following:
        right = label.edges[end + following.start()]
    for other in segments:
        in_row = other is not label and abs(other.middle - label.middle) < 1.2 * height
        if in_row and left - height < other.left < right and _NEXT_LABEL.search(other.text):
            right = other.left
    if right - left < NARROWEST * height:
        return None
    top, bottom = max(0.0, label.middle - UP * height), min(float(size[0]), label.middle + DOWN * height)
    return round(left), round(top), round(right), round(bottom)


def _ink_in(image: Image, region: Region, height: float) -> Mark | None:
    left, top, right, bottom = region
    if right <= left or bottom <= top:
        return None
    part, scale = _at_working_size(image[top:bottom, left:right], height)
    ink = _ink(part, height * scale)
    ys, xs = (places / scale for places in np.nonzero(ink))
    area = len(ys) / scale**2
    if area < LEAST_INK * height * height or np.ptp(xs) < 0.7 * height or np.ptp(ys) < 0.5 * height:
        return None
    x0, x1 = (left + float(v) for v in np.percentile(xs, (1, 99)))
    y0, y1 = (top + float(v) for v in np.percentile(ys, (1, 99)))
    box = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return Mark(kind=MarkKind.SIGNATURE, box=box, colour=_colour(part[ink]))


def _at_working_size(part: Image, height: float) -> tuple[Image, float]:
    return reduce(part, round(max(part.shape[:2]) * min(1.0, WORKING_HEIGHT_PX / height)))


def _ink(part: Image, height: float) -> Mask:
    """Where ink lies, without the ruled lines of the form and without what hangs over from the rows above and below."""
    red, near = part[:, :, 2], max(3, round(0.6 * height))
    ground = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((near, near), np.uint8))  # the cell may be shaded
    sealed = cv2.subtract(red, cv2.max(part[:, :, 0], part[:, :, 1])) > REDDISH
    dark = np.asarray((cv2.subtract(ground, red) > DARKER) & ~sealed, dtype=np.uint8)
    for across, down in ((3.0 * height, 1.0), (1.0, 2.2 * height)):
        kernel = np.ones((max(1, round(down)), max(1, round(across))), np.uint8)
        ruled = cv2.dilate(cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel), np.ones((3, 3), np.uint8))
        dark = dark & ~np.asarray(ruled, dtype=np.uint8)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(dark, connectivity=8)
    middle = centres[:count, 1] / part.shape[0]
    kept = (stats[:, cv2.CC_STAT_AREA] >= SPECK * height * height) & (middle >= 0.12) & (middle <= 0.92)
    sides = np.sort(stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]], axis=1)
    kept &= (sides[:, 0] > 0.12 * height) | (sides[:, 1] < 0.7 * height)  # the rest of a ruled line
    kept[0] = False  # the paper
    return np.asarray(kept[labels], dtype=np.bool_)


def _colour(ink: Image) -> str:
    blue, green, red = (float(v) for v in np.median(ink, axis=0))
    if blue - max(red, green) > 15:
        return "blue"
    return "red" if red - max(blue, green) > 40 else "black"
