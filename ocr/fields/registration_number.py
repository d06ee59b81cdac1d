"""Registration number of licences issued before October 2015: 15 digits.

Six digits for the registering authority, eight in sequence, one check digit (ISO 7064, MOD 11,10). Source: GS 15-2006.
Thirteen-digit numbers of the years before 2007 carry no check digit and are kept in doubt.

>>> check_digit_holds("110108000000016")
True
>>> check_digit_holds("110108000000017")
False
"""

from __future__ import annotations

import datetime as dt
import re

from stdnum.iso7064 import mod_11_10

from ocr.fields.parsed import ABSENT, Parsed, check, fold

LENGTH = 15
_ALIKE = str.maketrans("IOZSBLQDG", "102581006")


def check_digit_holds(number: str) -> bool:
    return len(number) == LENGTH and number.isdigit() and bool(mod_11_10.is_valid(number))


def read(text: str, today: dt.date) -> Parsed:
    number = re.sub(r"[^0-9A-Z]", "", fold(text).upper())
    if not number:
        return ABSENT
    holds = check_digit_holds(number)
    checks = (check("length", len(number) == LENGTH), check("digits", number.isdigit()), check("check_digit", holds))
    mended = number.translate(_ALIKE)
    suggestions = (mended,) if not holds and check_digit_holds(mended) else ()
    return Parsed(value=number, checks=checks, proven=holds, suggestions=suggestions)
