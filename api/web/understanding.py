"""What somebody means who types into the one search box: a region, a number, a code, a date, or just words.

>>> understood("华东 海棠贸易", {"华东": "HD", "HD": "HD"}).filters
{'region_codes': ['HD'], 'text': '海棠贸易'}
>>> understood("2026年3月", {}).filters
{'date_from': datetime.date(2026, 3, 1), 'date_to': datetime.date(2026, 3, 31)}
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_ID_NUMBER = re.compile(r"[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dX]")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_REGISTRATION_NUMBER = re.compile(r"\d{15}")
_ARCHIVAL_CODE = re.compile(r"[A-Z0-9]{1,12}-[A-Z]{2}(?:·\S*)?")
_CUSTOMER_CODE = re.compile(r"[A-Z]{1,8}\d{2,12}")
_DATE = re.compile(r"(\d{4})(?:年|-|/|\.)(?:(\d{1,2})(?:月|-|/|\.)?(?:(\d{1,2})日?)?)?")


@dataclass(frozen=True, kw_only=True)
class Understood:
    """`filters` are those of a search; `parts` what was understood, as (kind of thing, as typed)."""

    filters: dict[str, Any]
    parts: tuple[tuple[str, str], ...]


def understood(typed: str, regions: Mapping[str, str]) -> Understood:
    """Each word apart; what is nothing else is text.

    Args:
        typed: the content of the box.
        regions: region codes by what regions are called, names and codes.
    """
    filters: dict[str, Any] = {}
    parts: list[tuple[str, str]] = []
    words: list[str] = []
    for word in typed.split():
        kind, meant = _meaning(word, regions)
        # Twice the same kind cannot both hold: the second is text.
        if kind == "text" or not meant.keys().isdisjoint(filters):
            words.append(word)
        else:
            filters |= meant
            parts.append((kind, word))
    if words:
        filters["text"] = " ".join(words)
        parts.append(("text", filters["text"]))
    return Understood(filters=filters, parts=tuple(parts))


def _meaning(word: str, regions: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    upper = word.upper()
    region = regions.get(word) or regions.get(upper)
    if region is not None:
        return "region", {"region_codes": [region]}
    for kind, pattern, filters in _KINDS:
        found = pattern.fullmatch(upper)
        meant = filters(found) if found else None
        if meant:
            return kind, meant
    return "text", {}


def _number(purpose: str) -> Callable[[re.Match[str]], dict[str, Any]]:
    return lambda found: {"number": {"purpose": purpose, "number": found[0]}}


def _dates(found: re.Match[str]) -> dict[str, Any] | None:
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = dt.date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return {"date_from": first, "date_to": first}
    last_month = month or 12
    last = dt.date(first.year, last_month, calendar.monthrange(first.year, last_month)[1])
    return {"date_from": first, "date_to": last}


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], dict[str, Any] | None]], ...] = (
    ("number", _ID_NUMBER, _number("id_number")),  # before the credit code: eighteen digits may look like both
    ("number", _CREDIT_CODE, _number("credit_code")),
    ("number", _REGISTRATION_NUMBER, _number("registration_number")),
    ("archival_code", _ARCHIVAL_CODE, lambda found: {"archival_code_prefix": found[0]}),
    ("customer_code", _CUSTOMER_CODE, lambda found: {"customer_code_prefix": found[0]}),
    ("date", _DATE, _dates),
)
