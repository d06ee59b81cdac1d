"""Pages to documents and their fields, each with its evidence.

First every page is taken apart into what it carries; sides and pages of one document are joined; the fields are read and
checked. Fields that stay in doubt get a second look at their lines, and the reading that stands the checks better is
kept. A check raises doubt; nothing is blanked or mended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

from ocr import classify, crosschecks, forms, id_card, licence
from ocr.classify import Part, Side
from ocr.fields import id_number
from ocr.fields.dates import parse
from ocr.fields.parsed import Parsed
from ocr.fields.rules import RULES
from ocr.labels import Found, LabelFinder, expected_errors
from ocr.layout import Segment, segments_of
from ocr.templates import Template, shipped
from records.readings import Box, Check, DocumentReading, FieldReading, Line, PageReading
from records.terms import DocumentKind, FieldState

SURE_CONFIDENCE = 0.97
"""The least confidence of the engine for a value nothing but the engine vouches for."""
SURE_PROVEN = 0.85
"""The same for a value with a check digit."""
SURE_EXPECTED_ERRORS = 0.12
"""The most characters one may expect to be wrong, from the confidence and length of the lines."""
LINE_EXPECTED_ERRORS = 0.06
"""A line with fewer is not worth a second look."""
SHORT_FIELD_LINES = 3
TITLE = "标题"
"""The field of a form that no template describes which holds its title."""
DOUBT_CAP = 0.5
"""The confidence of a field that fails a check is not above this."""


class SecondLook(Protocol):
    def reread(self, page_no: int, boxes: Sequence[Box]) -> Sequence[Line]:
        """Read these boxes of an upright page again by better means, one line for each in the same order.

        A box may be one that detection did not give; one without legible text gives an empty line.
        """


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """The parts that make one document."""

    parts: tuple[Part, ...]

    @property
    def kind(self) -> DocumentKind:
        return self.parts[0].kind

    def with_lines(self, again: Mapping[int, Line]) -> _Draft:
        """The same document with some of its lines, known by identity, read otherwise."""
        return _Draft(parts=tuple(_with_lines(part, again) for part in self.parts))


def _with_lines(part: Part, again: Mapping[int, Line]) -> Part:
    lines = tuple(again.get(id(line), line) for line in part.page.lines)
    return replace(part, page=replace(part.page, lines=lines))


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A field as found: `found` is None where the document carries no such value."""

    found: Found | None
    parsed: Parsed
    seen_twice: bool = False

    @property
    def failures(self) -> int:
        return sum(not check.passed for check in self.parsed.checks)


def extract(
    pages: Sequence[PageReading], second_look: SecondLook | None = None, *, today: dt.date | None = None
) -> list[DocumentReading]:
    """The documents of a file in the order of their pages; every page belongs to at least one."""
    day = today or dt.datetime.now(dt.UTC).date()
    drafts = _drafts([part for page in pages for part in classify.parts_of(page)])
    return [_document(draft, second_look, day) for draft in drafts]


# --- which parts make a document ---


def _drafts(parts: Sequence[Part]) -> list[_Draft]:
    drafts: list[_Draft] = []
    for part in parts:
        at = _joins(drafts, part)
        if at is None:
            drafts.append(_Draft(parts=(part,)))
        else:
            drafts[at] = _Draft(parts=(*drafts[at].parts, part))
    return drafts


def _joins(drafts: Sequence[_Draft], part: Part) -> int | None:
    """The document a part belongs to: the other side of the card, or the text that runs on from the page before."""
    if part.kind is DocumentKind.ID_CARD:
        waiting = [
            i for i, d in enumerate(drafts) if d.kind is part.kind and part.side not in {p.side for p in d.parts}
        ]
        near = [i for i in waiting if part.page.page_no - drafts[i].parts[-1].page.page_no <= 1]
        return next(iter(near or waiting), None)
    if part.kind is DocumentKind.OTHER and drafts and drafts[-1].kind is DocumentKind.OTHER:
        return len(drafts) - 1
    return None


# --- fields ---


def _document(draft: _Draft, second_look: SecondLook | None, today: dt.date) -> DocumentReading:
    reads = _read(draft, today)
    if second_look is not None:
        reads = _look_again(draft, reads, second_look, today)
    return DocumentReading(
        kind=draft.kind,
        page_nos=tuple(dict.fromkeys(part.page.page_no for part in draft.parts)),
        confidence=min(part.confidence for part in draft.parts),
        text="\n".join(part.page.text for part in draft.parts),
        fields={name: _reading(name, read) for name, read in reads.items()},
    )


