"""The fields of an ID card's front and back.

The labels are printed in light blue and are the first to be lost on a photocopy, so what they introduce is also known
by its shape: the number, the date, the one character of the sex.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.labels import LabelFinder
from ocr.layout import Row, Segment, rows_of
from ocr.templates import Template
from ocr.values import Found, Values

_NUMBER = re.compile(r"[0-9A-Za-z*]{15,20}")
_BIRTH = re.compile(r"(?:19|20)\d\d年?\d{1,2}月?\d{1,2}日?")
_VALIDITY = re.compile(r"\d{4}\D?\d{2}\D?\d{2}\D{1,2}(?:\d{4}\D?\d{2}\D?\d{2}|长期)")
_AUTHORITY = re.compile(r"[\u4e00-\u9fff]+公安.*[局处所]")
_BEHIND_HALF_A_LABEL = {
    "name": re.compile(r"(?:(?<=^姓[^名])|(?<=^[^姓]名))[\u3400-\u9fff·]{2,6}$"),
    "sex": re.compile(r"(?<=别)[男女](?!\w{0,2}[市县])"),
    "ethnicity": re.compile(r"(?<=族)[\u3400-\u9fff]{1,5}$"),
}
"""Values right behind one character of their label, where the other was misread."""
_PLACE = re.compile(r"[\u4e00-\u9fff]{1,6}[省市区县旗州盟]")
ADDRESS_LINES = 3
_CHINESE = re.compile(r"[\u3400-\u9fff·]+")


def find(segments: Sequence[Segment], template: Template, finder: LabelFinder) -> dict[str, Found]:
    rows = rows_of(segments)
    anchors = finder.find(rows)
    values = Values(rows, anchors)
    lines = {field.name: field.lines for field in template.fields}
    found: dict[str, Found] = {}
    for anchor in anchors:
        if anchor.field is None:
            continue
        value = values.of(anchor, lines[anchor.field])
        if value is not None:
            found[anchor.field] = value
    return found | _by_shape(rows, found)


def _by_shape(rows: Sequence[Row], found: dict[str, Found]) -> dict[str, Found]:
    """What no label introduced."""
    shapes = {"id_number": _NUMBER, "birth_date": _BIRTH, "valid_period": _VALIDITY, "issuing_authority": _AUTHORITY}
    extra: dict[str, Found] = {}
    for name, shape in shapes.items():
        if name in found and shape.search(found[name].text.replace(" ", "")):
            continue
        value = _first(rows, shape)
        if value is not None:
            extra[name] = value
    for name, shape in _BEHIND_HALF_A_LABEL.items():
        value = None if name in found else _first(rows, shape)
        if value is not None:
            extra[name] = value
    seen = found | extra
    if "name" not in seen:
        extra |= _name(rows, seen)
    if "address" not in seen or not _PLACE.search(seen["address"].text):
        extra |= _address(rows, seen)
    return extra


def _first(rows: Sequence[Row], shape: re.Pattern[str]) -> Found | None:
    for row in rows:
        match = shape.search(row.text)
        if match:
            return Found(segments=row.cut(match.start(), match.end()))
    return None


def _address(rows: Sequence[Row], found: dict[str, Found]) -> dict[str, Found]:
    """The lines between birth date and number that begin as an address does and stand under one another."""
    born, number = found.get("birth_date"), found.get("id_number")
    if born is None or number is None:
        return {}
    top, bottom = born.segments[0].middle, number.segments[0].middle
    between = [row.segments[-1] for row in rows if top < row.segments[-1].middle < bottom - row.segments[-1].height]
    at = next((i for i, s in enumerate(between) if _PLACE.search(s.text[:10])), None)
    if at is None:
        return {}
    head = between[at]
    lines = [s for s in between[at : at + ADDRESS_LINES] if abs(s.left - head.left) < 1.5 * head.height]
    return {"address": Found(segments=tuple(lines))}


def _name(rows: Sequence[Row], found: dict[str, Found]) -> dict[str, Found]:
    """The short Chinese text in the line above the sex."""
    sex = found.get("sex")
    if sex is None:
        return {}
    line = sex.segments[0]
    for row in reversed(rows):
        head = row.segments[-1]
        above = line.middle - head.middle
        near = 0.8 * line.height < above < 4.5 * line.height and abs(head.left - line.left) < 6 * line.height
        if near and _CHINESE.fullmatch(head.text) and len(head.text) <= 6:
            return {"name": Found(segments=(head,))}
    return {}
