"""Contracts (合同, 协议): told by their title and their parties; who they bind, their number and when they were signed.

The whole text is what is searched; these few fields are what a person asks for first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.layout import Row, Segment, rows_of
from ocr.values import Found

RULES = {"title": "text", "contract_number": "text", "party_a": "party", "party_b": "party", "signed_on": "date"}
HEAD_SHARE = 0.4
"""How far down a page its title may stand."""
_TITLE = re.compile(r"《?[\w\u3400-\u9fff()（）、·\-]{0,28}(?:合同|协议)书?》?")
_PARTY = re.compile(r"[甲乙]方")
_CLAUSE = re.compile(r"^第[一二三四五六七八九十百\d]+条|[甲乙]方")
_NUMBER = re.compile(r"(?:合同|协议)(?:书)?编号[:：]?([A-Za-z0-9\u3400-\u9fff()（）\[\]【】〔〕\-_/第号]{3,40})")
_ROLE, _COLON = r"[)）]?(?:[(（][^()（）]{1,6}[)）])?", "[:：;；]"
_ROLE_ALONE = r"[(（][^()（）盖签]{1,6}[)）]"
"""A colon is lost or misread easily; behind a role in brackets it need not be read."""
_NAMED = {
    "party_a": re.compile(
        rf"^(?:[\u3400-\u9fff]{{2,4}}[(（])?甲方(?:{_ROLE}{_COLON}|{_ROLE_ALONE}(?=.*公司))(.+?)(?=乙方|$)"
    ),
    "party_b": re.compile(
        rf"(?:[\u3400-\u9fff]{{2,4}}[(（])?乙方(?:{_ROLE}{_COLON}|(?<=^乙方){_ROLE_ALONE}(?=.*公司))(.+)$"
    ),
}
_SEALING = re.compile(r"[甲乙]方[(（]?(?:盖章|签[字章名]|公章)")
_ASIDE = re.compile(r"[(（]?以下(?:简称|称).*$|统一社会信用代码.*$")
_BLANK = re.compile(r"[_＿\s.…]*")
_SIGNED = re.compile(
    r"(?:签[订署约]|合同)?(?:日期|时间)[:：]?(\d{4}年\d{1,2}月\d{1,2}日?|\d{4}[-./]\d{1,2}[-./]\d{1,2})"
)
_SIGNED_IN_PART = re.compile(r"(?:日期|时间)[:：](\d{2}[^:：]{2,10}?)(?=日期|时间|$)")
"""A date that a seal or a hand has run into: the rule for dates doubts it."""
_PLACES = {
    "party_a": re.compile(rf"甲方{_ROLE}{_COLON}"),
    "party_b": re.compile(rf"乙方{_ROLE}{_COLON}"),
    "signed_on": re.compile(r"日期|时间|年月日"),
}
"""Where a value is printed if there is one."""
_DATE_ALONE = re.compile(r"^(\d{4}年\d{1,2}月\d{1,2}日)$")


def title_of(segments: Sequence[Segment], height_px: int) -> Segment | None:
    """The title of a contract: a line of its own at the head of the page, larger than most, above talk of parties."""
    if not any(_PARTY.search(s.text) for s in segments):
        return None
    heights = sorted(s.height for s in segments)
    usual = heights[len(heights) // 2]
    for s in segments:
        if s.middle < HEAD_SHARE * height_px and s.height > 1.15 * usual and _TITLE.fullmatch(s.text):
            return s
    return None


def runs_on(segments: Sequence[Segment]) -> bool:
    """Whether a page without a title may be a further page of a contract: it has clauses, or speaks of the parties."""
    return sum(bool(_CLAUSE.search(s.text)) for s in segments) >= 2


def find(pages: Sequence[Sequence[Segment]], title: Segment | None) -> dict[str, Found]:
    """The values found, over all pages of the contract."""
    rows = [row for segments in pages for row in rows_of(segments)]
    found = {} if title is None else {"title": Found(segments=(title,))}
    for name, pattern in _NAMED.items():
        party = next((value for row in rows if (value := _party(row, pattern)) is not None), None)
        if party is not None:
            found[name] = party
    number = _first(rows, _NUMBER)
    dates = (_first(rows[::-1], pattern) for pattern in (_SIGNED, _DATE_ALONE, _SIGNED_IN_PART))
    signed = next(filter(None, dates), None)
    return found | {
        name: value for name, value in (("contract_number", number), ("signed_on", signed)) if value is not None
    }


def unplaced(pages: Sequence[Sequence[Segment]]) -> set[str]:
    """What every contract has a place for, and none was read on these pages."""
    texts = [row.text for segments in pages for row in rows_of(segments)]
    return {name for name, place in _PLACES.items() if not any(_has(place, text) for text in texts)}


def _has(place: re.Pattern[str], text: str) -> bool:
    return any(not _SEALING.match(text, found.start()) for found in place.finditer(text))


def _party(row: Row, pattern: re.Pattern[str]) -> Found | None:
    match = pattern.search(row.text)
    if match is None or _SEALING.match(row.text, match.start()):
        return None
    name = _ASIDE.sub("", match[1])
    if len(name) < 2 or _BLANK.fullmatch(name):
        return None
    return Found(segments=row.cut(match.start(1), match.start(1) + len(name)))


def _first(rows: Sequence[Row], pattern: re.Pattern[str]) -> Found | None:
    for row in rows:
        match = pattern.search(row.text)
        if match is not None:
            return Found(segments=row.cut(*match.span(1)))
    return None
