"""Where a ruled form puts the value of a label: in the label's own cell, or in the cell to its right.

A fold or a stroke may rule a cell in two, so that print which runs on over a wall is followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocr.layout import Segment
from records.readings import Mark
from records.terms import MarkKind

APART = 1.8
"""Print of a label's own cell no further under it, in its heights, is the label going on."""
WALL = 1.5
"""How far two cells beside one another lie apart at most, in heights of the label."""
RUNNING = 1.2
"""How far print that runs on over a wall is apart at most, in its heights."""
SAME_LINE = 0.5
LEGIBLE = 0.7
"""What was read with less confidence may be dirt."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """In pixels of the upright page."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def spans(self, segment: Segment) -> bool:
        """Whether print stays within the walls, but for what boxes are drawn too large."""
        return self.left - segment.height < segment.left and segment.right < self.right + segment.height


class Table:
    """The cells of a page with the print in them; `is_label` tells which of the segments are labels."""

    def __init__(self, marks: Sequence[Mark], segments: Sequence[Segment], is_label: Callable[[Segment], bool]) -> None:
        self._cells = [_cell(mark) for mark in marks if mark.kind is MarkKind.CELL]
        self._is_label = is_label
        self._inside: dict[Cell, list[Segment]] = {cell: [] for cell in self._cells}
        for segment in segments if self._cells else ():
            if segment.line.confidence < LEGIBLE:
                continue
            cell = self._at((segment.left + segment.right) / 2, segment.middle)
            if cell is not None:
                self._inside[cell].append(segment)

    def value_of(self, label: Sequence[Segment]) -> list[Segment]:
        """The print that belongs to a label, in reading order; nothing where the rules do not tell for certain."""
        place = _Place.of(label)
        own = self._at(place.x, place.y)
        if own is None or place.right > own.right + place.height:
            return []
        return self._within(own, place) or self._right_of(own, place)

    def _at(self, x: float, y: float) -> Cell | None:
        return next((cell for cell in self._cells if cell.holds(x, y)), None)

    def _within(self, own: Cell, label: _Place) -> list[Segment]:
        """What is written into the label's own cell, behind it or well under it."""
        rest = [s for s in self._inside[own] if id(s.line) not in label.lines]
        if any(self._is_label(s) for s in rest):
            return []  # a cell of many labels has an order of its own
        behind = [s for s in rest if abs(s.middle - label.y) < SAME_LINE * s.height and s.left >= label.right]
        under = [s for s in rest if s.middle - label.y > APART * label.height]
        return in_reading_order([*behind, *under])

    def _right_of(self, own: Cell, label: _Place) -> list[Segment]:
        found: list[Segment] = []
        cell = own
        while (beside := self._next(cell, label)) is not None:
            inside = self._inside[beside]
            if any(self._is_label(s) for s in inside):
                break
            if any(not beside.spans(s) for s in inside) or (found and inside and not _runs_on(found, inside)):
                return []
            cell = beside
            found += inside
        return in_reading_order(found)

    def _next(self, cell: Cell, label: _Place) -> Cell | None:
        """The cell on the other side of the right wall, at the height of the label."""
        near = WALL * label.height
        beside = (c for c in self._cells if abs(c.left - cell.right) < near and c.top < label.y < c.bottom)
        return next((c for c in beside if c.right > cell.right), None)


def _runs_on(before: Sequence[Segment], after: Sequence[Segment]) -> bool:
    """Whether print goes on over a wall, as over a fold."""
    return any(
        abs(b.left - a.right) < RUNNING * a.height and abs(b.middle - a.middle) < a.height
        for a in before
        for b in after
    )


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where the parts of a label stand, and the identities of their lines."""

    x: float
    y: float
    right: float
    height: float
    lines: frozenset[int]

    @staticmethod
    def of(parts: Sequence[Segment]) -> _Place:
        left, right = min(p.left for p in parts), max(p.right for p in parts)
        return _Place(
            x=(left + right) / 2,
            y=sum(p.middle for p in parts) / len(parts),
            right=right,
            height=max(p.height for p in parts),
            lines=frozenset(id(p.line) for p in parts),
        )


def _cell(mark: Mark) -> Cell:
    (left, top), _, (right, bottom), _ = mark.box
    return Cell(left=left, top=top, right=right, bottom=bottom)


def in_reading_order(segments: Sequence[Segment]) -> list[Segment]:
    """Line by line from the top, each from the left."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: s.middle):
        if rows and abs(rows[-1][-1].middle - segment.middle) < SAME_LINE * segment.height:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [segment for row in rows for segment in sorted(row, key=lambda s: s.left)]
