"""The fields of a business licence that no label simply introduces: its codes, its issue date, who issued it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.fields import credit_code, dates, registration_number
from ocr.fields.names import OFFICE_AS_READ
from ocr.labels import Anchor, LabelFinder
from ocr.layout import Row, Segment, rows_of
from ocr.templates import Template
from ocr.values import Found, Values
from records.readings import Box

_CODE = re.compile(r"(?<![0-9A-Za-z./])[0-9A-Za-z]{13,20}(?![0-9A-Za-z./])")
_COPY = re.compile(r"[(（]?副本")
_COPY_NUMBER = re.compile(r"(?<![\d-])(\d{1,2}[-—–－]\d{1,2})(?![\d-])")
_DATE_PIECE = re.compile(r"[\d年月日〇○零一二三四五六七八九十.\-/]+")
_AUTHORITY = re.compile(rf"[\u4e00-\u9fff（）()]*(?:{OFFICE_AS_READ})[\u4e00-\u9fff]*(?:局|厅|委员会|分局|所|会)$")
_FOOTER = re.compile(r"监制|公示|网址|http|www|通过|报送|年度报告")
OFFICE = "登记机关"
_OFFICE_LABEL = re.compile("登记机关?|记机关|^机?关(?!岭)")
"""The label as it is read, perhaps only its beginning or its end; 关岭 is a county."""
_OF_OFFICE = re.compile(r"[\u4e00-\u9fff]{3}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
LONGEST_DATE = 14
DIGIT_OF_WIDTH, DIGIT_OF_HEIGHT = 0.37, 0.65
"""How high a digit is at most, of the width and of the height of a year's box: boxes leave paper around print."""
STRIP_CUTS = ((2.5, 0.0), (2.7, 0.1), (2.9, 0.0))
"""How high a strip is, and how far under the middle of the year its own lies; in heights of a digit."""
STRIP_LEFT, STRIP_LENGTH = 0.35, 6.0
"""How far left of the year a strip begins, and how long it is; in its heights."""
_CODE_LABELS = ("unified_social_credit_code", "registration_number")


def find(segments: Sequence[Segment], template: Template, finder: LabelFinder) -> tuple[dict[str, Found], set[str]]:
    """The values found, and the fields whose label is printed but whose value is not found."""
    rows = rows_of(segments)
    anchors = finder.find(rows)
    values = Values(rows, anchors)
    lines = {field.name: field.lines for field in template.fields}
    found: dict[str, Found] = {}
    for anchor in anchors:
        if anchor.field is None or anchor.field in _CODE_LABELS:
            continue
        value = values.of(anchor, lines[anchor.field])
        if value is not None:
            found[anchor.field] = value
    found |= _codes(segments, anchors) | _copy_number(segments)
    used = {id(s.line) for value in found.values() for s in value.segments}
    found |= _issue(segments, anchors, used)
    # Every licence has a date under its authority; one that is not found is hidden by the seal.
    expected = {"issued_on"} if any(s.text.startswith(OFFICE[:3]) for s in segments) else set()
    expected |= {a.field for a in anchors if a.field is not None}
    expected |= {"registration_authority"} if _names_an_office(rows, anchors) else set()
    if any(name in found for name in _CODE_LABELS):
        expected -= set(_CODE_LABELS)  # the new code may stand behind the label of the old number
    return found, expected - set(found)


def _codes(segments: Sequence[Segment], anchors: Sequence[Anchor]) -> dict[str, Found]:
    """Which of the long codes on the page is the credit code and which the old registration number."""
    labelled: dict[str | None, Anchor] = {a.field: a for a in anchors if a.field in _CODE_LABELS}
    found: dict[str, Found] = {}
    for segment in segments:
        for match in _CODE.finditer(segment.text):
            part = segment.part(match.start(), match.end())
            name = _code_field(part, segment, labelled)
            if name is not None and name not in found:
                found[name] = Found(segments=(part,))
    return found


def _code_field(part: Segment, whole: Segment, labelled: dict[str | None, Anchor]) -> str | None:
    text = credit_code.compact(part.text)
    if credit_code.check_digits_hold(text):
        return "unified_social_credit_code"
    for name, anchor in labelled.items():
        if name is not None and _belongs(anchor, part, whole):
            old = name == "registration_number" and len(text) < 17
            return "registration_number" if old else "unified_social_credit_code"
    if not labelled and registration_number.check_digit_holds(text):
        return "registration_number"
    return None


def _belongs(anchor: Anchor, part: Segment, whole: Segment) -> bool:
    """Right of the label on its line, or on one of the two lines under it."""
    right_of = abs(part.middle - anchor.middle) < 0.7 * anchor.height and -anchor.height < part.left - anchor.right
    down = part.middle - anchor.middle
    under = 0.5 * anchor.height < down < 3.2 * anchor.height and part.left < anchor.right + anchor.height
    return (right_of and part.left - anchor.right < 12 * anchor.height) or (
        under and part.right > anchor.left and "编号" not in whole.text
    )


