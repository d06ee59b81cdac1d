"""Dates as printed on licences, cards and forms.

The normal form keeps the printed digits and the Chinese order, without spaces: `2019年03月19日`, `1966年11月2日`; dates
printed with points, strokes or dashes are brought to it. `parse` gives the calendar date, which is what to compare.
Source: GB/T 15835 for the forms, GB/T 7408 for the order.

>>> normalise("2019 年 03 月 19 日"), normalise("1966.11.2"), normalise("二〇一五年八月十九日")
('2019年03月19日', '1966年11月2日', '2015年8月19日')
>>> parse("20190319").isoformat()
'2019-03-19'
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields.parsed import ABSENT, Parsed, check, fold, squeeze

EARLIEST = dt.date(1880, 1, 1)
_DATE = re.compile(
    r"(?P<y>\d{4})(?:年|[./\-—–·])(?P<m>\d{1,2})(?:月|[./\-—–·])(?P<d>\d{1,2})(?:日|号|(?!\d))"
    r"|(?<!\d)(?P<y8>(?:18|19|20)\d\d)(?P<m8>[01]\d)(?P<d8>[0-3]\d)(?!\d)"
)
_UNPADDED = frozenset("123456789")
_CHINESE_DATE = re.compile(
    r"([〇○零ＯO一二三四五六七八九]{4})年([一二三四五六七八九十元]{1,3})月([一二三四五六七八九十]{1,3})[日号]"
)
_DIGITS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0", "Ｏ": "0", "O": "0"}


def _small(numeral: str) -> str:
    """A Chinese numeral below 100 in Arabic digits."""
    if numeral == "元":
        return "1"
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _DIGITS[numeral[-1]]
    return f"{(int(_DIGITS[tens[-1]]) if tens else 1) * 10 + (int(_DIGITS[ones[0]]) if ones else 0)}"


def _arabic(match: re.Match[str]) -> str:
    year = "".join(_DIGITS[c] for c in match[1])
    return f"{year}年{_small(match[2])}月{_small(match[3])}日"


def find_all(text: str) -> list[str]:
    """All dates in a text in their normal form, in order; those no calendar has are among them."""
    plain = _CHINESE_DATE.sub(_arabic, fold(squeeze(text)))
    return [
        f"{m['y']}年{m['m']}月{m['d']}日" if m["y"] else f"{m['y8']}年{m['m8']}月{m['d8']}日"
        for m in _DATE.finditer(plain)
    ]


def normalise(text: str) -> str | None:
    found = find_all(text)
    return found[0] if found else None


def parse(text: str) -> dt.date | None:
    """The calendar date of a text that holds one; None when there is none or no calendar has it."""
    normal = normalise(text)
    if normal is None:
        return None
    year, month, day = (int(part) for part in re.findall(r"\d+", normal))
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def is_evenly_written(text: str) -> bool:
    """Whether month and day of each date are written alike: beside 03月 the first is 01日, and 1日 has lost a digit.

    >>> is_evenly_written("2022年03月1日"), is_evenly_written("2022年3月1日"), is_evenly_written("2022年03月11日")
    (False, True, True)
    """
    months_and_days = ((m["m"], m["d"]) for m in _DATE.finditer(text) if m["y"])
    return all(not (_UNPADDED.intersection(pair) and any(part[0] == "0" for part in pair)) for pair in months_and_days)


def read(text: str, today: dt.date) -> Parsed:
    """A date that should lie in the past. Digits without a whole date are kept as read, in doubt."""
    plain = fold(squeeze(text))
    if not re.search(r"\d", plain) and not _CHINESE_DATE.search(plain):
        return ABSENT
    date = parse(plain)
    plausible = date is not None and EARLIEST <= date <= today
    rest = _CHINESE_DATE.sub("", _DATE.sub("", plain))
    alone = date is not None and not re.search(r"\d", rest)
    checks = (
        check("date", date is not None),
        check("plausible_date", plausible),
        check("one_date", alone),
        check("evenly_written", is_evenly_written(plain)),
    )
    return Parsed(value=normalise(plain) or plain, checks=checks, is_date=True)
