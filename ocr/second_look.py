"""A second look at the lines of doubtful fields, by better means, and which of the two readings to keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ocr import licence
from ocr.agreement import alike, settled, together
from ocr.engine import Channel
from ocr.field_reading import Draft, FieldRead, cross_checked, is_sure, read_fields, read_one, with_checks
from ocr.layout import Segment
from ocr.values import Found, expected_errors
from records.readings import Box, Check, Line
from records.terms import DocumentKind

LINE_EXPECTED_ERRORS = 0.06
"""A line with fewer is not worth a second look."""
SHORT_FIELD_LINES = 3
LEGIBLE_UNDER_SEAL = 0.9
"""Less than this of either reading, in colour or in red light, proves nothing."""


class SecondLook(Protocol):
    def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> Sequence[Line]:
        """Read these boxes of an upright page again by better means, one line for each in the same order.

        A box may be one that detection did not give; one without legible text gives an empty line.
        """


def look_again(draft: Draft, reads: dict[str, FieldRead], look: SecondLook, today: dt.date) -> dict[str, FieldRead]:
    doubtful = [part for read in reads.values() if not is_sure(read) for part in _worth_another_look(read)]
    again = _reread(doubtful, look)
    if again:
        first = {id(part.line): part.line for part in doubtful}
        lines = {key: replace(line, text=settled(first[key].text, line.text)) for key, line in again.items()}
        second = read_fields(draft.with_lines(lines), today)
        both = {id(part.line): together(part.line, again[id(part.line)]) for part in doubtful if id(part.line) in again}
        reads = {name: _better(read, second.get(name), both) for name, read in reads.items()}
    if draft.kind is DocumentKind.BUSINESS_LICENSE:
        reads["issued_on"] = _issue_date_again(draft, reads["issued_on"], look, today)
    return cross_checked(draft.kind, reads)


def _worth_another_look(read: FieldRead) -> list[Segment]:
    """The lines that make a field doubtful, of a long text only those the engine was unsure of, once each."""
    if read.found is None:
        return []
    parts = [part for part in read.found.segments if part.line.looks == 1]
    short = len(parts) <= SHORT_FIELD_LINES and read.failures > 0
    return [part for part in parts if short or expected_errors(part.line) > LINE_EXPECTED_ERRORS]


def _reread(parts: Sequence[Segment], second_look: SecondLook) -> dict[int, Line]:
    """Other readings of these lines, by the identity of the line; those far less legible than the first are left."""
    again: dict[int, Line] = {}
    for page_no in sorted({part.page_no for part in parts}):
        wanted = list({id(part.line): part.line for part in parts if part.page_no == page_no}.values())
        for line, other in zip(wanted, second_look.reread(page_no, [line.box for line in wanted]), strict=True):
            if other.text.strip() and other.confidence > line.confidence - 0.2:
                again[id(line)] = replace(other, box=line.box)
    return again


def _issue_date_again(draft: Draft, read: FieldRead, look: SecondLook, today: dt.date) -> FieldRead:
    """The issue date lies under the seal: where only its year was found, the whole line is read.

    What is read there may still hide a digit; in red light the seal fades. Where the line reads the same in both, the
    date stands; otherwise it is left to a person.
    """
    if read.found is None or not read.failures:
        return read
    page = draft.parts[0].page
    box = licence.issue_date_box(read.found, page)
    if box is None:
        return read
    (line,) = look.reread(page.page_no, [box])
    (red,) = look.reread(page.page_no, [box], channel=Channel.RED)
    surer, other = (_date_in(o, page.page_no, box, today) for o in sorted((line, red), key=_doubt))
    if surer.parsed.value is None or not surer.parsed.passed:
        return read
    agree = surer.parsed.value == other.parsed.value
    return with_checks(surer, [Check(name="free_of_seal", passed=agree and other.confidence >= LEGIBLE_UNDER_SEAL)])


def _doubt(line: Line) -> float:
    return -line.confidence


def _date_in(line: Line, page_no: int, box: Box, today: dt.date) -> FieldRead:
    segment = Segment(text="".join(line.text.split()), line=line, page_no=page_no, box=box)
    return read_one("date", Found(segments=(segment,)), today)


def _better(first: FieldRead, second: FieldRead | None, both: Mapping[int, Line]) -> FieldRead:
    """The reading that fails fewer checks; of two equals the one the engine trusts more.

    Two readings that agree are trusted as their lines are together (`both`, by identity of the line). Two that differ
    leave the value in doubt, unless a check digit decides between them.
    """
    if second is None or second.found is None or first.found is None:
        return first
    if alike(second.parsed.value or "") == alike(first.parsed.value or ""):
        lines = [both.get(id(part.line), part.line) for part in first.found.segments]
        errors = sum(expected_errors(line) for line in lines)
        surer = second if _merit(second) > _merit(first) else first
        return replace(surer, confidence=min(line.confidence for line in lines), expected_errors=errors)
    chosen = second if _merit(second) >= _merit(first) else first
    return chosen if chosen.parsed.proven else with_checks(chosen, [Check(name="readings_agree", passed=False)])


def _merit(read: FieldRead) -> tuple[int, float]:
    return (-read.failures, -read.expected_errors)