def _copy_number(segments: Sequence[Segment]) -> dict[str, Found]:
    """Which of how many copies this is, printed beside or under 副本: `(1-1)`."""
    title = next((s for s in segments if _COPY.match(s.text)), None)
    if title is None:
        return {}
    for s in (title, *(s for s in segments if _is_at_title(title, s))):
        match = _COPY_NUMBER.search(s.text)
        if match is not None:
            return {"copy_number": Found(segments=(s.part(*match.span(1)),))}
    return {}


def _is_at_title(title: Segment, s: Segment) -> bool:
    """Right of a short title, or on the line under it."""
    down, aside = s.middle - title.middle, s.left - title.right
    beside = abs(down) < 0.7 * title.height and -title.height < aside < 6 * title.height
    under = 0 < down < 2 * title.height and s.left < title.right and s.right > title.left
    return s is not title and (beside or under)


def _issue(segments: Sequence[Segment], anchors: Sequence[Anchor], used: set[int]) -> dict[str, Found]:
    office = next((a for a in reversed(anchors) if a.label == OFFICE), None)
    lowest = max((a.middle for a in anchors if a.field not in (None, *_CODE_LABELS)), default=0.0)
    top = office.middle - 1.5 * office.height if office else lowest
    below = [s for s in segments if s.middle > top and id(s.line) not in used and not _FOOTER.search(s.text)]
    found: dict[str, Found] = {}
    date = _issue_date(below, office)
    if date is not None:
        found["issued_on"] = date
    authority = next((value for row in rows_of(below) if (value := _authority(row)) is not None), None)
    if authority is not None:
        found["registration_authority"] = authority
    return found


def _names_an_office(rows: Sequence[Row], anchors: Sequence[Anchor]) -> bool:
    """Whether an authority may be printed: print stands beside its label, or that was not read.

    Where there is none, the licence bears only the seal of its authority.
    """
    office = next((a for a in reversed(anchors) if a.label == OFFICE), None)
    return office is None or bool(_OF_OFFICE.search(rows[office.row].text, office.end))


def _authority(row: Row) -> Found | None:
    """The name of an office on a row, behind 登记机关 or alone, whole or in pieces."""
    label = _OFFICE_LABEL.search(row.text)
    start = label.end() if label else 0
    if _AUTHORITY.fullmatch(row.text, start):
        return Found(segments=row.cut(start, len(row.text)))
    alone = next((s for s in row.segments if _AUTHORITY.fullmatch(s.text)), None)
    return None if alone is None else Found(segments=(alone,))


def _issue_date(segments: Sequence[Segment], office: Anchor | None) -> Found | None:
    for segment in segments:
        whole = _date_part(segment)
        if whole is not None:
            return Found(segments=(whole,))
    pieces = [s for s in segments if _is_piece(s.text) and (office is None or _is_near(office, s))]
    return _put_together(pieces)


def _is_near(office: Anchor, s: Segment) -> bool:
    reach = 9 * office.height
    return s.middle - office.middle < reach and s.left > office.left - reach


def issue_year(segments: Sequence[Segment], finder: LabelFinder) -> Segment | None:
    """The year of the issue date, under the office that issued the licence: what a seal over the date leaves first."""
    office = next((a for a in reversed(finder.find(rows_of(segments))) if a.label == OFFICE), None)
    if office is None:
        return None
    for s in segments:
        year = _YEAR.search(s.text)
        below = s.middle > office.middle and _is_near(office, s)
        if below and year is not None and len(s.text) <= LONGEST_DATE and not _FOOTER.search(s.text):
            return s.part(*year.span())
    return None


def issue_date_strips(year: Segment) -> list[Box]:
    """Cuts of the paper in which the whole date stands whose year is known, as its model was trained on them.

    They may reach over the edge of the page.
    """
    digit_px = min(DIGIT_OF_WIDTH * year.width, DIGIT_OF_HEIGHT * year.height)
    return [_strip(year, height * digit_px, shift * digit_px) for height, shift in STRIP_CUTS]


def _strip(year: Segment, height: float, shift: float) -> Box:
    middle, left = year.middle + shift, year.left - STRIP_LEFT * height
    top, bottom, right = middle - height / 2, middle + height / 2, left + STRIP_LENGTH * height
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _is_piece(text: str) -> bool:
    return bool(_DATE_PIECE.fullmatch(text)) and (len(text) <= 4 or "年" in text or "月" in text or "日" in text)


def _date_part(segment: Segment) -> Segment | None:
    if dates.normalise(segment.text) is None:
        return None
    start = re.search(r"[\d〇○零一二三四五六七八九]{4}", segment.text)
    return segment.part(start.start()) if start else segment


def _put_together(pieces: Sequence[Segment]) -> Found | None:
    """A date whose digits and characters were printed or detected apart, each perhaps on its own line."""
    rows = rows_of(pieces)
    for row in rows:
        if dates.normalise(row.text):
            return Found(segments=row.segments)
    ordered = sorted(pieces, key=lambda s: s.left)
    year = next((i for i, s in enumerate(ordered) if re.match(r"(19|20)\d\d", s.text)), None)
    if year is None:
        return None
    return Found(segments=tuple(s for s in ordered[year:] if re.search(r"[\d一二三四五六七八九十]", s.text)))
