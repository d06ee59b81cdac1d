"""Numbers with valid check digits: GB 32100 (credit code), GB 11643 (ID number), the 15-digit registration number.

Numbers that a register could hand out today are avoided where the standard leaves room: credit codes use organisation
prefixes that are not issued, ID numbers of the sample set use the order codes 996–999 kept for people over 100, and
telephone numbers use network codes that no operator has.
"""

from __future__ import annotations

import datetime as dt
import random

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def organisation_check(body: str) -> str:
    """The ninth character of an organisation code. Source: GB 11714.

    >>> organisation_check("D2143569")
    'X'
    """
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[(11 - total % 11) % 11]


def credit_check(first_17: str) -> str:
    """The eighteenth character of a unified social credit code. Source: GB 32100-2015."""
    total = sum(CREDIT_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(first_17))
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def id_check(first_17: str) -> str:
    """The last character of a citizen's ID number. Source: GB 11643-1999.

    >>> id_check("11010519491231002")
    'X'
    """
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def registration_check(first_14: str) -> str:
    """The last digit of a registration number before 2015 (ISO 7064, MOD 11,10). Source: GS 15-2006."""
    remainder = 10
    for digit in first_14:
        remainder = (remainder + int(digit)) % 10 or 10
        remainder = remainder * 2 % 11
    return str((11 - remainder) % 10)


def credit_code(rng: random.Random, area: str, *, sole_trader: bool = False) -> str:
    body = rng.choice(("YB", "XN", "TP")) + "".join(rng.choices(CREDIT_ALPHABET[:10] * 3 + CREDIT_ALPHABET[10:], k=6))
    first_17 = ("92" if sole_trader else "91") + area + body + organisation_check(body)
    return first_17 + credit_check(first_17)


def registration_number(rng: random.Random, area: str) -> str:
    first_14 = area + f"{rng.randrange(10**8):08d}"
    return first_14 + registration_check(first_14)


def id_number(rng: random.Random, area: str, birth: dt.date, *, male: bool, reserved: bool) -> str:
    """With `reserved` the order code is one of 996–999, so that no living person can have the number."""
    order = rng.randrange(996, 1000, 2) if reserved else rng.randrange(10, 996, 2)
    first_17 = f"{area}{birth:%Y%m%d}{order + male:03d}"
    return first_17 + id_check(first_17)


def mobile_number(rng: random.Random) -> str:
    return rng.choice(("154", "164")) + f"{rng.randrange(10**8):08d}"


def landline_number(rng: random.Random, dialling_code: str) -> str:
    return f"{dialling_code}-1{rng.randrange(10**7):07d}"


def account_number(rng: random.Random, *, personal: bool) -> str:
    """A card number with a Luhn digit and an issuer number nobody has, or an 18-digit company account."""
    if not personal:
        return "1000" + f"{rng.randrange(10**14):014d}"
    body = "620000" + f"{rng.randrange(10**12):012d}"
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    return body + str(-sum(value // 10 + value % 10 for value in doubled) % 10)
