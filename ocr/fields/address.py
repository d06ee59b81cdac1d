"""Addresses: region names, then street and number.

Source: GB/T 23705 for the order of the parts. An address is doubted when it names no place known to GB/T 2260 and when
characters occur that no address has.

>>> import datetime as dt
>>> read("上海市杨浦区控江路1142号 23幢", dt.date(2026, 1, 1)).passed
True
>>> read("C门r厂", dt.date(2026, 1, 1)).passed
False
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields.parsed import ABSENT, Parsed, check, chinese_punctuation

_PLACE = re.compile(r"[省市区县旗州盟镇乡村街路道巷弄里]")
_CHARACTERS = re.compile(r"[\w（）·、，；：。“”#\-—－/~～&.+]+")


def read(text: str, today: dt.date) -> Parsed:
    value = chinese_punctuation(text).strip("：，。；*")
    if not value:
        return ABSENT
    checks = (
        check("characters", bool(_CHARACTERS.fullmatch(value))),
        check("place", len(value) >= 3 and bool(_PLACE.search(value))),
        check("brackets", value.count("（") == value.count("）")),
    )
    return Parsed(value=value, checks=checks)
