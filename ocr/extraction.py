"""Pages to documents and their fields, each with its evidence.

First every page is taken apart into what it carries; sides and pages of one document are joined; the fields are read
and checked (`field_reading`). Fields that stay in doubt get a second look at their lines (`second_look`), and the
reading that stands the checks better is kept. A check raises doubt; nothing is blanked or mended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ocr import classify, contract, pairing
from ocr.field_reading import Draft, FieldRead, chance_of, is_sure, on_poor_pages, read_fields
from ocr.kinds.part import Part
from ocr.layout import segments_of
from ocr.second_look import SecondLook, look_again
from ocr.sightings import with_sightings
from records.readings import DocumentReading, FieldReading, PageReading
from records.terms import DocumentKind, FieldState

__all__ = ["SecondLook", "extract"]

DOUBT_CAP = 0.5
"""The confidence of a field that fails a check is not above this."""


def extract(
    pages: Sequence[PageReading], second_look: SecondLook | None = None, *, today: dt.date | None = None
) -> list[DocumentReading]:
    """The documents of a file in the order of their pages; every page belongs to at least one."""
    day = today or dt.datetime.now(dt.UTC).date()
    drafts = drafts_of(pages)
    return [_document(draft, second_look, day) for draft in drafts]


# --- which parts make a document ---


def drafts_of(pages: Sequence[PageReading]) -> list[Draft]:
    """The documents of a file, each with its parts."""
    parts = [part for page in pages for part in classify.parts_of(page)]
    partner = pairing.partners(parts)
    drafts: list[Draft] = []
    draft_of: dict[int, int] = {}
    for at, part in enumerate(parts):
        joined = draft_of.get(partner.get(at, -1), _running_on(drafts, part))
        if joined is None:
            drafts.append(Draft(parts=(part,)))
        else:
            drafts[joined] = Draft(parts=(*drafts[joined].parts, part))
        draft_of[at] = len(drafts) - 1 if joined is None else joined
    return drafts


def _running_on(drafts: Sequence[Draft], part: Part) -> int | None:
    """The document whose text runs on from the page before."""
    if part.kind is not DocumentKind.OTHER or not drafts:
        return None
    before = drafts[-1]
    goes_on = before.kind is DocumentKind.CONTRACT and contract.runs_on(segments_of(part.page))
    return len(drafts) - 1 if goes_on or before.kind is DocumentKind.OTHER else None


def _document(draft: Draft, second_look: SecondLook | None, today: dt.date) -> DocumentReading:
    reads = reads_of(draft, second_look, today)
    return DocumentReading(
        kind=draft.kind,
        page_nos=tuple(dict.fromkeys(part.page.page_no for part in draft.parts)),
        confidence=min(part.confidence for part in draft.parts),
        text="\n".join(part.text for part in draft.parts),
        fields=with_sightings(draft.kind, draft.parts, {name: reading_of(name, read) for name, read in reads.items()}),
    )


def reads_of(draft: Draft, second_look: SecondLook | None, today: dt.date) -> dict[str, FieldRead]:
    """The fields of a document, those in doubt looked at again."""
    reads = read_fields(draft, today)
    return on_poor_pages(draft, reads if second_look is None else look_again(draft, reads, second_look, today))


def reading_of(name: str, read: FieldRead) -> FieldReading:
    found = read.found
    if found is None:
        return _without_value(name, read)
    chance = chance_of(read)
    confidence = chance if read.failures == 0 else min(chance, DOUBT_CAP)
    return FieldReading(
        name=name,
        value=read.parsed.value,
        text=found.text,
        confidence=confidence,
        page_no=found.segments[0].page_no,
        box=found.box,
        checks=read.parsed.checks,
        state=FieldState.SURE if is_sure(read) else FieldState.DOUBTFUL,
        suggestions=read.parsed.suggestions,
    )


def _without_value(name: str, read: FieldRead) -> FieldReading:
    state = FieldState.DOUBTFUL if read.failures else FieldState.ABSENT
    confidence = 0.0 if read.failures else 1.0
    checks = read.parsed.checks
    return FieldReading(
        name=name, value=None, text=None, confidence=confidence, page_no=None, box=None, checks=checks, state=state
    )
