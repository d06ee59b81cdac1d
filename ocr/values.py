"""Values of labels: what stands beside them, below them, and on the lines after.

A value begins after its label on its row and goes on over the lines below that stand in the same column, until the next
label of that column. In the cells of a form the label stands at half the height of its value instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.labels import Anchor
from ocr.layout import Row, Segment, union_box
from records.readings import Box, Line

LONG_TEXT_LINES = 9
"""Texts of as many lines have paragraphs; in shorter ones a line that is not full is the last."""

TALLER = 1.7
"""Print so much taller than a value's own is a seal's, a watermark's or a heading's."""
SPREAD = 3.6
SHORT_OF_FULL = 3.5
"""How far a line of running text may end before the others do, in its heights."""
_ENDS = ("。", ".", "；", ";", "）", ")")


@dataclass(frozen=True, kw_only=True)
class Found:
    """The printed value of a label: the parts of lines that make it, in reading order."""

    segments: tuple[Segment, ...]
    label_read: bool = True
    """False where the label is only likely: print that broke it may have broken the value too."""

    @property
    def text(self) -> str:
        """Lines are joined without a mark, as a wrapped value was broken without one; what stands apart, by a space."""
        joined = _printed(self.segments[0])
        for before, after in pairwise(self.segments):
            joined += _space_between(before, after) + _printed(after)
        return joined

    @property
    def box(self) -> Box:
        return self.segments[0].box if len(self.segments) == 1 else union_box(s.box for s in self.segments)

    @property
    def confidence(self) -> float:
        return min(segment.line.confidence for segment in self.segments)

    @property
    def expected_errors(self) -> float:
        """How many characters the engine's own confidence lets one expect to be wrong."""
        return sum(expected_errors(segment.line) for segment in self.segments)

    @property
    def is_whole(self) -> bool:
        """Whether running text fills its lines: glare and folds take away the ends of lines, or some in the middle.

        A line may end early where a sentence does.
        """
        rows = _lines_of(self.segments)
        height = max(segment.height for segment in self.segments)
        left, right = min(row[0].left for row in rows[1:] or rows), max(row[-1].right for row in rows)
        ends = (row[-1].text.endswith(_ENDS) or right - row[-1].right < SHORT_OF_FULL * height for row in rows[:-1])
        starts = (row[0].left - left < SHORT_OF_FULL * height for row in rows[1:])
        return all(ends) and all(starts)


def _lines_of(segments: Sequence[Segment]) -> list[list[Segment]]:
    rows: list[list[Segment]] = []
    for segment in segments:
        if rows and abs(rows[-1][-1].right_y - segment.left_y) < 0.5 * segment.height:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return rows


def _space_between(before: Segment, after: Segment) -> str:
    same_line = abs(before.right_y - after.left_y) < 0.5 * min(before.height, after.height)
    if same_line:
        return " " if after.left - before.right > 0.3 * after.height else ""
    words = _ends_in_letter(before.text) and _ends_in_letter(after.text[:1])
    return " " if words else ""


def _ends_in_letter(text: str) -> bool:
    return text[-1:].isascii() and text[-1:].isalpha()


def expected_errors(line: Line) -> float:
    """The engine's confidence is a mean over the line's characters, and short lines are never better than four."""
    return (1 - line.confidence) * max(4, len(line.text))


def _printed(segment: Segment) -> str:
    whole = len(segment.text) == len("".join(segment.line.text.split()))
    return segment.line.text.strip() if whole else segment.text


