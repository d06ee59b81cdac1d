"""Account-opening permits of the People's Bank (开户许可证) and the sheets that came after them (基本存款账户信息).

Source: 人民币银行结算账户管理办法 (2003), 企业银行结算账户管理办法 (2019).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.fields import dates
from ocr.labels import LabelFinder
from ocr.layout import Row, Segment, rows_of
from ocr.templates import Template
from ocr.values import Found, Values

_TITLE = re.compile(r"开户许可证|基本存款账[户号]信息|.户许可证")
_WORDS = re.compile(r"核准号|开户银行|经审核|准予|符合开户条件|账户号码|账号|账户名称|存款账户编号")
_HOLDER = re.compile(r"经审核[,，:：]?(.{2,50}?)[,，]?符合(?:.户条件|$)")
_OFFICE = re.compile(r"发证机关|证机关\(?盖?章?")
_APPROVAL = re.compile(r"(?<![A-Za-z0-9])([JLZjlz]\d{13})(?!\d)")


def title_of(segments: Sequence[Segment]) -> Segment | None:
    """The title, if the words that stand under it on a permit are there as well."""
    words = {match for s in segments for match in _WORDS.findall(s.text)}
    titles = (s for s in segments if _TITLE.search(s.text) and len(s.text) <= 16)
    return next(titles, None) if len(words) >= 3 else None


def find(segments: Sequence[Segment], template: Template, finder: LabelFinder) -> dict[str, Found]:
    rows = rows_of(segments)
    anchors = finder.find(rows)
    values, lines = Values(rows, anchors), {field.name: field.lines for field in template.fields}
    found: dict[str, Found] = {}
    for anchor in anchors:
        value = None if anchor.field is None else values.of(anchor, lines[anchor.field])
        if anchor.field is not None and value is not None:
            found[anchor.field] = value
    for row in rows:
        for name, pattern in (("account_name", _HOLDER), ("approval_number", _APPROVAL)):
            match = pattern.search(row.text)
            if match is not None:
                found[name] = Found(segments=row.cut(*match.span(1)))
    if "issued_on" not in found:
        found |= _issue_date(rows)
    return found


def _issue_date(rows: Sequence[Row]) -> dict[str, Found]:
    """The date under the office that issued the permit, which no label introduces."""
    office = next((i for i, row in enumerate(rows) if _OFFICE.search(row.text)), None)
    if office is None:
        return {}
    dated = next((row for row in rows[office:] if dates.normalise(row.text) is not None), None)
    return {} if dated is None else {"issued_on": Found(segments=dated.segments)}
