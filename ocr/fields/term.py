"""Terms: from a date to a date, or without an end (长期).

Business terms read `2011年04月22日至2061年04月21日`, `2014年07月22日至长期`, `长期` or `不约定期限`; the validity of
an ID card `2013.03.05-2023.03.05`, for 5, 10 or 20 years or 长期. Source: the Regulation on the registration of market
entities; the Resident Identity Card Law, art. 5.

>>> import datetime as dt
>>> read("自2011年04月22日 至 2061年04月21日", dt.date(2026, 1, 1)).value
'2011年04月22日至2061年04月21日'
>>> read_validity("2013.03.05 - 2023.03.05", dt.date(2026, 1, 1)).passed
True
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields import dates
from ocr.fields.parsed import ABSENT, Parsed, check, fold, squeeze

_ENDLESS = re.compile(r"长期|永久|永续|不约定期限|无固定期限|无期限|未约定")
_CARD_DATE = re.compile(r"(\d{4})\D?(\d{2})\D?(\d{2})")
CARD_YEARS = (5, 10, 20)


def read(text: str, today: dt.date) -> Parsed:
    plain = fold(squeeze(text))
    found = dates.find_all(plain)
    endless = _ENDLESS.search(plain)
    if not found and not endless:
        return _unreadable(plain)
    ends = found[:2] + ([endless[0]] if endless and len(found) < 2 else [])
    days = [dates.parse(end) for end in found]
    known = [day for day in days if day is not None]
    whole = len(ends) == 2 or not found
    checks = (
        check("dates", len(known) == len(days)),
        check("both_ends", whole),
        check("start_before_end", len(known) < 2 or known[0] <= known[1]),
        check("evenly_written", dates.is_evenly_written(plain)),
        check("nothing_else", len(found) <= 2 and not (endless and len(found) > 1)),
    )
    return Parsed(value="至".join(ends), checks=checks, is_date=True)


def _unreadable(plain: str) -> Parsed:
    if not re.search(r"\d", plain):
        return ABSENT
    return Parsed(value=plain, checks=(check("dates", False),))


def read_validity(text: str, today: dt.date) -> Parsed:
    """The validity of an ID card, normal form `YYYY.MM.DD-YYYY.MM.DD` or `YYYY.MM.DD-长期`."""
    plain = fold(squeeze(text)).replace("。", ".")
    found = [".".join(parts) for parts in _CARD_DATE.findall(plain)][:2]
    endless = "长期" in plain
    if not found:
        return _unreadable(plain)
    ends = found + (["长期"] if endless and len(found) == 1 else [])
    days = [dates.parse(end) for end in found]
    checks = (
        check("dates", all(days)),
        check("both_ends", len(ends) == 2),
        check("card_years", _is_card_term(days) if len(found) == 2 else endless),
    )
    return Parsed(value="-".join(ends), checks=checks)


def _is_card_term(days: list[dt.date | None]) -> bool:
    start, end = days[0], days[1]
    if start is None or end is None or end.year - start.year not in CARD_YEARS:
        return False
    # A term that begins on 29 February ends on the 28th or on 1 March.
    return (start.month, start.day) == (end.month, end.day) or (
        (start.month, start.day) == (2, 29) and (end.month, end.day) in ((2, 28), (3, 1))
    )
