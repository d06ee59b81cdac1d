"""The fields of one document: found, read by their rules, checked alone and against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ocr import bank_permit, choices, contract, crosschecks, forms, id_card, licence
from ocr.confidence import SURE, Evidence, chance_right
from ocr.fields import id_number
from ocr.fields.dates import parse
from ocr.fields.parsed import Parsed
from ocr.fields.rules import RULES
from ocr.kinds.cards import may_show
from ocr.kinds.part import Part, Side
from ocr.labels import LabelFinder, finder_of
from ocr.layout import Segment, segments_of
from ocr.templates import Template, form, shipped
from ocr.values import Found
from records.readings import Check, Line, Mark
from records.terms import DocumentKind

SURE_PROVEN = 0.85
"""The least confidence of the engine for a value with a check digit, or a rule as strong."""
PROVEN = 0.99
"""Of values with one, more than this are right: 382 of 383 on generated and real pages."""
POOR_PAGE, NAME_ON_POOR_PAGE, CLEAR_NAME = 0.98, 0.8, 0.015
"""Where half the lines of a page are read less surely than the first, so many of the names that look certain are right
as the second says, but for those with fewer expected errors than the third: on 2,563 generated pages 25 of 245 names of
poor pages were wrong, and none of them had fewer than 0.035."""
TITLE = "标题"
"""The field of a form that no template describes which holds its title."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The parts that make one document."""

    parts: tuple[Part, ...]

    @property
    def kind(self) -> DocumentKind:
        return self.parts[0].kind

    def with_lines(self, again: Mapping[int, Line]) -> Draft:
        """The same document with some of its lines, known by identity, read otherwise."""
        return Draft(parts=tuple(_with_lines(part, again) for part in self.parts))


def _with_lines(part: Part, again: Mapping[int, Line]) -> Part:
    lines = tuple(again.get(id(line), line) for line in part.page.lines)
    return replace(part, page=replace(part.page, lines=lines))


@dataclass(frozen=True, kw_only=True)
class FieldRead:
    """A field as found: `found` is None where the document carries no such value."""

    found: Found | None
    parsed: Parsed
    confidence: float = 0.0
    expected_errors: float = 0.0
    most: float = 1.0
    """The chance is not above this, whatever recognition says of the lines."""

    @property
    def evidence(self) -> Evidence | None:
        if self.found is None:
            return None
        parts = self.found.segments
        height_px = min(part.height for part in parts)
        is_date = self.parsed.is_date
        return Evidence(expected_errors=self.expected_errors, lines=len(parts), height_px=height_px, is_date=is_date)

    @property
    def failures(self) -> int:
        return sum(not check.passed for check in self.parsed.checks)


def read_fields(draft: Draft, today: dt.date) -> dict[str, FieldRead]:
    segments = [_segments(part) for part in draft.parts]
    if draft.kind is DocumentKind.BUSINESS_LICENSE:
        reads = _licence(segments[0], today)
    elif draft.kind is DocumentKind.ID_CARD:
        reads = _card(draft.parts, segments, today)
    elif draft.kind is DocumentKind.REGISTRATION_FORM:
        reads = _form(draft.parts[0], segments[0], today)
    elif draft.kind is DocumentKind.BANK_PERMIT:
        reads = _permit(segments[0], today)
    elif draft.kind is DocumentKind.CONTRACT:
        reads = _contract(draft.parts[0], segments, today)
    else:
        reads = {}
    checked = cross_checked(draft.kind, _not_silent(draft.kind, reads))
    return _under_watermark(draft.kind, checked) if any(part.is_watermarked for part in draft.parts) else checked


_ALWAYS_PRINTED = {
    DocumentKind.BUSINESS_LICENSE: ("name", "legal_representative", "business_scope", "address"),
    DocumentKind.BANK_PERMIT: ("approval_number", "account_name", "legal_representative", "bank", "account_number"),
}
_PRINTED_WITH_A_CREDIT_CODE = ("type", "established_on", "issued_on")
"""Older licences of sole traders lack some of them."""


def _not_silent(kind: DocumentKind, reads: dict[str, FieldRead]) -> dict[str, FieldRead]:
    """A value that every paper of the kind prints is not absent when it is not found: its label was not read."""
    printed = set(_ALWAYS_PRINTED.get(kind, ()))
    if kind is DocumentKind.BUSINESS_LICENSE:
        coded = reads["unified_social_credit_code"].found is not None
        printed |= set(_PRINTED_WITH_A_CREDIT_CODE if coded else ())
        printed |= set() if coded or reads["registration_number"].found is not None else {"unified_social_credit_code"}
    missing = (name for name in printed if reads[name].found is None and not reads[name].failures)
    return reads | dict.fromkeys(missing, _NOT_FOUND)


