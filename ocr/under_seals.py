"""Lines under a red seal: the light to read them in, and how far they reach where the seal cut them in pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from ocr.engine import Channel
from ocr.layout import Segment, union_box
from records.readings import Box, Line

Seals = Mapping[int, Sequence[Box]]
"""The boxes of the red seals of a document, by page."""
NEARLY_ALL = 0.8
Extent = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def lit_by(part: Segment, seals: Seals) -> Channel:
    """The light in which the line of a segment is read best."""
    left, top, right, bottom = _extent(part.line.box)
    under = (
        seal_left < right and left < seal_right and seal_top < bottom and top < seal_bottom
        for seal_left, seal_top, seal_right, seal_bottom in map(_extent, seals.get(part.page_no, ()))
    )
    return Channel.RED if any(under) else Channel.COLOUR


def is_within(line: Line, seals: Sequence[Box]) -> bool:
    """Whether nearly all of a line stands in one seal."""
    left, top, right, bottom = _extent(line.box)
    area = max((right - left) * (bottom - top), 1.0)
    shared = (
        max(0.0, min(right, seal[2]) - max(left, seal[0])) * max(0.0, min(bottom, seal[3]) - max(top, seal[1]))
        for seal in map(_extent, seals)
    )
    return any(each >= NEARLY_ALL * area for each in shared)


def joins_a_seal(parts: Sequence[Segment], seals: Seals) -> bool:
    """Whether a value goes on behind a blank with print that stands in a seal: letters of the seal, more likely."""
    return any(
        after.left - before.right > min(before.height, after.height)
        and abs(after.middle - before.middle) < before.height
        and is_within(after.line, seals.get(after.page_no, ()))
        for before, after in pairwise(parts)
    )


def through_seals(line: Line, others: Sequence[Line], seals: Sequence[Box]) -> tuple[Box, list[Line]]:
    """A line that ends in a seal, with all of the seal and the pieces that go on from there on its row.

    Returns the box to read, that of the line where no seal cuts it, and the other lines it takes in.
    """
    left, top, right, bottom = extent = _extent(line.box)
    height = bottom - top
    cut = [seal for seal in map(_extent, seals) if _ends_in(extent, seal)]
    if not cut:
        return line.box, []
    reach = max(seal[2] for seal in cut)
    pieces = [other for other in others if other is not line and _goes_on(extent, _extent(other.box), reach)]
    right = max([reach, *(_extent(piece.box)[2] for piece in pieces)])
    taken = [
        other for other in others if other is not line and _takes_in(_extent(other.box), (left, top, right, bottom))
    ]
    return ((left, top), (right, top), (right, bottom), (left, bottom)) if right > left + height else line.box, taken


def _ends_in(line: Extent, seal: Extent) -> bool:
    height = line[3] - line[1]
    level = seal[1] < (line[1] + line[3]) / 2 < seal[3]
    return level and line[0] < seal[0] and seal[0] - height < line[2] < seal[2]


def _goes_on(line: Extent, other: Extent, reach: float) -> bool:
    """Whether another line stands on the row of this one and begins before the seal ends."""
    height = line[3] - line[1]
    low, high = sorted((height, other[3] - other[1]))
    on_row = abs((other[1] + other[3]) - (line[1] + line[3])) < 0.8 * height and high < 1.5 * low
    return on_row and line[2] - height < other[0] < reach + height / 2 and other[2] > line[2]


def _takes_in(other: Extent, whole: Extent) -> bool:
    """Whether a line's middle stands in a box and on its row."""
    x, y = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    return whole[0] <= x <= whole[2] and whole[1] <= y <= whole[3]


def _extent(box: Box) -> Extent:
    (left, top), _, (right, bottom), _ = union_box([box])
    return left, top, right, bottom