class Values:
    """Collects the value of each anchor of a page region."""

    def __init__(self, rows: Sequence[Row], anchors: Sequence[Anchor]) -> None:
        self._rows = rows
        self._anchors = anchors
        self._places = {id(s): (i, k) for i, row in enumerate(rows) for k, s in enumerate(row.segments)}
        self._segments = sorted((s for row in rows for s in row.segments), key=lambda s: s.middle)
        self._taken = {place for anchor in anchors for place in self._places_of(anchor)}

    def of(self, anchor: Anchor, lines: int) -> Found | None:
        """The value of a label over at most `lines` lines; None when nothing stands where it should."""
        first = self._on_row(anchor) or self._beside(anchor)
        if not first:
            return None
        segments = list(first)
        if lines > 1:
            segments += self._lines_after(anchor, first, lines - 1)
        return Found(segments=tuple(segments))

    def of_cell(self, anchor: Anchor, lines: int) -> Found | None:
        """The value of a label that stands at half the height of its cell, with lines above and below its own."""
        first = self._on_row(anchor) or self._beside(anchor)
        if lines == 1:
            return Found(segments=tuple(first)) if first else None
        column = [s for s in self._segments if self._is_in_cell_of(anchor, first, s)]
        block = sorted({id(s): s for s in [*column, *first[:1]]}.values(), key=lambda s: s.middle)
        own = _around(block, anchor.middle)[:lines]
        lines_of_cell = (first if first and s is first[0] else self._whole_line(anchor, s) for s in own)
        parts = {id(part): part for line in lines_of_cell for part in line}  # a line cut in two is there twice
        return Found(segments=tuple(parts.values())) if parts else None

    def _is_in_cell_of(self, anchor: Anchor, first: Sequence[Segment], s: Segment) -> bool:
        """Free print to the right of the label that begins where its value begins."""
        if not self._is_free(s) or s.left < anchor.right or s.left >= self._boundary(anchor, s.middle):
            return False
        return not first or abs(s.left - first[0].left) <= 1.2 * s.height

    def below(self, anchor: Anchor, reach: float = 2.5) -> Found | None:
        """What stands under a label, beginning where it begins."""
        for s in self._segments:
            down = s.middle - anchor.middle
            near = 0.5 * anchor.height < down < reach * anchor.height and self._is_free(s)
            if near and abs(s.left - anchor.left) < 1.5 * anchor.height:
                return Found(segments=(s,))
        return None

    def _on_row(self, anchor: Anchor) -> list[Segment]:
        row = self._rows[anchor.row]
        nexts = [a.start for a in self._anchors if a.row == anchor.row and a.start >= anchor.end]
        parts = row.cut(anchor.end, min(nexts, default=len(row.text)))
        return _until_gap(parts, self._boundary(anchor, anchor.middle))

    def _beside(self, anchor: Anchor) -> list[Segment]:
        """A value printed a little above or below its label, so that no row joins them."""
        right = self._boundary(anchor, anchor.middle)
        near = [
            s
            for s in self._segments
            if abs(s.middle - anchor.middle) < 0.8 * anchor.height
            and s.left >= anchor.right - 0.5 * anchor.height
            and s.left < right
            and self._is_free(s)
        ]
        nearest = sorted(near, key=lambda s: s.left)[:1]
        return nearest if nearest and nearest[0].left - anchor.right < 12 * anchor.height else []

    def _boundary(self, anchor: Anchor, down_to: float) -> float:
        """Where the next column of labels begins."""
        return min(
            (
                a.left - 0.3 * a.height
                for a in self._anchors
                if a.left > anchor.right + 2 * anchor.height
                and anchor.middle - 12 * anchor.height < a.middle <= down_to + 0.5 * a.height
                and (a.field is not None or abs(a.middle - anchor.middle) < anchor.height)
            ),
            default=float("inf"),
        )

    def _lines_after(self, anchor: Anchor, first: Sequence[Segment], most: int) -> list[Segment]:
        value: list[Segment] = []
        head = last = first[0]
        last_right = first[-1].right
        long = most >= LONG_TEXT_LINES
        pitch = 0.0
        for s in self._segments:
            step = s.middle - last.middle
            if step < 0.45 * min(s.height, last.height) or not self._continues(anchor, head, last, s):
                continue
            tall = max(s.height, last.height)
            if not long and last_right + 4 * tall < s.right:
                break
            if step > (min(1.7 * pitch, 3 * tall) if pitch else 2.3 * tall) or self._is_past(anchor, s) or most == 0:
                break
            line = self._whole_line(anchor, s)
            value += line
            last_right = line[-1].right
            pitch = step if not pitch else max(pitch, step)
            last = s
            most -= 1
        return value

    def _continues(self, anchor: Anchor, head: Segment, last: Segment, s: Segment) -> bool:
        """Whether a segment begins where the value's lines begin, or was cut from a line that does."""
        if not self._is_free(s) or s.height > TALLER * last.height:
            return False
        tall = max(s.height, last.height)
        if abs(s.left - last.left) < 1.8 * tall or abs(s.left - head.left) < 1.8 * tall:
            return True
        # A label spread over its column makes the place where it ends in one box with its value a guess.
        return head.text != head.line.text and last is head and 0 < s.left - head.left < SPREAD * tall

    def _is_past(self, anchor: Anchor, s: Segment) -> bool:
        return any(
            a is not anchor
            and abs(a.left - anchor.left) < 4 * anchor.height
            and anchor.middle + 0.5 * anchor.height < a.middle <= s.middle + 0.5 * a.height
            for a in self._anchors
        )

    def _whole_line(self, anchor: Anchor, s: Segment) -> list[Segment]:
        """The segment and what detection cut off its end."""
        row, at = self._places[id(s)]
        return _until_gap(self._rows[row].segments[at:], self._boundary(anchor, s.middle))

    def _is_free(self, s: Segment) -> bool:
        """Whether no label and no value beside a label stands in this segment."""
        return self._places[id(s)] not in self._taken

    def _places_of(self, anchor: Anchor) -> list[tuple[int, int]]:
        """Row and number of the segments that hold a label and the value beside it."""
        row = self._rows[anchor.row]
        own = {row.places[at][0] for at in range(anchor.start, min(anchor.end, len(row.text)))}
        beside = (
            {row.places[anchor.end][0] + k for k in range(len(self._on_row(anchor)))}
            if anchor.end < len(row.text)
            else set()
        )
        return [(anchor.row, k) for k in own | beside]


def _around(block: Sequence[Segment], middle: float) -> list[Segment]:
    """Of lines from top to bottom those that run on, at one distance, to either side of a height."""
    if not block:
        return []
    start = min(range(len(block)), key=lambda i: abs(block[i].middle - middle))
    if abs(block[start].middle - middle) > 1.2 * block[start].height:
        return []
    steps = [lower.middle - upper.middle for upper, lower in pairwise(block)]
    near = [step for step in steps[max(0, start - 1) : start + 1] if step < 1.7 * block[start].height]
    most = 1.3 * min(near, default=0.0)
    low = high = start
    while low > 0 and steps[low - 1] <= most:
        low -= 1
    while high < len(steps) and steps[high] <= most:
        high += 1
    return list(block[low : high + 1])


def _until_gap(parts: Sequence[Segment], boundary: float) -> list[Segment]:
    """The leading parts that stand close together and left of the boundary."""
    kept: list[Segment] = []
    for part in parts:
        if part.left >= boundary or (kept and not _goes_on(kept[-1], part)):
            break
        kept.append(part)
    return kept


def _goes_on(before: Segment, after: Segment) -> bool:
    """Whether two parts of a row are print of the same line: near, and not a seal or a stamp over it."""
    low, high = sorted((before.height, after.height))
    return after.left - before.right <= 2.2 * after.height and (high < 1.7 * low or len(after.text) > 3)