def _read(draft: _Draft, today: dt.date) -> dict[str, _Read]:
    segments = [_segments(part) for part in draft.parts]
    if draft.kind is DocumentKind.BUSINESS_LICENSE:
        reads = _licence(segments[0], today)
    elif draft.kind is DocumentKind.ID_CARD:
        reads = _card(draft.parts, segments, today)
    elif draft.kind is DocumentKind.REGISTRATION_FORM:
        reads = _form(draft.parts[0], segments[0], today)
    else:
        reads = {}
    return _cross_checked(draft.kind, reads)


def _segments(part: Part) -> list[Segment]:
    return segments_of(part.page)


@cache
def _known(name: str) -> tuple[Template, LabelFinder]:
    template = shipped()[name]
    return template, LabelFinder(template.labels())


def _templated(template: Template, found: Mapping[str, Found], today: dt.date) -> dict[str, _Read]:
    return {field.name: _one(field.rule, found.get(field.name), today) for field in template.fields}


def _one(rule: str, found: Found | None, today: dt.date) -> _Read:
    if found is None:
        return _Read(found=None, parsed=Parsed(value=None))
    parsed = RULES[rule](found.text, today)
    carries = parsed.value is not None or bool(parsed.checks)
    return _Read(found=found if carries else None, parsed=parsed)


def _licence(segments: Sequence[Segment], today: dt.date) -> dict[str, _Read]:
    template, finder = _known("business_license")
    reads = _templated(template, licence.find(segments, template, finder), today)
    if reads["issued_on"].found is None and any(s.text.startswith(licence.OFFICE[:3]) for s in segments):
        # Every licence has a date under its authority; one that is not found is hidden by the seal, not absent.
        reads["issued_on"] = _Read(found=None, parsed=Parsed(value=None, checks=(Check(name="found", passed=False),)))
    return reads


_FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_date", "address", "id_number")


def _card(parts: Sequence[Part], segments: Sequence[Sequence[Segment]], today: dt.date) -> dict[str, _Read]:
    """Each side is asked for its own fields only."""
    template, finder = _known("id_card")
    found: dict[str, Found] = {}
    for part, own in zip(parts, segments, strict=True):
        side = id_card.find(own, template, finder)
        found |= {name: value for name, value in side.items() if (name in _FRONT_FIELDS) == (part.side is Side.FRONT)}
    return _templated(template, found, today)


def _form(part: Part, segments: Sequence[Segment], today: dt.date) -> dict[str, _Read]:
    if part.template is not None:
        template = shipped()[part.template]
        rules = {field.name: field.rule for field in template.fields}
        printed = forms.find_by_template(segments, template)
        unprinted = set(rules) - {name for name, _ in printed.values()}
        read = {label: _one(rules[name], value, today) for label, (name, value) in printed.items()}
        return read | {name: _one(rules[name], None, today) for name in rules if name in unprinted}
    titles = [s for s in segments if part.title is not None and s.line.box == part.title.box]
    title = {TITLE: Found(segments=(titles[0],))} if titles else {}
    return {
        name: _one(forms.rule_of(name), value, today) for name, value in (title | forms.find_by_looks(segments)).items()
    }


def _cross_checked(kind: DocumentKind, reads: dict[str, _Read]) -> dict[str, _Read]:
    values = {name: read.parsed.value for name, read in reads.items() if read.parsed.value is not None}
    extra = crosschecks.of(kind, values)
    checked = {name: _with_checks(read, extra.get(name, [])) for name, read in reads.items()}
    if kind is DocumentKind.ID_CARD and "id_number" in values and not checked["id_number"].parsed.proven:
        suggestions = id_number.suggest(values["id_number"], parse(values.get("birth_date", "")), values.get("sex"))
        number = checked["id_number"]
        checked["id_number"] = replace(number, parsed=replace(number.parsed, suggestions=suggestions))
    return checked


def _with_checks(read: _Read, more: Sequence[Check]) -> _Read:
    names = {check.name for check in more}
    own = (check for check in read.parsed.checks if check.name not in names)
    return replace(read, parsed=replace(read.parsed, checks=(*own, *more)))


# --- second look ---


def _look_again(draft: _Draft, reads: dict[str, _Read], look: SecondLook, today: dt.date) -> dict[str, _Read]:
    doubtful = [lines for read in reads.values() if not _is_sure(read) for lines in _worth_another_look(read)]
    again = _reread(doubtful, look)
    if again:
        second = _read(draft.with_lines(again), today)
        reads = {name: _better(read, second.get(name)) for name, read in reads.items()}
    if draft.kind is DocumentKind.BUSINESS_LICENSE:
        reads["issued_on"] = _issue_date_again(draft, reads["issued_on"], look, today)
    return _cross_checked(draft.kind, reads)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """A line to read again, and the box to read."""

    line: Line
    page_no: int
    box: Box


