"""What the marks of a page say of its document: the code on a licence, the seals, the signature on a form (R5).

A code is compared with what is printed beside it: two witnesses that were read in different ways. It never replaces
what was read. That a form has no seal or no signature is never stated as sure: it is asked of a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.fields import credit_code
from ocr.kinds.part import Part
from records.readings import Check, FieldReading, Mark
from records.terms import DocumentKind, FieldState, MarkKind

Fields = dict[str, FieldReading]
Seen = Sequence[tuple[int, Mark]]
"""Marks, each with the number of its page."""

CREDIT_CODE = "unified_social_credit_code"
QR_CODE = "qr_code"
"""The name of the check on the credit code, and of the field that holds what the QR code says."""
SEAL_FIELDS = {
    DocumentKind.BUSINESS_LICENSE: "seal",
    DocumentKind.REGISTRATION_FORM: "印章",
    DocumentKind.CONTRACT: "印章",
    DocumentKind.BANK_PERMIT: "seal",
}
DOUBT_CAP = 0.5
"""The confidence of a field that fails a check is not above this."""
SEEN_CONFIDENCE = 0.97
"""Of a seal: on 54 pages with 31 seals every one that was found was one."""
AROUND = 0.15
"""How far beyond its lines a document reaches, as a share of their extent."""
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{18}(?![0-9A-Za-z])")
_SIGNED = re.compile(r"签[字名章署]")
_SEALED_HERE = re.compile(r"盖章|公章|印章|签章")
_COLOURS = {"red": "红色", "blue": "蓝色"}
_SHAPES = {"round": "圆形", "oval": "椭圆形", "square": "方形"}


def with_sightings(kind: DocumentKind, parts: Sequence[Part], fields: Mapping[str, FieldReading]) -> Fields:
    """The fields together with what the marks on their part of the page add to them."""
    seen = marks_of(parts)
    found = dict(fields)
    if kind is DocumentKind.BUSINESS_LICENSE:
        found |= _code_fields(found, seen)
    if kind is DocumentKind.REGISTRATION_FORM:
        found |= _signature_fields(found, parts, seen)
    if kind in SEAL_FIELDS:
        found |= _seal_field(SEAL_FIELDS[kind], kind, parts, seen)
    return found


def marks_of(parts: Sequence[Part]) -> list[tuple[int, Mark]]:
    """The marks that stand among or close to the lines of a document; the cells of a form are none that one sights."""
    sighted = ((part, mark) for part in parts for mark in part.page.marks if mark.kind is not MarkKind.CELL)
    return [(part.page.page_no, mark) for part, mark in sighted if _is_near(part, mark)]


def _is_near(part: Part, mark: Mark) -> bool:
    points = [point for line in part.page.lines for point in line.box]
    if not points:
        return False
    centre = (sum(x for x, _ in mark.box) / 4, sum(y for _, y in mark.box) / 4)
    for axis in (0, 1):
        low, high = min(p[axis] for p in points), max(p[axis] for p in points)
        beyond = AROUND * (high - low)
        if not low - beyond <= centre[axis] <= high + beyond:
            return False
    return True


# --- the QR code of a licence ---


def code_in(content: str) -> str | None:
    """The credit code that a QR code carries, as most do (`…?uniscid=9135…`); only one whose check digits hold."""
    return next((c for c in _CODE.findall(content) if credit_code.check_digits_hold(c)), None)


def _code_fields(fields: Fields, seen: Seen) -> Fields:
    codes = [(no, mark) for no, mark in seen if mark.kind is MarkKind.QR_CODE and mark.value]
    if not codes:
        return {}
    carrying = [(no, mark) for no, mark in codes if code_in(mark.value or "")]
    page_no, mark = (carrying or codes)[0]
    content = FieldReading(
        name=QR_CODE, value=mark.value, text=mark.value, confidence=1.0, page_no=page_no, box=mark.box,
        state=FieldState.SURE,
    )  # fmt: skip
    said, printed = code_in(mark.value or ""), fields.get(CREDIT_CODE)
    if said is None or printed is None or printed.state is FieldState.ABSENT:
        return {QR_CODE: content}
    return {CREDIT_CODE: _compared(printed, said), QR_CODE: content}


def _compared(printed: FieldReading, said: str) -> FieldReading:
    """The printed code beside the one in the QR code. Where both agree in all 18 characters, nobody need look."""
    agrees = printed.value == said
    checks = (*printed.checks, Check(name=QR_CODE, passed=agrees))
    if agrees and all(check.passed for check in checks):
        return replace(
            printed, checks=checks, state=FieldState.SURE, confidence=max(printed.confidence, SEEN_CONFIDENCE)
        )
    suggestions = printed.suggestions if agrees else tuple(dict.fromkeys((said, *printed.suggestions)))
    return replace(
        printed, checks=checks, state=FieldState.DOUBTFUL, confidence=min(printed.confidence, DOUBT_CAP),
        suggestions=suggestions,
    )  # fmt: skip


# --- seals ---


def _seal_field(name: str, kind: DocumentKind, parts: Sequence[Part], seen: Seen) -> Fields:
    """The seals by colour and shape; nothing where none was found, unless the form says that one belongs there."""
    seals = [(page_no, mark) for page_no, mark in seen if mark.kind is MarkKind.SEAL]
    if seals:
        page_no, first = seals[0]
        value = "，".join(_description(mark) for _, mark in seals)
        reading = FieldReading(
            name=name, value=value, text=None, confidence=SEEN_CONFIDENCE, page_no=page_no, box=first.box,
            state=FieldState.SURE,
        )  # fmt: skip
        return {name: reading}
    if kind is DocumentKind.REGISTRATION_FORM and _prints(parts, _SEALED_HERE):
        return {name: _asked(name, Check(name="sealed", passed=False))}
    return {}


def _description(seal: Mark) -> str:
    return _COLOURS.get(seal.colour or "", "") + _SHAPES.get(seal.value or "", "")


# --- signatures ---


def _signature_fields(fields: Fields, parts: Sequence[Part], seen: Seen) -> Fields:
    """Each printed label for signing: signed where something is read behind it, or where ink lies beside it."""
    inks = [(page_no, mark) for page_no, mark in seen if mark.kind is MarkKind.SIGNATURE]
    found: Fields = {}
    for name, field in fields.items():
        label = _label_box(parts, name) if _SIGNED.search(name) else None
        if label is None:
            continue
        ink = next(((no, mark) for no, mark in inks if no == label[0] and _is_beside(label[1], mark)), None)
        found[name] = _signed(field, ink)
    return found


def _signed(field: FieldReading, ink: tuple[int, Mark] | None) -> FieldReading:
    if field.value is not None:
        return replace(field, checks=(*field.checks, Check(name="signed", passed=True)))
    if ink is None:
        return _asked(field.name, Check(name="signed", passed=False))
    page_no, mark = ink
    checks = (Check(name="signed", passed=True), Check(name="legible", passed=False))
    return replace(_asked(field.name, *checks), page_no=page_no, box=mark.box)


def _asked(name: str, *checks: Check) -> FieldReading:
    return FieldReading(
        name=name, value=None, text=None, confidence=0.0, page_no=None, box=None, checks=checks,
        state=FieldState.DOUBTFUL,
    )  # fmt: skip


def _label_box(parts: Sequence[Part], name: str) -> tuple[int, tuple[float, float, float, float]] | None:
    """The page, and left, top, right, bottom, of the line that prints a label."""
    for part in parts:
        for line in part.page.lines:
            if name in "".join(line.text.split()):
                xs, ys = [x for x, _ in line.box], [y for _, y in line.box]
                return part.page.page_no, (min(xs), min(ys), max(xs), max(ys))
    return None


def _is_beside(label: tuple[float, float, float, float], mark: Mark) -> bool:
    left, top, _, bottom = label
    x, y = sum(x for x, _ in mark.box) / 4, sum(y for _, y in mark.box) / 4
    return x > left and abs(y - (top + bottom) / 2) < 1.5 * (bottom - top)


def _prints(parts: Sequence[Part], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search("".join(line.text.split())) for part in parts for line in part.page.lines)
