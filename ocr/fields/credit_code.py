"""Unified social credit code: 18 characters that name a company, a trader or another body.

Made of 0-9 and A-Z without I, O, Z, S, V: registering department (1), kind of body (1), region (6, GB/T 2260),
organisation code (9, the last a check digit modulo 11), check digit modulo 31 over all. Source: GB 32100-2015,
GB 11714-1997. Repairs of characters that print alike are offered as suggestions only; the value stays as read.

>>> check_digits_hold("91350100M000100Y43")
True
>>> suggest("9135O1OOM000100Y43")
('91350100M000100Y43',)
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator

from stdnum.cn import uscc

from ocr.fields import region
from ocr.fields.parsed import ABSENT, Parsed, check, fold

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DEPARTMENTS = "123456789ANY"
_FORBIDDEN = str.maketrans("IOZSV", "1025U")
_ALIKE = {
    "0": "DQ8CG", "1": "7T4", "2": "7", "3": "8", "4": "A", "5": "6", "6": "5G8", "7": "1T2", "8": "B306", "9": "0",
    "A": "4", "B": "8", "C": "G0", "D": "0", "E": "F", "F": "E", "G": "6C", "H": "MN", "J": "1", "K": "X", "L": "1",
    "M": "NHW", "N": "MH", "P": "R", "Q": "0", "R": "P", "T": "17", "U": "J", "W": "M", "X": "KY", "Y": "X",
}  # fmt: skip
_NOT_CODE = re.compile(r"[^0-9A-Z]")


def compact(text: str) -> str:
    """Letters and digits only, half-width and upper case: print and engine vary in these without meaning."""
    return _NOT_CODE.sub("", fold(text).upper())


def organisation_digit(code: str) -> str:
    """The check digit of the first eight characters of an organisation code (GB 11714)."""
    total = sum(_ORGANISATION_VALUES.index(c) * w for c, w in zip(code, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def check_digits_hold(code: str) -> bool:
    return (
        len(code) == LENGTH
        and set(code) <= set(ALPHABET)
        and organisation_digit(code[8:16]) == code[16]
        and bool(uscc.calc_check_digit(code[:17]) == code[17])
    )


def read(text: str, today: dt.date) -> Parsed:
    code = compact(text)
    if not code:
        return ABSENT
    known = set(code) <= set(ALPHABET)
    whole = known and len(code) == LENGTH
    checks = (
        check("length", len(code) == LENGTH),
        check("alphabet", known),
        check("department", code[0] in _DEPARTMENTS),
        check("region", region.is_known(code[2:8])),
        check("organisation_check_digit", whole and organisation_digit(code[8:16]) == code[16]),
        check("check_digit", whole and bool(uscc.calc_check_digit(code[:17]) == code[17])),
    )
    proven = check_digits_hold(code)
    return Parsed(value=code, checks=checks, proven=proven, suggestions=() if proven else suggest(code))


def suggest(code: str, most: int = 3) -> tuple[str, ...]:
    """Codes one misread character away (forbidden letters replaced first) for which both check digits hold."""
    base = code.translate(_FORBIDDEN)
    found = dict.fromkeys(c for c in itertools.chain([base], _one_off(base)) if check_digits_hold(c))
    likely = [c for c in found if region.is_known(c[2:8])] or list(found)
    if len(base) == LENGTH and set(base) <= set(ALPHABET) and organisation_digit(base[8:16]) == base[16]:
        likely.sort(key=lambda c: c[8:17] != base[8:17])  # the organisation code is right already
    return tuple(likely[:most])


def _one_off(code: str) -> Iterator[str]:
    if len(code) == LENGTH:
        for i, seen in enumerate(code):
            yield from (code[:i] + other + code[i + 1 :] for other in _ALIKE.get(seen, ""))
    if len(code) == LENGTH - 1 and set(code) <= set(ALPHABET):
        yield code + uscc.calc_check_digit(code)
    if len(code) == LENGTH + 1:
        yield from (code[:i] + code[i + 1 :] for i in range(len(code)))
