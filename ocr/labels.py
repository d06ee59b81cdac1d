"""Labels on a page: what is printed before a value.

A label is looked for at the start of a segment, exactly first, then with one character misread or lost, and where a
field is still missing by the half of a two-character label that was found (`称` of `名称`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ocr.fields.parsed import fold
from ocr.layout import Row, Segment
from ocr.templates import Template

_LEADING = re.compile(r"^[^\w]*(?:\d{1,2}[.、]|[A-Za-z]{1,6}(?=[\u3400-\u9fff]))?[^\w]*")
_AFTER_LABEL = ":：_＿.,，、*"
SHORT_VALUE = 4
"""A label of two characters may follow on a value of as many without a gap: `姓名林木森性别女`."""
WEAK, FUZZY, EXACT = 1, 2, 3
LONGEST_HALVED = 3


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

    @property
    def is_read(self) -> bool:
        """Whether print bears the label out; of three characters of which one differs it may be another."""
        return self.strength > WEAK or len(self.label) < LONGEST_HALVED


class LabelFinder:
    """Compiled once for a set of labels; `labels` maps each to its field, or to None where it only stops a value."""

    def __init__(self, labels: Mapping[str, str | None]) -> None:
        self._written = {fold(label): label for label in labels}
        self.labels = {fold(label): field for label, field in labels.items()}
        labels = self.labels  # print is compared in half width
        by_length = sorted(labels, key=len, reverse=True)
        self._exact = re.compile("|".join(_spelled(label) for label in by_length))
        fuzzy = [label for label in by_length if len(label) >= 4 and label.isalpha()]
        self._fuzzy = [(label, re.compile(one_wrong(label))) for label in fuzzy]

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
            if value and (certain or (value <= SHORT_VALUE and self.labels[label] is not None)):
                last = self._anchor(index, row, match.start(), match.end(), label, EXACT)
                found.append(last)
        return found

    def _label(self, match: re.Match[str]) -> str:
        """The label as the template writes it."""
        return match[0] if match[0] in self.labels else match[0][0] + match[0][-1]

    def _halves(self, rows: Sequence[Row], anchors: Sequence[Anchor], missing: set[str | None]) -> list[Anchor]:
        """Short labels of which one character was lost or misread, in a column or row with other labels.

        Of two characters one is enough; three must be a segment of their own, as two of them also begin names.
        """
        halves: list[Anchor] = []
        pairs = [label for label, field in self.labels.items() if len(label) == 2 and field in missing]
        threes = [label for label, field in self.labels.items() if len(label) == LONGEST_HALVED and field in missing]
        for i, row in enumerate(rows):
            at = 0
            for segment in row.segments:
                start, at = at + _skip(segment.text), at + len(segment.text)
                half = row.text[start : start + 1]
                misread = next((three for three in threes if _is_one_off(segment.text, three)), None)
                label = misread or next((pair for pair in pairs if half and half in pair), None)
                taken = any(a.row == i and a.start <= start < a.end for a in anchors)
                if label is None or taken or not any(_in_column(a, segment) or a.row == i for a in anchors):
                    continue
                whole = len(segment.text) if misread else 2 if half == label[0] and len(segment.text) >= 2 else 1
                halves.append(self._anchor(i, row, start, start + whole, label, WEAK))
        return halves

    def _anchor(self, index: int, row: Row, start: int, end: int, label: str, strength: int) -> Anchor:
        parts = row.cut(start, end)
        while end < len(row.text) and row.text[end] in _AFTER_LABEL:
            end += 1
        return Anchor(
            label=self._written[label],
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


@lru_cache(maxsize=64)
def finder_of(template: Template) -> LabelFinder:
    """Kept for the templates used last, as compiling one takes longer than using it."""
    return LabelFinder(template.labels())


def _skip(text: str) -> int:
    match = _LEADING.match(text)
    return match.end() if match else 0


def _spelled(label: str) -> str:
    """A pattern for the label; between the two characters of a spaced one a watermark may have been read."""
    return rf"{label[0]}[A-Za-z0-9.]{{0,4}}{label[1]}" if len(label) == 2 and label.isalpha() else re.escape(label)


def one_wrong(label: str) -> str:
    """A pattern for a label, or a title, with any one of its characters misread or lost."""
    heads = [(re.escape(label[:i]), re.escape(label[i + 1 :])) for i in range(len(label))]
    return "|".join([f"{head}.{tail}" for head, tail in heads] + [head + tail for head, tail in heads])


def _is_one_off(text: str, label: str) -> bool:
    return len(text) == len(label) and sum(a != b for a, b in zip(text, label, strict=True)) == 1


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
