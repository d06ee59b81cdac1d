"""Pages to documents and their fields, each with its evidence.

First every page is taken apart into what it carries; sides and pages of one document are joined; the fields are read
and checked (`field_reading`). Fields that stay in doubt get a second look at their lines (`second_look`), and the
reading that stands the checks better is kept. A check raises doubt; nothing is blanked or mended.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence

from ocr import classify, contract
from ocr.crosschecks import is_of_place
from ocr.field_reading import Draft, FieldRead, chance_of, is_sure, on_poor_pages, read_fields
from ocr.kinds.part import Part, Side
from ocr.layout import segments_of, union_box
from ocr.second_look import SecondLook, look_again
from ocr.sightings import with_sightings
from records.readings import DocumentReading, FieldReading, PageReading, Point
from records.terms import DocumentKind, FieldState

__all__ = ["SecondLook", "extract"]

_ISSUED_BY = re.compile(r"[\u4e00-\u9fff]+?公安[\u4e00-\u9fff]*")
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
    drafts: list[Draft] = []
    for part in (part for page in pages for part in classify.parts_of(page)):
        at = _joins(drafts, part)
        if at is None:
            drafts.append(Draft(parts=(part,)))
        else:
            drafts[at] = Draft(parts=(*drafts[at].parts, part))
    return drafts


def _joins(drafts: Sequence[Draft], part: Part) -> int | None:
    """The document a part belongs to: the other side of the card, or the text that runs on from the page before."""
    if part.kind is DocumentKind.ID_CARD:
        waiting = [
            i for i, d in enumerate(drafts) if d.kind is part.kind and part.side not in {p.side for p in d.parts}
        ]
        near = [i for i in waiting if part.page.page_no - drafts[i].parts[-1].page.page_no <= 1]
        return min(near or waiting, key=lambda i: _strangeness(drafts[i].parts[-1], part), default=None)
    if part.kind is DocumentKind.OTHER and drafts:
        before = drafts[-1]
        goes_on = before.kind is DocumentKind.CONTRACT and contract.runs_on(segments_of(part.page))
        if goes_on or before.kind is DocumentKind.OTHER:
            return len(drafts) - 1
    return None


def _strangeness(before: Part, part: Part) -> tuple[bool, float]:
    """How little two sides of cards look like one card's: by the places they name, then by how far apart they lie."""
    front, back = (before, part) if part.side is Side.BACK else (part, before)
    authority = _ISSUED_BY.search(back.text)
    is_of_another = authority is not None and not is_of_place(authority[0], "".join(front.text.split()))
    near = before.page.page_no == part.page.page_no
    return is_of_another, math.dist(_middle(before), _middle(part)) if near else math.inf


def _middle(part: Part) -> Point:
    (left, top), _, (right, bottom), _ = union_box(line.box for line in part.page.lines)
    return (left + right) / 2, (top + bottom) / 2


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
