"""What is ticked in a form's field, by its boxes as they are drawn: a second witness beside the text as recognised."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.fields.plain import EMPTY, TICKED, tidy
from ocr.layout import Segment
from ocr.tick_boxes import TICKED as INKED
from records.readings import Mark
from records.terms import MarkKind

_BOX = re.compile(f"[{TICKED}{EMPTY}]")
REACH = 1.8
"""How far before the first character of a field its first box may stand, in heights of the line."""


def drawn(segments: Sequence[Segment], marks: Sequence[Mark]) -> str | None:
    """The options behind boxes with ink among the parts of a field, as the rule for text writes them; None if none."""
    boxes = [mark for mark in marks if mark.kind is MarkKind.TICK_BOX]
    options = [option for row in _rows(segments) for option in _ticked_in(row, boxes)]
    return "; ".join(options) or None


def _rows(segments: Sequence[Segment]) -> list[list[Segment]]:
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: s.middle):
        if rows and abs(rows[-1][0].middle - segment.middle) < 0.5 * segment.height:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return rows


def _ticked_in(row: Sequence[Segment], boxes: Sequence[Mark]) -> list[str]:
    """The options of a row that stand between a box with ink and the next box."""
    height = max(s.height for s in row)
    left, right = min(s.left for s in row) - REACH * height, max(s.right for s in row)
    middle = row[0].middle
    own = [b for b in boxes if left <= b.box[0][0] <= right and b.box[0][1] < middle < b.box[2][1]]
    own.sort(key=lambda b: b.box[0][0])
    letters = [letter for s in sorted(row, key=lambda s: s.left) for letter in _letters(s, own)]
    middles = [(b.box[0][0] + b.box[1][0]) / 2 for b in own]
    ends = [*middles, float("inf")][1:]
    spans = [(middle, end) for b, middle, end in zip(own, middles, ends, strict=True) if b.value == INKED]
    texts = ("".join(c for x, c in letters if a < x < b) for a, b in spans)
    return [option for text in texts if (option := tidy(_BOX.split(text.lstrip(TICKED + EMPTY))[0]))]


def _letters(s: Segment, boxes: Sequence[Mark]) -> list[tuple[float, str]]:
    """The middle of each character, and it; they stand behind a box that was passed over at their head."""
    middles = [((s.edges[i] + s.edges[i + 1]) / 2, c) for i, c in enumerate(s.text)]
    ends = [b.box[1][0] for b in boxes if b.box[0][0] < s.left + s.height / 2 and s.left < b.box[1][0] < s.right]
    if not ends or _BOX.match(s.text):
        return middles
    start = max(ends)
    return [(start + (x - s.left) * (s.right - start) / s.width, c) for x, c in middles]
