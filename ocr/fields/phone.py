"""Telephone numbers: mobile (11 digits from 13-19), fixed line with or without area code, 400 and 800 services.

Source: 电信网编号计划 (2017), the numbering plan of the telecommunications network. The value keeps the hyphens.

>>> import datetime as dt
>>> read("0731 - 56494164", dt.date(2026, 1, 1)).value
'0731-56494164'
>>> read("1534914xxxx", dt.date(2026, 1, 1)).passed
False
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields.parsed import ABSENT, Parsed, check, fold, squeeze

_ONE = r"(?:(?:\+?86-?)?1[3-9]\d{9}|\(?0\d{2,3}\)?-?\d{7,8}(?:(?:-|转)\d{1,6})?|[48]00-?\d{3,4}-?\d{3,4}|\d{7,8})"
_NUMBERS = re.compile(rf"{_ONE}(?:[/、;,]{_ONE})*")


def read(text: str, today: dt.date) -> Parsed:
    value = squeeze(fold(text)).replace("—", "-").replace("–", "-").strip(".,:、。")
    if not value:
        return ABSENT
    return Parsed(value=value, checks=(check("phone", bool(_NUMBERS.fullmatch(value))),))
