"""Masking: numbers of natural persons are shown in part unless they are asked for with a purpose (K24).

>>> mask("公民身份号码 11010519491231002X")
'公民身份号码 110105********002X'
"""

from __future__ import annotations

import re
from dataclasses import replace

from records.fields import FieldView

ID_NUMBER_FIELDS = frozenset({"id_number", "身份证号码", "身份证号"})
STARS = "*" * 8

# 18 characters with a date in them (GB 11643), blanks allowed between: recognition sometimes puts some there.
_ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])"
    r"([1-8](?:[ \t]?\d){5})"
    r"[ \t]?(?:1[ \t]?[89]|2[ \t]?0)(?:[ \t]?\d){2}"
    r"[ \t]?(?:0[ \t]?[1-9]|1[ \t]?[0-2])[ \t]?(?:[0-2][ \t]?\d|3[ \t]?[01])"
    r"[ \t]?(\d(?:[ \t]?\d){2}[ \t]?[0-9Xx])"
    r"(?![0-9A-Za-z])"
)


def mask(text: str) -> str:
    """Mask every ID number in a text."""
    return _ID_NUMBER.sub(lambda found: f"{_tight(found[1])}{STARS}{_tight(found[2])}", text)


def mask_number(number: str) -> str:
    """Mask a value that is meant to be an ID number, well read or not."""
    tight = _tight(number)
    return f"{tight[:6]}{STARS}{tight[-4:]}" if len(tight) >= 15 else STARS


def mask_value(name: str, value: str) -> str:
    """Mask the value of a field, by what the field is."""
    return mask_number(value) if name in ID_NUMBER_FIELDS else mask(value)


def masked(field: FieldView) -> FieldView:
    return replace(
        field,
        value=None if field.value is None else mask_value(field.name, field.value),
        text=None if field.text is None else mask_value(field.name, field.text),
        suggestions=[mask_value(field.name, each) for each in field.suggestions],
    )


def _tight(text: str) -> str:
    return "".join(text.split())