def _worth_another_look(read: _Read) -> list[_Look]:
    """The lines that make a field doubtful: of a long text only those the engine itself was unsure of, or may have cut."""
    if read.found is None:
        return []
    parts = read.found.segments
    short = len(parts) <= SHORT_FIELD_LINES and read.failures > 0
    clipped = {id(part.line) for part in parts[:-1] if _may_be_clipped(part, parts)}
    return [
        _Look(
            line=part.line, page_no=part.page_no, box=_longer(part.line) if id(part.line) in clipped else part.line.box
        )
        for part in parts
        if short or id(part.line) in clipped or expected_errors(part.line) > LINE_EXPECTED_ERRORS
    ]


def _may_be_clipped(part: Segment, parts: Sequence[Segment]) -> bool:
    """Detection leaves off a mark of punctuation that ends a line: this one ends without one, and is a character short."""
    return part.text[-1:].isalnum() and part.characters < max(other.characters for other in parts) - 0.4


def _longer(line: Line) -> Box:
    """The line's box with room for one more mark on the right."""
    (tl, tr, br, bl), more = line.box, 0.7 * (line.box[3][1] - line.box[0][1])
    return (tl, (tr[0] + more, tr[1]), (br[0] + more, br[1]), bl)


def _reread(looks: Sequence[_Look], second_look: SecondLook) -> dict[int, Line]:
    """Other readings of these lines, by the identity of the line; those far less legible than the first are left."""
    again: dict[int, Line] = {}
    for page_no in sorted({look.page_no for look in looks}):
        wanted = list({id(look.line): look for look in looks if look.page_no == page_no}.values())
        lines = second_look.reread(page_no, [look.box for look in wanted])
        for look, other in zip(wanted, lines, strict=True):
            if other.text.strip() and other.confidence > look.line.confidence - 0.2:
                again[id(look.line)] = replace(other, box=look.line.box)
    return again


def _issue_date_again(draft: _Draft, read: _Read, look: SecondLook, today: dt.date) -> _Read:
    """The issue date lies under the seal: where only its year was found, the whole line is read.

    What is read there may still hide a digit, so it is always left to a person.
    """
    if read.found is None or not read.failures:
        return read
    page = draft.parts[0].page
    box = licence.issue_date_box(read.found, page)
    if box is None:
        return read
    (line,) = look.reread(page.page_no, [box])
    segment = Segment(text="".join(line.text.split()), line=line, page_no=page.page_no, box=box)
    whole = _one("date", Found(segments=(segment,)), today)
    passed = whole.parsed.value is not None and whole.parsed.passed
    return _with_checks(whole, [Check(name="free_of_seal", passed=False)]) if passed else read


def _better(first: _Read, second: _Read | None) -> _Read:
    """The reading that fails fewer checks; of two equals the one the engine trusts more."""
    if second is None or second.found is None or first.found is None:
        return first
    if second.parsed.value == first.parsed.value:
        return replace(first if first.found.confidence >= second.found.confidence else second, seen_twice=True)
    if second.failures != first.failures:
        return second if second.failures < first.failures else first
    return second if second.found.expected_errors <= first.found.expected_errors else first


# --- evidence ---


def _reading(name: str, read: _Read) -> FieldReading:
    found = read.found
    if found is None:
        return _without_value(name, read)
    confidence = found.confidence if read.failures == 0 else min(found.confidence, DOUBT_CAP)
    return FieldReading(
        name=name,
        value=read.parsed.value,
        text=found.text,
        confidence=confidence,
        page_no=found.segments[0].page_no,
        box=found.box,
        checks=read.parsed.checks,
        state=FieldState.SURE if _is_sure(read) else FieldState.DOUBTFUL,
        suggestions=read.parsed.suggestions,
    )


def _without_value(name: str, read: _Read) -> FieldReading:
    state = FieldState.DOUBTFUL if read.failures else FieldState.ABSENT
    confidence = 0.0 if read.failures else 1.0
    checks = read.parsed.checks
    return FieldReading(
        name=name, value=None, text=None, confidence=confidence, page_no=None, box=None, checks=checks, state=state
    )


def _is_sure(read: _Read) -> bool:
    if read.found is None or read.failures or read.parsed.value is None:
        return False
    if read.parsed.proven:
        return read.found.confidence >= SURE_PROVEN
    return read.found.confidence >= SURE_CONFIDENCE and read.found.expected_errors <= SURE_EXPECTED_ERRORS