def _under_watermark(kind: DocumentKind, reads: dict[str, FieldRead]) -> dict[str, FieldRead]:
    """Words across a page hide labels and the ends of values without a trace: only what is proven stands."""
    may_lack = _MAY_LACK.get(kind, ())
    return {
        name: read if read.parsed.proven or (read.found is None and name in may_lack) else _doubted(read)
        for name, read in reads.items()
    }


def _doubted(read: FieldRead) -> FieldRead:
    return with_checks(read, [Check(name="free_of_watermark", passed=False)])


_MAY_LACK = {
    DocumentKind.ID_CARD: (
        "issuing_authority",
        "valid_period",
        "name",
        "sex",
        "ethnicity",
        "birth_date",
        "address",
        "id_number",
    ),
    DocumentKind.BUSINESS_LICENSE: ("registration_number", "registered_capital", "business_term"),
}
"""What a document of this kind need not print; of an ID card either side, and a side's own are asked for elsewhere."""


def _segments(part: Part) -> list[Segment]:
    return segments_of(part.page)


def _known(name: str) -> tuple[Template, LabelFinder]:
    template = shipped()[name]
    return template, finder_of(template)


def _templated(template: Template, found: Mapping[str, Found], today: dt.date) -> dict[str, FieldRead]:
    return {field.name: read_one(field.rule, found.get(field.name), today) for field in template.fields}


def read_one(rule: str, found: Found | None, today: dt.date) -> FieldRead:
    if found is None:
        return FieldRead(found=None, parsed=Parsed(value=None))
    parsed = RULES[rule](found.text, today)
    carries = parsed.value is not None or bool(parsed.checks)
    if not carries:
        return FieldRead(found=None, parsed=parsed)
    read = FieldRead(found=found, parsed=parsed, confidence=found.confidence, expected_errors=found.expected_errors)
    more = [Check(name="lines_filled", passed=found.is_whole)] if rule == "scope" else []
    more += [] if found.label_read else [Check(name="label_read", passed=False)]
    return with_checks(read, more)


def _licence(segments: Sequence[Segment], today: dt.date) -> dict[str, FieldRead]:
    template, finder = _known("business_license")
    found, missing = licence.find(segments, template, finder)
    return _templated(template, found, today) | dict.fromkeys(missing, _NOT_FOUND)


def issue_year(draft: Draft) -> Segment | None:
    """The year under a licence's office, as far as it was read."""
    return licence.issue_year(_segments(draft.parts[0]), _known("business_license")[1])


_NOT_FOUND = FieldRead(found=None, parsed=Parsed(value=None, checks=(Check(name="found", passed=False),)))
"""The value must be there, as its label is, or the side of the card that has it: not absent but unread."""
_FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_date", "address", "id_number")


def _card(parts: Sequence[Part], segments: Sequence[Sequence[Segment]], today: dt.date) -> dict[str, FieldRead]:
    """Each side is asked for its own fields only; one of which only traces were read has none that are absent."""
    template, finder = _known("id_card")
    found: dict[str, Found] = {}
    sides = {part.side for part in parts}
    sides |= {side for side in Side if any(may_show(side, part.loose) for part in parts)}
    for part, own in zip(parts, segments, strict=True):
        side = id_card.find(own, template, finder)
        found |= {name: value for name, value in side.items() if (name in _FRONT_FIELDS) == (part.side is Side.FRONT)}
    reads = _templated(template, found, today)
    printed = {n for n in reads if (Side.FRONT if n in _FRONT_FIELDS else Side.BACK) in sides}
    return {name: _NOT_FOUND if read.found is None and name in printed else read for name, read in reads.items()}


def _form(part: Part, segments: Sequence[Segment], today: dt.date) -> dict[str, FieldRead]:
    marks = part.page.marks
    if part.template is not None:
        template = form(part.template)
        printed = read_form(template, segments, marks, today)
        names = {name for name, _ in printed.values()}
        absent = {field.name: read_one(field.rule, None, today) for field in template.fields if field.name not in names}
        return {label: read for label, (_, read) in printed.items()} | absent
    titles = [s for s in segments if part.title is not None and s.line.box == part.title.box]
    named = {TITLE: Found(segments=(titles[0],))} if titles else {}
    found = named | forms.find_by_looks(segments, marks)
    return {name: _witnessed(read_one(forms.rule_of(name), value, today), marks) for name, value in found.items()}


def read_form(
    template: Template, segments: Sequence[Segment], marks: Sequence[Mark], today: dt.date
) -> dict[str, tuple[str, FieldRead]]:
    """What a form prints of a template's fields: by label, the name of the field and what was read."""
    fields = {field.name: field for field in template.fields}
    return {
        label: (name, _among(_witnessed(read_one(fields[name].rule, value, today), marks), fields[name].options))
        for label, (name, value) in forms.find_by_template(segments, template, marks).items()
    }


