"""Business licences, known by their title and their labels; on a page with several, each for itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ocr.fields import credit_code
from ocr.kinds.part import Part, only
from ocr.kinds.titles import LICENCE_TITLE, is_form_title, is_other_title
from ocr.labels import one_wrong
from ocr.layout import Segment, rows_of
from records.readings import Line, PageReading
from records.terms import DocumentKind

_LICENCE_LABELS = re.compile(
    r"统一社会信用代码|注册号|注册资本|成立日期|营业期限|经营范围|法定代表人|登记机关|组成形式|经营场所|营业场所|注册日期|经营者|出资额"
)
_ROUGH_LABELS = tuple(
    (label, re.compile(one_wrong(label)))
    for label in _LICENCE_LABELS.pattern.split("|")
    if len(label) >= 4
)  # fmt: skip
_LICENCE_FOOTER = re.compile(r"信用信息公示系统|总局监制|市场主体应当|企业应当|个体工商户应当|扫描.维码登录|扫码获取")
_LICENCE_SURE = 9.0


def licences_on(page: PageReading, segments: Sequence[Segment], *, alone: bool) -> list[Part]:
    titles = [s for s in segments if LICENCE_TITLE.search(s.text) and len(s.text) <= 10]
    score = 3.0 * bool(titles) + _licence_words(page, segments)
    if score < 5:
        return []
    confidence = min(0.99, 0.5 + 0.5 * score / _LICENCE_SURE)
    groups = _apart(titles, segments)
    return [
        Part(
            kind=DocumentKind.BUSINESS_LICENSE,
            page=page if alone and len(groups) == 1 else only(page, group),
            confidence=confidence,
        )
        for group in groups
    ]


def _licence_words(page: PageReading, segments: Sequence[Segment]) -> float:
    rows = rows_of(segments)
    heads = {text[:12] for text in (*(row.text for row in rows), *(s.text for s in segments))}
    labels = {label for head in heads if (label := _licence_label(head)) is not None}
    inner = {m[0] for row in rows for m in _LICENCE_LABELS.finditer(row.text)} - labels
    footers = any(_LICENCE_FOOTER.search(s.text) for s in segments)
    colons = sum(s.text[:12].count(":") for s in segments)
    form = any(is_form_title(s, segments, page) for s in segments)
    other = any(is_other_title(s.text) and len(s.text) <= 12 and "营业" not in s.text for s in segments)
    coded = any(credit_code.check_digits_hold(s.text[-18:]) for s in segments)
    return len(labels) + coded + 0.5 * len(inner) + 2 * footers - 5 * form - 1.5 * other - max(0, colons - 4)


def _licence_label(head: str) -> str | None:
    """The label of a licence that a row begins with; on a copy of a copy with a character misread."""
    match = _LICENCE_LABELS.search(head)
    return match[0] if match else next((label for label, rough in _ROUGH_LABELS if rough.search(head)), None)


def _apart(titles: Sequence[Segment], segments: Sequence[Segment]) -> list[list[Line]]:
    """The lines of each licence where a page carries several: below one another, or side by side."""
    if len(titles) < 2:
        return [[s.line for s in segments]]
    first, second = titles[0], titles[1]
    if abs(first.middle - second.middle) < 2 * first.height:
        cut = (first.right + second.left) / 2 if first.left < second.left else (second.right + first.left) / 2
        sides = [[s.line for s in segments if (s.left + s.right) / 2 < cut]]
        sides.append([s.line for s in segments if (s.left + s.right) / 2 >= cut])
    elif second.middle - first.middle > 8 * first.height:
        cut = _widest_gap(segments, second)
        sides = [[s.line for s in segments if s.middle < cut], [s.line for s in segments if s.middle >= cut]]
    else:
        sides = [[s.line for s in segments]]
    return sides


def _widest_gap(segments: Sequence[Segment], title: Segment) -> float:
    """Where the blank between two documents lies that are copied one above the other."""
    above = [s.middle for s in segments if -6 * title.height < s.middle - title.middle < 0] + [title.middle]
    gaps = [(lower - upper, (upper + lower) / 2) for upper, lower in pairwise(sorted(above))]
    return max(gaps)[1] if gaps else title.middle - 2 * title.height
