"""Where text stands: segments with their characters' places, and the rows they form.

A segment is a recognised line, or a part of one. Detection cuts print as it likes: a label may be two boxes (`名`,
`称`), share one with its value (`类型有限责任公司`), or share one with the label below it (a tall box `名类`). Rows put
back together what stands side by side, so that labels can be looked for in the text of a row.
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ocr import watermark
from ocr.fields.parsed import fold
from ocr.preprocess import LEVEL_LINES, LEVEL_SHARE
from records.readings import Box, Line, PageReading

_WIDE = "□☐▢■▣☑☒○◯√✓✔※★☆●"
_CJK = re.compile(r"[\u3400-\u9fff]")
TILT_DEG = 10.0
"""Text more oblique than this to the rest of the page is a watermark or a seal."""
SHORT, SHORT_TILT_DEG = 5, 16.0
WATERMARK_LINES = 5


@dataclass(frozen=True, kw_only=True)
class Segment:
    """`text` without spaces; `line` is what was recognised and `page_no` where."""

    text: str
    line: Line
    page_no: int
    box: Box

    @cached_property
    def left(self) -> float:
        return min(self.box[0][0], self.box[3][0])

    @cached_property
    def right(self) -> float:
        return max(self.box[1][0], self.box[2][0])

    @cached_property
    def left_y(self) -> float:
        return (self.box[0][1] + self.box[3][1]) / 2

    @cached_property
    def right_y(self) -> float:
        return (self.box[1][1] + self.box[2][1]) / 2

    @cached_property
    def middle(self) -> float:
        return (self.left_y + self.right_y) / 2

    @cached_property
    def height(self) -> float:
        return max(1.0, (math.dist(self.box[0], self.box[3]) + math.dist(self.box[1], self.box[2])) / 2)

    @property
    def width(self) -> float:
        return max(1.0, self.right - self.left)

    @cached_property
    def edges(self) -> list[float]:
        """X of the left edge of each character, and of the right edge of the last: the widths follow the script."""
        weights = [_advance(c) for c in self.text]
        total = sum(weights) or 1.0
        edges = [self.left]
        for weight in weights:
            edges.append(edges[-1] + self.width * weight / total)
        return edges

    @property
    def characters(self) -> float:
        """How many full-width characters the text would take."""
        return sum(_advance(c) for c in self.text)

    def part(self, start: int, end: int | None = None) -> Segment:
        """The characters from `start` to `end` with their share of the box."""
        end = len(self.text) if end is None else end
        if start == 0 and end == len(self.text):
            return self
        a = (self.edges[start] - self.left) / self.width
        b = (self.edges[end] - self.left) / self.width
        tl, tr, br, bl = self.box
        box = (_between(tl, tr, a), _between(tl, tr, b), _between(bl, br, b), _between(bl, br, a))
        return Segment(text=self.text[start:end], line=self.line, page_no=self.page_no, box=box)


def _advance(character: str) -> float:
    return 1.0 if ord(character) > 0x2E80 or character in _WIDE else 0.55


def _between(a: tuple[float, float], b: tuple[float, float], share: float) -> tuple[float, float]:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


@dataclass(frozen=True, kw_only=True)
class Row:
    """Segments side by side, and their joined text with the segment and place of each character."""

    segments: tuple[Segment, ...]
    text: str = field(init=False)
    places: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "".join(segment.text for segment in self.segments))
        places = tuple((i, j) for i, segment in enumerate(self.segments) for j in range(len(segment.text)))
        object.__setattr__(self, "places", places)

    def cut(self, start: int, end: int) -> tuple[Segment, ...]:
        """The segments, or parts of them, that hold the characters from `start` to `end`."""
        parts = []
        for i, segment in enumerate(self.segments):
            inside = [j for at, j in self.places[start:end] if at == i]
            if inside:
                parts.append(segment.part(inside[0], inside[-1] + 1))
        return tuple(parts)


def segments_of(page: PageReading) -> list[Segment]:
    """The upright, legible segments of a page from top to bottom; watermarks, seals and ornaments are left out."""
    straight = _straight_deg([tilt_deg(line.box) for line in page.lines if len(line.text) > 3])
    kept = (line for line in page.lines if _is_level(line, straight) and not _is_ornament(line))
    segments = [segment for line in kept for segment in _split_tall(line, page.page_no)]
    words = watermark.words_of([segment.text for segment in segments])
    cleaned = [each for each in (_without(segment, words) for segment in segments) if each is not None]
    return sorted((each for each in cleaned if not _is_seen_twice(each, cleaned)), key=lambda s: s.middle)


def _is_seen_twice(segment: Segment, others: Sequence[Segment]) -> bool:
    """Whether detection gave the first character or two of a line once more, in a box that runs into the line's."""
    return len(segment.text) <= 2 and any(
        len(other.text) > len(segment.text)
        and other.text.startswith(segment.text)
        and segment.left < other.left < segment.right
        and abs(other.left_y - segment.middle) < other.height / 2
        for other in others
    )


def _is_level(line: Line, straight: float) -> bool:
    """The box of a few characters may lie askew, as where the digits of a date stand lower than 年."""
    most = SHORT_TILT_DEG if len(line.text) <= SHORT else TILT_DEG
    return abs(tilt_deg(line.box) - straight) <= most


