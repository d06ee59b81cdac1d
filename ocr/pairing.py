"""Which front and which back of identity cards are one card's.

Both sides of many cards may lie on one sheet, in any order, or on pages after one another.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.crosschecks import is_of_place
from ocr.fields import region
from ocr.fields.address import region_names
from ocr.kinds.part import Part, Side
from ocr.layout import union_box
from records.readings import Point
from records.terms import DocumentKind

_ISSUED_BY = re.compile(r"(?:签发机关)?(?P<place>[\u4e00-\u9fff]+?)公安[\u4e00-\u9fff]*")
_ADDRESS = re.compile(r"住址(?P<place>[\u4e00-\u9fff]+)")


@dataclass(frozen=True)
class _Shown:
    """A side of a card: where it stands among the parts, its place, and what of its text tells whose it is."""

    at: int
    page_no: int
    middle: Point
    text: str
    """Of a front all of it, of a back its authority; empty where that is not legible."""
    names_a_place: bool
    """Its address or its authority begins with regions that exist, so it is likely to be read right."""


def partners(parts: Sequence[Part]) -> dict[int, int]:
    """The other side of its card for each side that has one, both by where they stand among the parts.

    The two that look least strange together are paired first; two of different places never.
    """
    fronts, backs = ([*_sides(parts, side)] for side in (Side.FRONT, Side.BACK))
    likely = itertools.filterfalse(_are_of_two_cards, itertools.product(fronts, backs))
    paired: dict[int, int] = {}
    for front, back in sorted(likely, key=_strangeness):
        if front.at not in paired and back.at not in paired:
            paired |= {front.at: back.at, back.at: front.at}
    return paired


def _sides(parts: Sequence[Part], side: Side) -> list[_Shown]:
    cards = ((at, part) for at, part in enumerate(parts) if part.kind is DocumentKind.ID_CARD and part.side is side)
    return [_Shown(at, part.page.page_no, _middle(part), _telling(part), _names_a_place(part)) for at, part in cards]


def _telling(part: Part) -> str:
    if part.side is Side.FRONT:
        return "".join(part.text.split())
    authority = _ISSUED_BY.search(part.text)
    return part.text[authority.start("place") : authority.end()] if authority else ""


def _names_a_place(part: Part) -> bool:
    place = _ADDRESS.search("".join(part.text.split())) if part.side is Side.FRONT else _ISSUED_BY.search(part.text)
    names = region_names(place["place"]) if place else []
    return bool(names) and all(name in region.names() for name in names)


def _middle(part: Part) -> Point:
    (left, top), _, (right, bottom), _ = union_box(line.box for line in part.page.lines)
    return (left + right) / 2, (top + bottom) / 2


def _are_of_two_cards(pair: tuple[_Shown, _Shown]) -> bool:
    front, back = pair
    return front.names_a_place and back.names_a_place and not is_of_place(back.text, front.text)


def _strangeness(pair: tuple[_Shown, _Shown]) -> tuple[bool, bool, float, int]:
    """By the places they name, then by how far apart they lie, then in the order of the pages."""
    front, back = pair
    is_of_another = bool(back.text) and not is_of_place(back.text, front.text)
    pages_apart = abs(front.page_no - back.page_no)
    apart = math.dist(front.middle, back.middle) if pages_apart == 0 else math.inf
    return is_of_another, pages_apart > 1, apart, max(front.at, back.at)
