"""Citizen identity number: 18 characters, the last a check digit.

Region (6, GB/T 2260), birth date (8), sequence (3, odd for men), check digit ISO 7064 MOD 11-2 with X for ten.
Source: GB 11643-1999. The printed birth date and sex must agree with the number; where the check digit fails the
repairs offered are those that agree with them.

>>> check_digit_holds("11010519491231002X")
True
>>> sex_of("11010519491231002X"), birth_date_of("11010519491231002X").isoformat()
('女', '1949-12-31')
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from stdnum.cn import ric

from ocr.fields import region
from ocr.fields.parsed import ABSENT, Parsed, check, fold

LENGTH = 18
_SHAPE = re.compile(r"\d{17}[\dX]")
_ALIKE_LETTERS = str.maketrans("IOZSBLQDGT", "1025810067")
_ALIKE = {"0": "86", "1": "74", "2": "7", "3": "85", "4": "1", "5": "36", "6": "580", "7": "12", "8": "306", "9": "0"}


def compact(text: str) -> str:
    return re.sub(r"[^0-9A-Z*]", "", fold(text).upper().replace("×", "X"))


def check_digit_holds(number: str) -> bool:
    return bool(_SHAPE.fullmatch(number)) and bool(ric.calc_check_digit(number) == number[-1])


def birth_date_of(number: str) -> dt.date | None:
    digits = number[6:14]
    if not re.fullmatch(r"\d{8}", digits):
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def sex_of(number: str) -> str | None:
    if len(number) != LENGTH or not number[16].isdigit():
        return None
    return "男" if int(number[16]) % 2 else "女"


def read(text: str, today: dt.date) -> Parsed:
    number = compact(text)
    if not number:
        return ABSENT
    born = birth_date_of(number)
    holds = check_digit_holds(number)
    checks = (
        check("length", len(number) == LENGTH),
        check("alphabet", bool(_SHAPE.fullmatch(number))),
        check("region", region.is_known(number[:6])),
        check("birth_date", born is not None and dt.date(1880, 1, 1) <= born <= today),
        check("check_digit", holds),
    )
    return Parsed(value=number, checks=checks, proven=holds, suggestions=() if holds else suggest(number))


def suggest(number: str, born: dt.date | None = None, sex: str | None = None, most: int = 3) -> tuple[str, ...]:
    """Numbers one misread character away that hold, and that agree with a printed birth date and sex if given."""
    base = number[:-1].translate(_ALIKE_LETTERS) + number[-1:]
    found = dict.fromkeys(n for n in _near(base, born) if check_digit_holds(n) and region.is_known(n[:6]))
    return tuple(n for n in found if _agrees(n, born, sex))[:most]


def _near(number: str, born: dt.date | None) -> Iterator[str]:
    yield number
    if len(number) == LENGTH and born is not None:
        yield number[:6] + born.strftime("%Y%m%d") + number[14:]
    if len(number) == LENGTH:
        for i, seen in enumerate(number):
            yield from (number[:i] + other + number[i + 1 :] for other in _ALIKE.get(seen, ""))
    if len(number) == LENGTH - 1 and number.isdigit():
        yield number + ric.calc_check_digit(number + "0")


def _agrees(number: str, born: dt.date | None, sex: str | None) -> bool:
    printed = birth_date_of(number)
    return printed is not None and born in (None, printed) and sex in (None, sex_of(number))
