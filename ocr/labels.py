"""Labels on a page, and the values that stand beside, below and on the lines after them.

A label is looked for at the start of a segment, exactly first, then with one character misread, and where a field is
still missing by the half of a two-character label that was found (`称` of `名称`). Values begin after their label on its row
and go on over the lines below that stand in the same column, until the next label of that column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.layout import Row, Segment, union_box
from records.readings import Box, Line

_LEADING = re.compile(r"^[^\w]*(?:\d{1,2}[.、]|[A-Za-z]{1,6}(?=[\u3400-\u9fff]))?[^\w]*")
_AFTER_LABEL = ":：_＿.,，、*"
LONG_TEXT_LINES = 9
"""Texts of as many lines have paragraphs; in shorter ones a line that is not full is the last."""
WEAK, FUZZY, EXACT = 1, 2, 3


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A label found: `end` is the place in the row's text behind it, `left`, `right`, `middle`, `height` its box."""

    label: str
    field: str | None
    row: int
    start: int
    end: int
    left: float
    right: float
    middle: float
    height: float
    strength: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """The printed value of a label: the parts of lines that make it, in reading order."""

    segments: tuple[Segment, ...]

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


def _space_between(before: Segment, after: Segment) -> str:
    same_line = abs(before.right_y - after.left_y) < 0.5 * min(before.height, after.height)
    if same_line:
        return " " if after.left - before.right > 0.3 * after.height else ""
    words = (
        before.text[-1:].isascii()
        and before.text[-1:].isalpha()
        and after.text[:1].isascii()
        and after.text[:1].isalpha()
    )
    return " " if words else ""


def expected_errors(line: Line) -> float:
    """The engine's confidence is a mean over the line's characters, and short lines are never better than four."""
    return (1 - line.confidence) * max(4, len(line.text))


def _printed(segment: Segment) -> str:
    whole = len(segment.text) == len("".join(segment.line.text.split()))
    return segment.line.text.strip() if whole else segment.text


class LabelFinder:
    """Compiled once for a set of labels; `labels` maps each to its field, or to None where it only stops a value."""

    def __init__(self, labels: Mapping[str, str | None]) -> None:
        self.labels = dict(labels)
        by_length = sorted(labels, key=len, reverse=True)
        self._exact = re.compile("|".join(_spelled(label) for label in by_length))
        fuzzy = [label for label in by_length if len(label) >= 4 and label.isalpha()]
        self._fuzzy = [(label, re.compile(_one_wrong(label))) for label in fuzzy]

    def find(self, rows: Sequence[Row]) -> list[Anchor]:
        """The best anchor of each field, and all stops, from top to bottom."""
        anchors = [anchor for i, row in enumerate(rows) for anchor in self._in_row(i, row)]
        missing = set(self.labels.values()) - {a.field for a in anchors} - {None}
        if missing and len(anchors) >= 2:
            anchors += self._halves(rows, anchors, missing)
        return _best(anchors)

    def _in_row(self, index: int, row: Row) -> list[Anchor]:
        anchors: list[Anchor] = []
        for i, segment in enumerate(row.segments):
            start = sum(len(s.text) for s in row.segments[:i])
            if anchors and start < anchors[-1].end:
                continue
            found = self._at(index, row, start + _skip(segment.text))
            if found is not None:
                anchors.append(found)
            if anchors:
                anchors += self._inside(index, row, anchors, start, start + len(segment.text))
        return anchors

    def _at(self, index: int, row: Row, at: int) -> Anchor | None:
        match = self._exact.match(row.text, at)
        if match:
            return self._anchor(index, row, match.start(), match.end(), self._label(match), EXACT)
        for label, pattern in self._fuzzy:
            close = pattern.match(row.text, at)
            if close:
                return self._anchor(index, row, close.start(), close.end(), label, FUZZY)
        return None

    def _inside(self, index: int, row: Row, before: Sequence[Anchor], start: int, end: int) -> list[Anchor]:
        """Labels in the middle of a segment, glued to the value before them: only where a label is certain."""
        found: list[Anchor] = []
        last = before[-1]
        for match in self._exact.finditer(row.text, max(start + 1, last.end), end):
            value = match.start() - last.end
            label = self._label(match)
            certain = len(label) >= 4 and not _is_running_text(last, row, match.start())
            if value and (certain or (value <= 2 and self.labels[label] is not None)):
                last = self._anchor(index, row, match.start(), match.end(), label, EXACT)
                found.append(last)
        return found

    def _label(self, match: re.Match[str]) -> str:
        """The label as the template writes it."""
        return match[0] if match[0] in self.labels else match[0][0] + match[0][-1]

    def _halves(self, rows: Sequence[Row], anchors: Sequence[Anchor], missing: set[str | None]) -> list[Anchor]:
        """Two-character labels of which one character was lost or misread, in a column or row with other labels."""
        halves: list[Anchor] = []
        pairs = [label for label, field in self.labels.items() if len(label) == 2 and field in missing]
        for i, row in enumerate(rows):
            at = 0
            for segment in row.segments:
                start, at = at + _skip(segment.text), at + len(segment.text)
                half = row.text[start : start + 1]
                label = next((pair for pair in pairs if half and half in pair), None)
                taken = any(a.row == i and a.start <= start < a.end for a in anchors)
                if label is None or taken or not any(_in_column(a, segment) or a.row == i for a in anchors):
                    continue
                whole = 2 if half == label[0] and len(segment.text) >= 2 else 1
                halves.append(self._anchor(i, row, start, start + whole, label, WEAK))
        return halves

    def _anchor(self, index: int, row: Row, start: int, end: int, label: str, strength: int) -> Anchor:
        parts = row.cut(start, end)
        while end < len(row.text) and row.text[end] in _AFTER_LABEL:
            end += 1
        return Anchor(
            label=label,
            field=self.labels[label],
            row=index,
            start=start,
            end=end,
            left=parts[0].left,
            right=parts[-1].right,
            middle=sum(p.middle for p in parts) / len(parts),
            height=max(p.height for p in parts),
            strength=strength,
        )


