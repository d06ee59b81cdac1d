"""How the files of a batch stand: what a station should know of each, seconds after the scan (R23, R28, K1–K5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from intake.jobs import Job
from records.completeness import RequiredPaper, papers_in
from records.desk_models import RescanRequest
from records.models import Batch, Document, Field, Page, Part
from records.terms import DocumentKind, DocumentState, FieldState, JobState


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A document of the batch as its station should see it. It holds no content."""

    state: DocumentState
    page_count: int | None
    advice: dict[int, list[str]] = field(default_factory=dict)
    """Codes of DA/T 31 by page number, for the pages that have any."""
    missing_side: str | None = None
    """`front` or `back` of an ID card whose other side is there."""
    is_unpaired: bool = False
    """Scanned on both sides, and yet an odd number of pages."""
    is_parked: bool = False
    refused_code: str | None = None
    rescan: RescanRequest | None = None


def standings(session: Session, batch: Batch) -> Mapping[str, Standing]:
    """By document id, for every document of the batch."""
    advice, sides, parked = _advice(session, batch), _missing_sides(session, batch), _parked(session, batch)
    requests = select(RescanRequest).where(RescanRequest.batch_id == batch.id)
    asked = {row.document_id: row for row in session.scalars(requests)}
    is_duplex = batch.capture.get("duplex") is True
    found = {}
    for document in session.scalars(select(Document).where(Document.batch_id == batch.id)):
        is_refused = document.state == DocumentState.REFUSED
        found[document.id] = Standing(
            state=DocumentState(document.state),
            page_count=document.page_count,
            advice=advice.get(document.id, {}),
            missing_side=sides.get(document.id),
            is_unpaired=is_duplex and not is_refused and (document.page_count or 0) % 2 == 1,
            is_parked=document.id in parked,
            refused_code=document.refused_code if is_refused else None,
            rescan=asked.get(document.id),
        )
    return found


def _parked(session: Session, batch: Batch) -> set[str]:
    parked = select(Job.document_id).where(Job.state == JobState.PARKED, Job.document_id == Document.id)
    return set(session.scalars(select(Document.id).where(Document.batch_id == batch.id, parked.exists())))


def _advice(session: Session, batch: Batch) -> dict[str, dict[int, list[str]]]:
    pages = select(Page.document_id, Page.page_no, Page.advice).join(Document, Document.id == Page.document_id)
    found: dict[str, dict[int, list[str]]] = defaultdict(dict)
    for document_id, page_no, codes in session.execute(pages.where(Document.batch_id == batch.id)):
        if codes:
            found[document_id][page_no] = codes
    return found


def _missing_sides(session: Session, batch: Batch) -> dict[str, str]:
    """ID cards of which one side was found and the other was not."""
    cards = (
        select(Field.document_id, Field.part_no, Field.name)
        .join(Document, Document.id == Field.document_id)
        .join(Part, and_(Part.document_id == Field.document_id, Part.part_no == Field.part_no))
        .where(Document.batch_id == batch.id, Part.kind == DocumentKind.ID_CARD, Field.state != FieldState.ABSENT)
    )
    seen: dict[tuple[str, int], set[str]] = defaultdict(set)
    for document_id, part_no, name in session.execute(cards):
        seen[document_id, part_no].add(name)
    return {place[0]: side for place, names in seen.items() if (side := _missing_side(names)) is not None}


def _missing_side(names: set[str]) -> str | None:
    sides = papers_in(DocumentKind.ID_CARD, names)
    if len(sides) != 1:
        return None
    return "front" if RequiredPaper.ID_CARD_BACK in sides else "back"
