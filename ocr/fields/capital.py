"""Registered capital: an amount of money in Arabic digits or Chinese capitals, mostly in 万元.

The value keeps the printed words without spaces; `amount_yuan` gives the number. Source: GB/T 15835, and the rules for
capital numerals on accounting documents (壹贰叁 … 拾佰仟万亿).

>>> amount_yuan("人民币肆万零伍佰元整"), amount_yuan("1000.0000万元")
(Decimal('40500'), Decimal('10000000.0000'))
>>> amount_yuan("费忆元蔡") is None
True
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from ocr.fields.parsed import ABSENT, Parsed, check, chinese_punctuation, fold, squeeze

_DIGITS = {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")} | {c: i for i, c in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"两": 2, "貳": 2, "参": 3, "叄": 3, "陸": 6}
_UNITS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_SCALES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_ARABIC = re.compile(r"(\d[\d,]*(?:\.\d+)?)([十百千拾佰仟]?)([万萬亿億]*)")
_CURRENCY = re.compile(
    r"人民币|美元|港币|港元|欧元|日元|英镑|澳元|加元|新加坡元|韩元|台币|[元圆整正()¥￥$。]|RMB|USD|CNY|HKD|EUR"
)


def amount_yuan(text: str) -> Decimal | None:
    """The amount in units of its currency; None when the words make no amount."""
    bare = _CURRENCY.sub("", fold(squeeze(text)))
    match = _ARABIC.fullmatch(bare)
    if match:
        factor = _UNITS.get(match[2], 1)
        for scale in match[3]:
            factor *= _SCALES[scale]
        return Decimal(match[1].replace(",", "")) * factor
    return _from_numerals(bare)


def _from_numerals(words: str) -> Decimal | None:
    if not words or any(c not in _DIGITS and c not in _UNITS and c not in _SCALES for c in words):
        return None
    total = section = digit = 0
    for c in words:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _UNITS:
            section += (digit or 1) * _UNITS[c]
            digit = 0
        else:
            total = (total + section + digit) * _SCALES[c]
            section = digit = 0
    return Decimal(total + section + digit)


def read(text: str, today: dt.date) -> Parsed:
    value = chinese_punctuation(text).rstrip("。．·")
    if not re.search(r"\w", value):
        return ABSENT
    amount = amount_yuan(value)
    unit = any(word in value for word in ("元", "圆", "币", "镑"))
    return Parsed(value=value, checks=(check("amount", amount is not None and amount > 0), check("currency", unit)))
