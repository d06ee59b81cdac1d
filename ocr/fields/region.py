"""Region codes: the six digits of GB/T 2260 that open a credit code and an ID number.

Source: GB/T 2260 (codes of the administrative divisions). Codes withdrawn since a number was given out still stand in
the number, so the table keeps them with their years and this module accepts any that ever existed. Registrars of
development zones use codes outside the table: an unknown region is a failed check, never a refusal.

>>> is_known("310110"), is_known("110104")
(True, True)
>>> is_known("999999")
False
>>> name_of("310110")
'上海市杨浦区'
>>> one_off("埔桥区", ["安徽省", "宿州市"]), one_off("埔桥区", ["安徽省", "合肥市"])
(['埇桥区'], [])
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from stdnum import numdb

_YEARS = re.compile(r"\[[0-9-]*\]")


@cache
def name_of(code: str) -> str | None:
    """The name of a six-digit region, province first; None when no such code ever existed."""
    if not re.fullmatch(r"\d{6}", code):
        return None
    found: dict[str, str] = {}
    for _, properties in numdb.get("cn/loc").info(code):
        found.update(properties)
    if "county" not in found:
        return None
    county = _YEARS.sub("", found["county"]).split(",")[-1]
    province = found.get("province", "")
    return county if county == province else province + county


@cache
def names() -> frozenset[str]:
    """Every name of a province, a prefecture or a county that a code has ever stood for."""
    return frozenset(name for _, name in _places())


def one_off(name: str, within: Sequence[str]) -> list[str]:
    """The names one character away from a misread one, of places in the last of the regions `within`."""
    areas = tuple(code for code, place in _places() if place == within[-1]) if within else ("",)
    near = (place for code, place in _places() if code.startswith(areas) and len(place) == len(name))
    return list(dict.fromkeys(p for p in near if sum(a != b for a, b in zip(p, name, strict=True)) == 1))


@cache
def _places() -> tuple[tuple[str, str], ...]:
    """Names with their codes, from the widest to the narrowest; a code without the zeros that stand for all below."""
    return tuple(_places_in(numdb.get("cn/loc").prefixes))


def _places_in(prefixes: Iterable[Any], above: str = "") -> Iterator[tuple[str, str]]:
    for _, low, _, properties, longer in prefixes:
        code = (above + low).removesuffix("00").removesuffix("00")
        for printed in properties.values():
            yield from ((code, name) for name in _YEARS.sub(",", printed).split(",") if name)
        yield from _places_in(longer, above + low)


def is_known(code: str) -> bool:
    return name_of(code) is not None
