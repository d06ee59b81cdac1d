"""A second look at the lines of doubtful fields, by better means, and which of the two readings to keep."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ocr import licence
from ocr.agreement import DIFFERENT, alike, loses, settled, together
from ocr.engine import Channel
from ocr.field_reading import (
    Draft,
    FieldRead,
    cross_checked,
    is_sure,
    issue_year,
    read_fields,
    read_one,
    with_checks,
)
from ocr.fields.rules import RULES
from ocr.layout import Segment
from ocr.under_seals import Seals, is_within, joins_a_seal, lit_by, through_seals
from ocr.values import Found, expected_errors
from records.readings import Box, Check, Line
from records.terms import DocumentKind, MarkKind

LINE_EXPECTED_ERRORS = 0.06
"""A line with fewer is not worth a second look."""
CERTAIN_ERRORS = 0.01
"""Nor is one with no more than these where its field fails a check: of 49 on generated pages none changed."""
SHORT_FIELD_LINES = 3
LEAST_LEGIBLE = 0.6
"""Of a line under a seal: less is no reading."""
LIKELY_DAY = 0.3
"""A day with less among all days of its year is a guess; with more it is given, in doubt until it is nearly certain."""
AGREE = "readings_agree"
WORSE = 0.2
"""A reading that is so much less sure of itself than the first is none."""
OTHER_CUTS = ((0.1, 0.08), (0.05, -0.06))
"""How much more paper is left around a line that two readings differ on, along and across it, in its heights."""
LEAST_VOTE = 0.95
"""On 450 generated pages 67 of 75 values whose lines all cuts read alike, and this sure, were right; those that were
not are scopes, which have many lines to doubt besides."""


class SecondLook(Protocol):
    def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> Sequence[Line]:
        """Read these boxes of an upright page again by better means, one line for each in the same order.

        A box may be one that detection did not give; one without legible text gives an empty line.
        """

    def issue_date(self, page_no: int, boxes: Sequence[Box], year: int) -> Line:
        """What the model of issue dates sees in these cuts of a strip, as `OcrEngine.read_issue_date`."""


def look_again(draft: Draft, reads: dict[str, FieldRead], look: SecondLook, today: dt.date) -> dict[str, FieldRead]:
    seals = _red_seals(draft)
    doubtful = [part for read in reads.values() for part in _worth_another_look(read, seals)]
    again = _reread(doubtful, look, seals)
    seen, lines = reads, dict[int, Line]()
    if again:
        first = {id(part.line): part.line for part in doubtful}
        lines = {key: replace(line, text=settled(first[key].text, line.text)) for key, line in again.items()}
        second = read_fields(draft.with_lines(lines), today)
        both = {key: together(first[key], replace(line, text=first[key].text)) for key, line in again.items()}
        better = {name: _better(read, second.get(name), both) for name, read in reads.items()}
        seen = {name: _decided(reads[name], read, again, both, Cuts(look, seals)) for name, read in better.items()}
    seen = {name: _confirmed(read, Cuts(look, seals)) for name, read in seen.items()}
    seen = _through_seals(draft, reads, seen, lines, look, today)
    if draft.kind is DocumentKind.BUSINESS_LICENSE:
        seen["issued_on"] = _issue_date_again(draft, seen["issued_on"], look, today)
    return cross_checked(draft.kind, {name: _apart_from(seals, read) for name, read in seen.items()})


def _apart_from(seals: Seals, read: FieldRead) -> FieldRead:
    """A date is printed with blanks, and its seal is looked through elsewhere."""
    joined = read.found is not None and not read.parsed.is_date and joins_a_seal(read.found.segments, seals)
    return with_checks(read, [Check(name="free_of_seal", passed=False)]) if joined else read


def _worth_another_look(read: FieldRead, seals: Seals) -> list[Segment]:
    """The lines that make a field doubtful, of a long text only those the engine was unsure of; once in each light.

    Lines under a seal are worth it also where the field is sure: letters of the seal read as part of a name look like
    a name.
    """
    if read.found is None:
        return []
    parts = [(part, lit_by(part, seals) is Channel.RED) for part in read.found.segments]
    fails = len(parts) <= SHORT_FIELD_LINES and read.failures > 0
    least = math.inf if is_sure(read) else CERTAIN_ERRORS if fails else LINE_EXPECTED_ERRORS
    return [part for part, sealed in parts if sealed or (part.line.looks == 1 and expected_errors(part.line) > least)]


def _red_seals(draft: Draft) -> Seals:
    """The boxes of the red seals on each page of a document."""
    seals: dict[int, list[Box]] = defaultdict(list)
    for part in draft.parts:
        red = (mark.box for mark in part.page.marks if mark.kind is MarkKind.SEAL and mark.colour == "red")
        seals[part.page.page_no].extend(red)
    return seals


def _reread(parts: Sequence[Segment], second_look: SecondLook, seals: Seals) -> dict[int, Line]:
    """Other readings of these lines, by the identity of the line; those far less legible than the first are left.

    A line under a red seal is read in red light, in which the seal fades. One within a seal that is gone then was the
    seal's own, and is given back without text.
    """
    again: dict[int, Line] = {}
    lines = {id(part.line): part for part in parts}
    light = {key: lit_by(part, seals) for key, part in lines.items()}
    for page_no, channel in sorted({(part.page_no, light[key]) for key, part in lines.items()}):
        wanted = [part.line for key, part in lines.items() if (part.page_no, light[key]) == (page_no, channel)]
        seen = second_look.reread(page_no, [line.box for line in wanted], channel=channel)
        for line, other in zip(wanted, seen, strict=True):
            if other.text.strip() and other.confidence > line.confidence - WORSE:
                again[id(line)] = replace(other, box=line.box)
            elif channel is Channel.RED and other.confidence < LEAST_LEGIBLE and is_within(line, seals[page_no]):
                again[id(line)] = replace(line, text="", confidence=0.0)
    return again


def _through_seals(
    draft: Draft,
    first: Mapping[str, FieldRead],
    seen: dict[str, FieldRead],
    again: Mapping[int, Line],
    look: SecondLook,
    today: dt.date,
) -> dict[str, FieldRead]:
    """Values that fail their checks with a line that ends in a red seal, which may have cut it in pieces.

    The line is read in red light over all of the seal. Where that stands more checks it is the value, in doubt.
    """
    cut = [part for name, read in first.items() if read.found and seen[name].failures for part in read.found.segments]
    lines = _read_whole(cut, draft, look)
    if not lines:
        return seen
    wider = read_fields(draft.with_lines({**again, **lines}), today)
    return {name: _whole(read, wider[name]) if name in wider else read for name, read in seen.items()}


def _read_whole(parts: Sequence[Segment], draft: Draft, look: SecondLook) -> dict[int, Line]:
    """Those of the lines that a seal cuts, read through it, by identity; the pieces they take in have no text."""
    seals = _red_seals(draft)
    lines: dict[int, Line] = {}
    for part in parts:
        others = [line for each in draft.parts if each.page.page_no == part.page_no for line in each.page.lines]
        box, pieces = through_seals(part.line, others, seals.get(part.page_no, ()))
        if box == part.line.box:
            continue
        (whole,) = look.reread(part.page_no, [box], channel=Channel.RED)
        if len(whole.text) > len(part.line.text) and whole.confidence > part.line.confidence - WORSE:
            lines |= {id(piece): replace(piece, text="") for piece in pieces}
            lines[id(part.line)] = replace(whole, box=box)
    return lines


def _whole(read: FieldRead, wider: FieldRead) -> FieldRead:
    own = sum(not check.passed for check in read.parsed.checks if check.name != AGREE)
    better = read.failures and wider.found is not None and wider.failures < own
    return with_checks(wider, [Check(name=AGREE, passed=False)]) if better else read


def _issue_date_again(draft: Draft, read: FieldRead, look: SecondLook, today: dt.date) -> FieldRead:
    """The issue date lies under the seal and on other print: a model of its own tells the day from its year.

    A day that the line by itself gave stands unless the model is sure of it or sees another.
    """
    year = None if is_sure(read) else issue_year(draft)
    if year is None:
        return read
    line = look.issue_date(year.page_no, licence.issue_date_strips(year), int(year.text))
    date = _date_in(line, year.page_no, today)
    if date is None or date.confidence < LIKELY_DAY:
        return read
    return read if date.parsed.value == read.parsed.value and not is_sure(date) else date


def _date_in(line: Line, page_no: int, today: dt.date) -> FieldRead | None:
    segment = Segment(text=line.text, line=line, page_no=page_no, box=line.box)
    parsed = RULES["date"](line.text.replace(" ", "-"), today)
    read = read_one("date", Found(segments=(segment,)), today)
    return replace(read, parsed=parsed) if parsed.value is not None and parsed.passed else None


def _better(first: FieldRead, second: FieldRead | None, both: Mapping[int, Line]) -> FieldRead:
    """The reading that fails fewer checks; of two equals the one the engine trusts more.

    Two readings that agree are trusted as their lines are together (`both`, by identity of the line), whatever else
    stands on these. Two that differ leave the value in doubt, unless a check digit decides between them.
    """
    if second is None or second.found is None or first.found is None:
        return first
    if alike(second.parsed.value or "") == alike(first.parsed.value or ""):
        if is_sure(first):
            return first
        lines = [both.get(id(part.line), part.line) for part in first.found.segments]
        errors = sum(expected_errors(line) for line in lines)
        surer = second if _merit(second) > _merit(first) else first
        return replace(surer, confidence=min(line.confidence for line in lines), expected_errors=errors)
    chosen = second if _merit(second) >= _merit(first) else first
    return chosen if chosen.parsed.proven else with_checks(chosen, [Check(name=AGREE, passed=False)])


def _decided(
    first: FieldRead, kept: FieldRead, again: Mapping[int, Line], both: Mapping[int, Line], cuts: Cuts
) -> FieldRead:
    """A value in doubt only because two readings of its lines differ: the lines are cut otherwise and read again.

    Where every cut of each says what was kept, that stands, as sure as the least sure of them.
    """
    if first.found is None or kept.found is None or [c.name for c in kept.parsed.checks if not c.passed] != [AGREE]:
        return kept
    lines: list[Line] = []
    for part in first.found.segments:
        line, other = part.line, again.get(id(part.line))
        if other is None or alike(line.text) == alike(other.text):
            lines.append(both.get(id(line), line))
            continue
        chosen, left = (line, other) if kept.found is first.found else (other, line)
        voted = None if loses(alike(chosen.text), alike(left.text)) else cuts.voted(part, chosen)
        if voted is None:
            return kept
        lines.append(voted)
    errors = sum(expected_errors(line) for line in lines)
    stands = replace(kept, confidence=min(line.confidence for line in lines), expected_errors=errors)
    return with_checks(stands, [Check(name=AGREE, passed=True)])


def _confirmed(read: FieldRead, cuts: Cuts) -> FieldRead:
    """A number on a line that two models read differently, with a check digit that holds.

    It vouches for one wrong character, not for a handful: of 341 wrong credit codes one passes both. Other cuts of the
    line must say the same.
    """
    if read.found is None or not is_sure(read) or all(check.name != "check_digit" for check in read.parsed.checks):
        return read
    differing = [part for part in read.found.segments if part.line.looks > 1 and part.line.confidence <= DIFFERENT]
    agree = all(cuts.repeated(part, part.line) for part in differing)
    return read if agree else with_checks(read, [Check(name=AGREE, passed=False)])


@dataclass(frozen=True)
class Cuts:
    """Reads a line as it is cut otherwise, with a little more or less paper around it."""

    look: SecondLook
    seals: Seals

    def repeated(self, part: Segment, line: Line) -> Sequence[Line]:
        """The line in other cuts, if all of them say the same; else nothing."""
        boxes = [_cut(line.box, *more) for more in OTHER_CUTS]
        seen = self.look.reread(part.page_no, boxes, channel=lit_by(part, self.seals))
        return seen if all(alike(other.text) == alike(line.text) for other in seen) else ()

    def voted(self, part: Segment, line: Line) -> Line | None:
        """The line as sure as the least sure of other cuts of it, if they say the same."""
        seen = self.repeated(part, line)
        confidence = min((line.confidence, *(other.confidence for other in seen))) if seen else 0.0
        return replace(line, confidence=confidence) if confidence >= LEAST_VOTE else None


def _cut(box: Box, along: float, across: float) -> Box:
    """The box with more paper around the line, in its heights; less where negative."""
    height = math.dist(box[0], box[3])
    x, y = along * height, across * height
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = box
    return ((ax - x, ay - y), (bx + x, by - y), (cx + x, cy + y), (dx - x, dy + y))


def _merit(read: FieldRead) -> tuple[int, float]:
    return (-read.failures, -read.expected_errors)
