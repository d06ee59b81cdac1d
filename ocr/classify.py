"""What documents a page carries, decided by its words; a page may carry several, one above or beside another.

Licences and cards announce themselves by a title and by labels that only they print together; a form by its title
(`…登记表`) and by many labels; everything else is `other`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cmp_to_key

from ocr.kinds.cards import cards_on
from ocr.kinds.licences import licences_on
from ocr.kinds.papers import forms_on, other, papers_on
from ocr.kinds.part import Part, only
from ocr.layout import Segment, is_watermarked, segments_of
from records.readings import PageReading

FEWEST_LINES = 6
"""What one of two papers side by side prints at least."""
GUTTER_SHARE = 0.02
"""How wide the blank between two of them is at least, as a share of all the print."""


def parts_of(page: PageReading) -> list[Part]:
    """The documents, or sides of documents, that a page carries, from top to bottom; they hold all its lines."""
    halves = _facing_pages(page)
    parts = [part for half in halves or [page] for part in _on_one_side(half)]
    held = {id(line) for part in parts for line in part.page.lines}
    loose = tuple(line for line in page.lines if id(line) not in held)
    watermarked = is_watermarked(page.lines)
    parts = [replace(part, is_watermarked=watermarked) for part in parts]
    return [*parts[:-1], replace(parts[-1], loose=loose)]


def _facing_pages(page: PageReading) -> list[PageReading]:
    """The two sides of a sheet with two papers side by side, each with a title of its own; else none."""
    segments = segments_of(page)
    gutter = _gutter(segments)
    if gutter is None:
        return []
    halves = [
        only(page, [s.line for s in segments if (s.left + s.right < 2 * gutter) == on_left])
        for on_left in (True, False)
    ]
    return halves if all(_is_titled(half) for half in halves) else []


def _gutter(segments: Sequence[Segment]) -> float | None:
    """The middle of the widest blank strip from top to bottom in the middle third of the print."""
    if len(segments) < 2 * FEWEST_LINES:
        return None
    left, right = min(s.left for s in segments), max(s.right for s in segments)
    near, far = left + (right - left) / 3, right - (right - left) / 3
    crossing = sorted((max(near, s.left), min(far, s.right)) for s in segments if s.right > near and s.left < far)
    reached, widest, gutter = near, GUTTER_SHARE * (right - left), None
    for begin, end in [*crossing, (far, far)]:
        if begin - reached > widest:
            widest, gutter = begin - reached, (begin + reached) / 2
        reached = max(reached, end)
    return gutter


def _is_titled(page: PageReading) -> bool:
    segments = segments_of(page)
    if len(segments) < FEWEST_LINES:
        return False
    parts = papers_on(page, segments) or forms_on(page, segments)
    return any(part.title is not None for part in parts)


def _on_one_side(page: PageReading) -> list[Part]:
    segments = segments_of(page)
    cards = cards_on(page, segments)
    carded = {id(line) for part in cards for line in part.page.lines}
    rest = [s for s in segments if id(s.line) not in carded]
    announced = sorted([*cards, *licences_on(page, rest, alone=not cards)], key=cmp_to_key(_comes_before))
    return announced or papers_on(page, segments) or forms_on(page, segments) or [other(page)]


def _comes_before(a: Part, b: Part) -> int:
    """Below 0 if the first of two stands above, or beside the other on its left."""
    (left, top, bottom), (other_left, other_top, other_bottom) = _extent(a), _extent(b)
    shared = min(bottom, other_bottom) - max(top, other_top)
    side_by_side = shared > 0.5 * min(bottom - top, other_bottom - other_top)
    return round(left - other_left if side_by_side else top - other_top)


def _extent(part: Part) -> tuple[float, float, float]:
    """Left, top and bottom of what a part prints."""
    points = [point for line in part.page.lines for point in line.box] or [(0.0, 0.0)]
    ys = [y for _, y in points]
    return min(x for x, _ in points), min(ys), max(ys)
