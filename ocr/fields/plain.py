"""Values without a rule of their own: free text, whole numbers of an account, choices that are ticked.

The number of a bank card (62, of 16 to 19 digits) ends in a check digit (ISO/IEC 7812-1, annex B); the account of a
company has none. Cards are issued with 16 digits (credit) or 19 (debit): one of 17 or 18 may be a longer one that lost
some, whose check digit is right one time in ten, so that it vouches for nothing. The number of an account-opening
permit is a letter for the kind of account (J, L, Z) and 13 digits. Source: 人民币银行结算账户管理办法 (2003).

A ticked choice is the option behind ☑, √ or ■; options behind an empty box were not chosen. When boxes are printed and
none is seen ticked the value is the option without a box, in doubt: its mark may have been lost.

>>> import datetime as dt
>>> read_text("☑有 □无", dt.date(2026, 1, 1)).value
'有'
>>> read_account("6222 0000 1234 5678", dt.date(2026, 1, 1)).value
'6222000012345678'
>>> [read_account(f"62000004520815731{end}", dt.date(2026, 1, 1)).passed for end in ("26", "62")]
[True, False]
>>> [read_account(number, dt.date(2026, 1, 1)).proven for number in ("6200000978167192084", "62000978167192084")]
[True, False]
>>> read_approval_number("391000000001", dt.date(2026, 1, 1)).passed
False
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from stdnum import luhn

from ocr.fields.parsed import ABSENT, RULED, Parsed, check, fold

TICKED, EMPTY = "☑☒√✓✔■▣", "□☐○◯▢"
_CHOICE = re.compile(rf"([{TICKED}{EMPTY}])([^{TICKED}{EMPTY}]*)")
_OPTION = re.compile(rf"[{EMPTY}]\s*[^{EMPTY}\s]*")
WHOLE_ALONE = frozenset("有无是否男女汉满回藏苗壮良优中差一二三四五")
"""What may be a value of one Chinese character; another is what is left of a longer one."""
_APPROVAL_NUMBER = re.compile(r"[JLZ]\d{13}")
_BANK = re.compile(r"(?:行|社|部|公司|处|中心|柜|厅|BANK|Bank)$")
_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", re.ASCII)
_CARD = re.compile(r"62\d{14,17}")
CARD_LENGTHS = (16, 19)
_LONG_RUN = re.compile(r"(\d)\1{4}")
"""Five and more of one digit: recognition sees that they repeat, and counts them badly."""
_STRANGE = re.compile(r"[★☆●◎◆■▲△※�]")
_QUOTED = re.compile(r"[“\"'‘][^”\"'’]{0,2}[”\"'’]")
"""A mark that is spoken of (用“√”表示) ticks nothing."""


def read_text(text: str, today: dt.date) -> Parsed:
    bare = text.strip(RULED + " _＿:：")
    if not bare:
        return ABSENT
    choices = _CHOICE.findall(_QUOTED.sub("", bare))
    if not choices:
        value = tidy(bare)
        whole = len(value) > 1 or value in WHOLE_ALONE or value.isascii()
        return Parsed(value=value, checks=(check("characters", not _STRANGE.search(bare)), check("whole", whole)))
    chosen = [tidy(option) for mark, option in choices if mark in TICKED and option.strip()]
    if not chosen:
        unboxed = tidy(_OPTION.sub("", bare))
        return Parsed(value=unboxed or None, checks=(check("ticked", False),))
    return Parsed(value="; ".join(chosen), checks=(check("ticked", True),))


def read_bank(text: str, today: dt.date) -> Parsed:
    """The name of a bank's branch, which ends as one."""
    read = read_text(text, today)
    whole = read.value is None or bool(_BANK.search(read.value))
    return replace(read, checks=(*read.checks, check("ending", whole)))


def read_email(text: str, today: dt.date) -> Parsed:
    """An address of electronic mail. What is written there without an @ is doubted, not dropped."""
    read = read_text(text, today)
    whole = read.value is None or bool(_EMAIL.fullmatch(read.value))
    return replace(read, checks=(*read.checks, check("email", whole)))


def tidy(text: str) -> str:
    """Spaces between Chinese characters are layout; those between Latin words are not."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", fold(text)).strip()


def read_account(text: str, today: dt.date) -> Parsed:
    value = re.sub(r"[\s\-]", "", fold(text))
    if not value:
        return ABSENT
    checks = (check("digits", value.isdigit()), check("length", 8 <= len(value) <= 32))
    if _CARD.fullmatch(value):
        holds = luhn.is_valid(value)
        return Parsed(
            value=value, checks=(*checks, check("check_digit", holds)), proven=holds and len(value) in CARD_LENGTHS
        )
    return Parsed(value=value, checks=(*checks, check("countable", not _LONG_RUN.search(value))))


def read_approval_number(text: str, today: dt.date) -> Parsed:
    read = read_text(text, today)
    if read.value is None:
        return read
    return replace(read, checks=(*read.checks, check("form", _APPROVAL_NUMBER.fullmatch(read.value) is not None)))
