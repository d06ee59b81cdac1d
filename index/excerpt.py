"""Cuts the piece of a page that answers a query, with the places to highlight.

The text is the caller's: the index keeps none. A phrase is recognised by the same rules as in the index, so what was
found is highlighted, across folded width and case and across line breaks inside Chinese text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from index.tokens import Unit, units_of

_CUT = "…"

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """`highlights` are (start, end) places in `text`, ascending, not overlapping."""

    text: str
    highlights: tuple[Span, ...]


def excerpt(text: str, query_text: str, width: int = 60) -> Excerpt:
    """About `width` characters around the first place that answers, or the beginning where none does.

    Line breaks and blanks become one blank, or nothing between Chinese characters; `…` marks a cut.
    """
    units = list(units_of(text))
    spans = _merged(span for run in query_text.split() for span in _spans(units, list(units_of(run))))
    return _cut(text, _window(text, spans, width), spans, _gaps(units))


def _spans(units: list[Unit], phrase: list[Unit]) -> list[Span]:
    """Where the phrase stands in the units, as places in the text."""
    if not phrase:
        return []
    last_start = len(units) - len(phrase)
    found = [at for at in range(last_start + 1) if _stands_at(units, at, phrase)]
    return [(units[at].start, units[at + len(phrase) - 1].end) for at in found]


def _stands_at(units: list[Unit], at: int, phrase: list[Unit]) -> bool:
    final = len(phrase) - 1
    for number, wanted in enumerate(phrase):
        unit = units[at + number]
        if unit.text != wanted.text and not (number == final and _continues(unit, wanted)):
            return False
        follows_cjk = number > 0 and wanted.is_cjk and phrase[number - 1].is_cjk
        if follows_cjk and unit.joined is not wanted.joined:
            return False
    return True


def _continues(unit: Unit, wanted: Unit) -> bool:
    """Whether the query's last word is the beginning of this one; a single letter or digit is taken whole."""
    return not wanted.is_cjk and not unit.is_cjk and len(wanted.text) > 1 and unit.text.startswith(wanted.text)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _window(text: str, spans: list[Span], width: int) -> Span:
    if not spans:
        return 0, min(width, len(text))
    first_start, first_end = spans[0]
    start = max(0, first_start - max(0, width - (first_end - first_start)) // 3)
    return start, min(len(text), max(start + width, first_end))


def _cut(text: str, window: Span, spans: list[Span], nothing: set[int]) -> Excerpt:
    """Copy the window with blanks tidied; `places` says where each copied character came from."""
    copied: list[str] = []
    places: list[int] = []
    for place in range(*window):
        is_blank = text[place].isspace()
        if place in nothing or (is_blank and (not copied or copied[-1] == " ")):
            continue
        copied.append(" " if is_blank else text[place])
        places.append(place)
    lead = _CUT if window[0] > 0 else ""
    tail = _CUT if window[1] < len(text) else ""
    found = ((bisect_left(places, start), bisect_left(places, end)) for start, end in spans)
    highlights = tuple((len(lead) + start, len(lead) + end) for start, end in found if start < end)
    return Excerpt(text=f"{lead}{''.join(copied)}{tail}", highlights=highlights)


def _gaps(units: list[Unit]) -> set[int]:
    """Places between two characters of one Chinese stretch: what stands there counts for nothing."""
    return {place for before, unit in pairwise(units) if unit.joined for place in range(before.end, unit.start)}
