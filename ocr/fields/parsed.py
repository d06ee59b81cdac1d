"""What a field module gives back, and the foldings that all of them begin with.

Each module of this package reads one kind of value: `read(text, today)` takes the text as printed, joined over its
lines, and returns the normalised value with its checks. Nothing here knows about pages or boxes.

>>> fold("（９１３１）")
'(9131)'
>>> squeeze(" 上海 创邻　科技 ")
'上海创邻科技'
>>> without_fill("软件开发。〓"), without_fill("软件开发。***"), without_fill("软件开发。（以下空白）")
('软件开发。', '软件开发。', '软件开发。')
>>> chinese_punctuation("技术服务;销售(零售),咨询")
'技术服务；销售（零售），咨询'
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Protocol

from records.readings import Check

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PUNCTUATION = str.maketrans({",": "，", ";": "；", ":": "：", "(": "（", ")": "）", "?": "？", "!": "！"})
RULED = "|｜丨"
"""What the rules of a table are read as at the ends of a value."""
LAST_OF_BASIC_PLANE = 0xFFFF
_FILL = re.compile(r"(?:[\s*＊#＃=＝〓※]|[（(]?以下空白[）)]?)+$")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """`value` is None where the text holds no value at all; a wrong value is kept and its checks fail."""

    value: str | None
    checks: tuple[Check, ...] = ()
    suggestions: tuple[str, ...] = ()
    proven: bool = False
    """A check digit (or a rule as strong) vouches for every character, so less engine confidence is needed."""
    is_name: bool = False
    """Any character may stand in it, so that nothing but its print tells a wrong one."""
    is_date: bool = False
    """It has digits between signs that are always the same, as also a term has."""

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


class FieldRule(Protocol):
    def __call__(self, text: str, today: dt.date) -> Parsed: ...


ABSENT = Parsed(value=None)


def check(name: str, passed: bool) -> Check:
    return Check(name=name, passed=passed)


def fold(text: str) -> str:
    """Full-width Latin letters, digits and punctuation become half-width."""
    return text.translate(_WIDTH)


def squeeze(text: str) -> str:
    return _SPACES.sub("", text)


def is_current(text: str) -> bool:
    """Whether all characters are of GB/T 2312, which has the forms in use and none that they replaced.

    Models take a worn simplified character for the traditional one. Names of persons and places have rare characters
    too, so that this can raise doubt only; those beyond the basic plane of Unicode are nobody's older forms.
    """
    try:
        "".join(c for c in text if c != "·" and ord(c) <= LAST_OF_BASIC_PLANE).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def without_fill(text: str) -> str:
    """The text without the signs that close a value so that nothing can be added: 〓, ***, （以下空白）."""
    return _FILL.sub("", text)


def chinese_punctuation(text: str) -> str:
    """The one form of punctuation for Chinese running text: full-width, so that prints of both widths compare equal."""
    return fold(squeeze(text)).translate(_PUNCTUATION)
