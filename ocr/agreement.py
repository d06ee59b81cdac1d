"""Two readings of one line by different models, or in different light, and what they say together.

Each model errs in its own way more often than not, so that two which agree are far more likely right than either
alone; two which differ leave the line in doubt, whatever each thinks of itself.

>>> settled("第一类医疗器械销售；医用口罩零售", "第一类医疗器械銷售；医用口罩零售")
'第一类医疗器械销售；医用口罩零售'
>>> settled("刘吉", "刘喆")
'刘喆'
"""

from __future__ import annotations

from dataclasses import replace

from ocr.fields.parsed import chinese_punctuation, is_current
from records.readings import Line

AGREED = 0.25
"""What is left of the doubt of the surer reading when the other says the same."""
DIFFERENT = 0.9
"""A line that two readings differ on is trusted no more than this."""
RUNNING_TEXT = 12
"""Characters: shorter lines may be names, which are written with rare characters too."""
_ONE_MARK = str.maketrans({"、": "，", "：": "；", "【": "（", "】": "）", "〔": "（", "〕": "）", "·": "."})


def alike(text: str) -> str:
    """A text for comparing two readings of it: which of two marks of a few pixels was seen is no difference."""
    return chinese_punctuation(text).translate(_ONE_MARK)


def settled(first: str, second: str) -> str:
    """The second reading; in running text, of two forms of a character the one in use today.

    Models also know the traditional forms, and take one for a worn simplified character.
    """
    if len(first) != len(second) or len(second) < RUNNING_TEXT:
        return second
    return "".join(a if is_current(a) and not is_current(b) else b for a, b in zip(first, second, strict=True))


def loses(kept: str, other: str) -> bool:
    """Whether a reading has fewer marks than the other, or a form of a character no longer in use where it has one."""
    if _marks(kept) < _marks(other):
        return True
    pairs = zip(kept, other, strict=True) if len(kept) == len(other) else ()
    return any(is_current(b) and not is_current(a) for a, b in pairs)


def _marks(text: str) -> int:
    return sum(not c.isalnum() for c in text)


def together(first: Line, second: Line) -> Line:
    """The surer of two readings of a line, in the place of the first."""
    chosen = second if second.confidence >= first.confidence else first
    agree = alike(first.text) == alike(second.text)
    confidence = 1 - AGREED * (1 - chosen.confidence) if agree else min(chosen.confidence, DIFFERENT)
    return replace(chosen, box=first.box, confidence=confidence, looks=first.looks + second.looks)