def _skip(text: str) -> int:
    match = _LEADING.match(text)
    return match.end() if match else 0


def _spelled(label: str) -> str:
    """A pattern for the label; between the two characters of a spaced one a watermark may have been read."""
    return rf"{label[0]}[A-Za-z0-9.]{{0,4}}{label[1]}" if len(label) == 2 and label.isalpha() else re.escape(label)


def _one_wrong(label: str) -> str:
    """A pattern for the label with any one of its characters misread or lost."""
    heads = [(re.escape(label[:i]), re.escape(label[i + 1 :])) for i in range(len(label))]
    return "|".join([f"{head}.{tail}" for head, tail in heads] + [head + tail for head, tail in heads])


def _is_running_text(last: Anchor, row: Row, at: int) -> bool:
    return "范围" in last.label or at - last.end > 40


def _in_column(anchor: Anchor, segment: Segment) -> bool:
    return abs(anchor.left - segment.left) < 4.5 * anchor.height


def _best(anchors: Sequence[Anchor]) -> list[Anchor]:
    best: dict[str, Anchor] = {}
    for anchor in anchors:
        if anchor.field is None:
            continue
        rival = best.get(anchor.field)
        if rival is None or _rank(anchor, anchors) > _rank(rival, anchors):
            best[anchor.field] = anchor
    kept = [a for a in anchors if a.field is None or best[a.field] is a]
    return sorted(kept, key=lambda a: (a.middle, a.left))


def _rank(anchor: Anchor, anchors: Sequence[Anchor]) -> tuple[int, int]:
    """Well-read labels first, then those that stand in a column with others."""
    aligned = sum(abs(a.left - anchor.left) < 1.5 * anchor.height for a in anchors)
    return (anchor.strength, aligned)


class Values:
    """Collects the value of each anchor of a page region."""

    def __init__(self, rows: Sequence[Row], anchors: Sequence[Anchor]) -> None:
        self._rows = rows
        self._anchors = anchors
        self._places = {id(s): (i, k) for i, row in enumerate(rows) for k, s in enumerate(row.segments)}
        self._segments = sorted((s for row in rows for s in row.segments), key=lambda s: s.middle)
        self._taken = {place for anchor in anchors for place in self._places_of(anchor)}

    def of(self, anchor: Anchor, lines: int, accept: Callable[[Segment], bool] | None = None) -> Found | None:
        """The value of a label over at most `lines` lines; None when nothing stands where it should."""
        first = self._on_row(anchor) or self._beside(anchor)
        if accept is not None:
            first = [s for s in first if accept(s)]
        if not first:
            return None
        segments = list(first)
        if lines > 1:
            segments += self._lines_after(anchor, first, lines - 1)
        return Found(segments=tuple(segments))

    def of_cell(self, anchor: Anchor, lines: int) -> Found | None:
        """The value of a label that stands at half the height of its cell, with lines above and below the label's own."""
        first = self._on_row(anchor) or self._beside(anchor)
        if lines == 1:
            return Found(segments=tuple(first)) if first else None
        column = [s for s in self._segments if self._is_in_cell_of(anchor, first, s)]
        block = sorted({id(s): s for s in [*column, *first[:1]]}.values(), key=lambda s: s.middle)
        own = _around(block, anchor.middle)[:lines]
        parts = [part for s in own for part in (first if first and s is first[0] else self._whole_line(anchor, s))]
        return Found(segments=tuple(parts)) if parts else None

    def _is_in_cell_of(self, anchor: Anchor, first: Sequence[Segment], s: Segment) -> bool:
        """Free print to the right of the label that begins where its value begins."""
        if not self._is_free(s) or s.left < anchor.right or s.left >= self._boundary(anchor, s.middle):
            return False
        return not first or abs(s.left - first[0].left) <= 1.2 * s.height

    def below(self, anchor: Anchor, reach: float = 2.5) -> Found | None:
        """What stands under a label, beginning where it begins."""
        for s in self._segments:
            down = s.middle - anchor.middle
            if 0.5 * anchor.height < down < reach * anchor.height and self._is_free(s):
                if abs(s.left - anchor.left) < 1.5 * anchor.height:
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
        slack = (1.8 if last is not head or head.text == head.line.text else 2.4) * max(s.height, last.height)
        return min(abs(s.left - last.left), abs(s.left - head.left)) < slack and self._is_free(s)

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
    return after.left - before.right <= 3 * after.height and (high < 1.7 * low or len(after.text) > 3)