def _among(read: FieldRead, options: Sequence[str]) -> FieldRead:
    """A choice beside the options the form prints: all of them read as one is a choice whose boxes were not seen."""
    if not options or read.parsed.value is None:
        return read
    chosen = read.parsed.value.split("; ")
    return with_checks(read, [Check(name="option", passed=all(choice in options for choice in chosen))])


def _witnessed(read: FieldRead, marks: Sequence[Mark]) -> FieldRead:
    """A choice beside what its boxes say as they are drawn: where both agree nobody need look."""
    if read.found is None or not any(check.name == "ticked" for check in read.parsed.checks):
        return read
    drawn = choices.drawn(read.found.segments, marks)
    if drawn is None:
        return read
    agrees = drawn == read.parsed.value
    checked = with_checks(read, [Check(name="ticked", passed=agrees)])
    return replace(checked, parsed=replace(checked.parsed, value=read.parsed.value or drawn, proven=agrees))


def _permit(segments: Sequence[Segment], today: dt.date) -> dict[str, FieldRead]:
    template, finder = _known("bank_permit")
    return _templated(template, bank_permit.find(segments, template, finder), today)


def _contract(part: Part, segments: Sequence[Sequence[Segment]], today: dt.date) -> dict[str, FieldRead]:
    title = next((s for s in segments[0] if part.title is not None and s.line.box == part.title.box), None)
    found = contract.find(segments, title)
    reads = {name: read_one(rule, found.get(name), today) for name, rule in contract.RULES.items()}
    missing = contract.unplaced(segments)
    return {name: _NOT_FOUND if read.found is None and name in missing else read for name, read in reads.items()}


def cross_checked(kind: DocumentKind, reads: dict[str, FieldRead]) -> dict[str, FieldRead]:
    values = {name: read.parsed.value for name, read in reads.items() if read.parsed.value is not None}
    extra = crosschecks.of(kind, values)
    checked = {name: with_checks(read, extra.get(name, [])) for name, read in reads.items()}
    if kind is DocumentKind.ID_CARD and "id_number" in values:
        number = checked["id_number"]
        checked |= _vouched_for(number, checked)
        if not number.parsed.proven:
            born, sex = parse(values.get("birth_date", "")), values.get("sex")
            suggestions = id_number.suggest(values["id_number"], born, sex)
            checked["id_number"] = replace(number, parsed=replace(number.parsed, suggestions=suggestions))
    return checked


def _vouched_for(number: FieldRead, reads: dict[str, FieldRead]) -> dict[str, FieldRead]:
    """A number whose check digit holds and that says the same birth date and sex proves them too."""
    if not number.parsed.proven:
        return {}
    agreeing = {n: r for n, r in reads.items() if n in ("birth_date", "sex") and r.found is not None and not r.failures}
    return {name: replace(read, parsed=replace(read.parsed, proven=True)) for name, read in agreeing.items()}


def on_poor_pages(draft: Draft, reads: Mapping[str, FieldRead]) -> dict[str, FieldRead]:
    """Names on pages whose print is broken: any character may stand in one, and the models agree on a wrong one."""
    poor = {part.page.page_no for part in draft.parts if _legibility(part) < POOR_PAGE}
    return {
        name: replace(read, most=NAME_ON_POOR_PAGE) if _is_unclear_name(read, poor) else read
        for name, read in reads.items()
    }


def _is_unclear_name(read: FieldRead, poor: set[int]) -> bool:
    is_name_on_one = read.found is not None and read.parsed.is_name and read.found.segments[0].page_no in poor
    return is_name_on_one and read.expected_errors > CLEAR_NAME


def _legibility(part: Part) -> float:
    """The middle one of the confidences of its lines."""
    return median([line.confidence for line in part.page.lines if len(line.text) > 1] or [1.0])


def with_checks(read: FieldRead, more: Sequence[Check]) -> FieldRead:
    names = {check.name for check in more}
    own = (check for check in read.parsed.checks if check.name not in names)
    return replace(read, parsed=replace(read.parsed, checks=(*own, *more)))


def chance_of(read: FieldRead) -> float:
    """How likely the value is right, as far as recognition goes; a check digit vouches for what it covers."""
    if read.evidence is None:
        return 0.0
    return max(read.confidence, PROVEN) if read.parsed.proven else min(chance_right(read.evidence), read.most)


def is_sure(read: FieldRead) -> bool:
    if read.found is None or read.failures or read.parsed.value is None:
        return False
    return read.confidence >= SURE_PROVEN if read.parsed.proven else chance_of(read) >= SURE
