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
    if "name" not in found:
        extra |= _name(rows, found)
    return extra


def _first(rows: Sequence[Row], shape: re.Pattern[str]) -> Found | None:
    for row in rows:
        match = shape.search(row.text)
        if match:
            return Found(segments=row.cut(match.start(), match.end()))
    return None


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