def is_watermarked(lines: Sequence[Line]) -> bool:
    """Whether many lines run across the others in one direction; a round seal leaves only a few."""
    tilts = [tilt_deg(line.box) for line in lines if len(line.text) > 1]
    straight = _straight_deg(tilts)
    oblique = sorted(tilt - straight for tilt in tilts if abs(tilt - straight) > TILT_DEG)
    return sum(abs(tilt - oblique[len(oblique) // 2]) <= TILT_DEG for tilt in oblique) >= WATERMARK_LINES


def _straight_deg(tilts: Sequence[float]) -> float:
    """The middle direction of the lines; where some lie level, of these alone, for a watermark may have more words."""
    level = [tilt for tilt in tilts if abs(tilt) <= TILT_DEG]
    asked = sorted(level if len(level) >= max(LEVEL_LINES, LEVEL_SHARE * len(tilts)) else tilts)
    return asked[len(asked) // 2] if asked else 0.0


def _without(segment: Segment, words: frozenset[str]) -> Segment | None:
    """The segment without what was read of a watermark; None when nothing else is in it."""
    ranges = watermark.fragments(segment.text, words)
    if not ranges:
        return segment
    start = ranges[0][1] if ranges[0][0] == 0 else 0
    end = ranges[-1][0] if ranges[-1][1] == len(segment.text) else len(segment.text)
    inside = {i for a, b in ranges for i in range(a, b)}
    text = "".join(c for i, c in enumerate(segment.text) if i not in inside)
    return replace(segment.part(start, end), text=text) if text else None


def tilt_deg(box: Box) -> float:
    """The angle of a line's long side; 0 for boxes too square to have a direction."""
    width, height = math.dist(box[0], box[1]), math.dist(box[0], box[3])
    if width < 1.5 * height:
        return 0.0
    return math.degrees(math.atan2(box[1][1] - box[0][1], box[1][0] - box[0][0]))


def _is_ornament(line: Line) -> bool:
    text = "".join(line.text.split())
    if not text or line.confidence < 0.2:
        return True
    return line.confidence < 0.7 and not _CJK.search(text) and not re.search(r"\d{2}", text)


def _split_tall(line: Line, page_no: int) -> list[Segment]:
    """Characters one above the other belong to different rows."""
    text = "".join(line.text.split())
    whole = Segment(text=fold(text), line=line, page_no=page_no, box=line.box)
    height = line.box[3][1] - line.box[0][1]
    if len(text) == 1 or height < 1.4 * whole.width:
        return [whole]
    if len(text) > 6 or not _CJK.search(text):
        return []
    tl, tr, br, bl = line.box
    step = 1 / len(text)
    return [
        replace(whole, text=c, box=(_between(tl, bl, i * step), _between(tr, br, i * step),
                                    _between(tr, br, (i + 1) * step), _between(tl, bl, (i + 1) * step)))
        for i, c in enumerate(text)
    ]  # fmt: skip


def rows_of(segments: Sequence[Segment]) -> list[Row]:
    """Chain segments to their nearest neighbours on the right; each stands in exactly one row."""
    after = _neighbours(segments)
    followed = set(after.values())
    rows = []
    for start in range(len(segments)):
        if start in followed:
            continue
        chain, at = [start], start
        while at in after:
            at = after[at]
            chain.append(at)
        rows.append(Row(segments=tuple(segments[i] for i in chain)))
    return sorted(rows, key=lambda row: (row.segments[0].middle, row.segments[0].left))


def _neighbours(segments: Sequence[Segment]) -> dict[int, int]:
    """For each segment the one that follows it on its row, where each is the other's best."""
    middles = [s.left_y for s in segments]
    order = sorted(range(len(segments)), key=lambda i: middles[i])
    sorted_middles = [middles[i] for i in order]
    best_left: dict[int, tuple[float, int]] = {}
    best_right: dict[int, tuple[float, int]] = {}
    for i, a in enumerate(segments):
        reach = 0.75 * a.height
        low = bisect.bisect_left(sorted_middles, a.right_y - reach)
        high = bisect.bisect_right(sorted_middles, a.right_y + reach)
        for j in order[low:high]:
            cost = _distance(a, segments[j]) if i != j else None
            if cost is None:
                continue
            if cost < best_right.get(i, (math.inf, -1))[0]:
                best_right[i] = (cost, j)
            if cost < best_left.get(j, (math.inf, -1))[0]:
                best_left[j] = (cost, i)
    return {i: j for i, (_, j) in best_right.items() if best_left[j][1] == i}


def _distance(a: Segment, b: Segment) -> float | None:
    """How far `b` is to the right of `a` on its row; None when it is not on it."""
    gap = b.left - a.right
    if gap < -0.8 * min(a.height, b.height) or b.right <= a.right:
        return None
    offset = abs(a.right_y - b.left_y)
    low, high = sorted((a.height, b.height))
    if offset > max(0.5 * low, 0.4 * high):
        return None
    return max(0.0, gap) + 3 * offset


def union_box(boxes: Iterable[Box]) -> Box:
    points = [point for box in boxes for point in box]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    return ((left, top), (right, top), (right, bottom), (left, bottom))
