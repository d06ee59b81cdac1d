"""Retaining: what is due, holds, the register, records and tombstones."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.deps import Reading, TheActor, Writing, require
from api.once import OnlyOnce
from api.paging import Cursor, Limit, Order, page
from api.schemas.base import Listed
from api.schemas.disposal import PaperView
from api.schemas.documents import DocumentSummary
from api.schemas.retention import (
    ChainView,
    HoldBody,
    HoldQueryBody,
    HoldView,
    RecordView,
    RegisterEntryView,
    RegisterEvent,
    ReleaseBody,
)
from api.views import document_summaries, document_summary
from records.actors import READERS
from records.documents import visible_documents
from records.errors import ChainBroken, NotFound
from records.ids import utc_now
from records.models import Document
from records.terms import DocumentKind, DocumentState, Role
from retention import holds, register
from retention.due import due_documents
from retention.models import (
    DestructionList,
    Hold,
    HoldQuery,
    HoldScope,
    Paper,
    RegisterEntry,
)

PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
router = APIRouter(tags=["retention"])

REVIEWERS = (Role.ARCHIVIST, Role.APPROVER)
ONLOOKERS = (*REVIEWERS, Role.AUDITOR)
"""Who may see what is decided on retention, and by whom."""
_EVENTS: Mapping[str, RegisterEvent] = {
    register.BEGUN: "begun",
    register.DESTROYED: "destroyed",
    register.PAPER_DESTROYED: "paper_destroyed",
}


def today() -> dt.date:
    """The day by UTC: never ahead of the calendar in China, so nothing is due a day too early."""
    return utc_now().date()


@router.get("/retention/due", summary="Records whose period has run out, longest overdue first")
def list_due(actor: TheActor, session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[DocumentSummary]:
    order = Order(columns=(Document.due_on, Document.id), types=(dt.date, str))
    documents, next_cursor = page(session, due_documents(actor, today()), order, (cursor, limit))
    return Listed(items=document_summaries(documents), next_cursor=next_cursor)


@router.get("/retention/holds", summary="List holds, newest first", dependencies=[require(*REVIEWERS)])
def list_holds(session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[HoldView]:
    order = Order(columns=(Hold.id,), is_descending=True)
    found, next_cursor = page(session, select(Hold), order, (cursor, limit))
    return Listed(items=[_hold_view(session, hold) for hold in found], next_cursor=next_cursor)


@router.post("/retention/holds", status_code=201, summary="Suspend disposition", dependencies=[require(*REVIEWERS)])
def place_hold(body: HoldBody, actor: TheActor, session: Writing, once: OnlyOnce) -> HoldView:
    order = holds.HoldOrder(
        case_no=body.case_no,
        reason=body.reason,
        authority=body.authority,
        subjects=body.subjects,
        query=holds.Scope(**body.query.model_dump()) if body.query else None,
    )
    return once.answer(body, lambda: _hold_view(session, holds.place_hold(session, actor, order)), HoldView)


@router.post("/retention/holds/{hold_id}/release", summary="End one hold; others on the same records stay")
def release_hold(hold_id: str, body: ReleaseBody, actor: TheActor, session: Writing) -> HoldView:
    return _hold_view(session, holds.release_hold(session, actor, hold_id, reason=body.reason))


@router.get("/retention/register", summary="The destruction register", dependencies=[require(*ONLOOKERS)])
def list_register(session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[RegisterEntryView]:
    order = Order(columns=(RegisterEntry.seq,), types=(int,))
    entries, next_cursor = page(session, select(RegisterEntry), order, (cursor, limit))
    return Listed(items=[_entry_view(entry) for entry in entries], next_cursor=next_cursor)


@router.get(
    "/retention/register/verification",
    summary="Check the register's whole chain",
    dependencies=[require(*ONLOOKERS)],
)
def verify_register(session: Reading) -> ChainView:
    try:
        seq, head = register.verify(session)
    except ChainBroken as broken:
        return ChainView(holds=False, seq=_seq(broken), head=None, detail=broken.message)
    return ChainView(holds=True, seq=seq, head=head)


@router.get(
    "/records/{archival_code:path}",
    summary="A record by its archival code, or the tombstone of a destroyed one",
    dependencies=[require(*READERS)],
)
def get_record(archival_code: str, actor: TheActor, session: Reading) -> RecordView:
    statement = visible_documents(actor).where(Document.archival_code == archival_code)
    document = session.scalars(statement).one_or_none()
    if document is None:
        raise NotFound(archival_code=archival_code)
    is_destroyed, paper = document.state == DocumentState.DESTROYED, session.get(Paper, document.id)
    entries = register.entries_of(session, document.id)
    of_list = session.get(DestructionList, entries[0].list_id) if entries else None
    return RecordView(
        is_destroyed=is_destroyed,
        is_final=is_destroyed and (paper is None or paper.destroyed_on is not None),
        paper=PaperView.model_validate(paper) if paper else None,
        document=document_summary(document),
        list_number=of_list.number if of_list else None,
        register_entries=[_entry_view(entry) for entry in entries],
    )


def pdf_response(pdf: bytes, number: str) -> Response:
    """A PDF to be kept under the number of what it tells of."""
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": f'attachment; filename="{number}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _hold_view(session: Session, hold: Hold) -> HoldView:
    subjects = select(HoldScope.subject).where(HoldScope.hold_id == hold.id).order_by(HoldScope.subject)
    return HoldView(
        id=hold.id,
        case_no=hold.case_no,
        reason=hold.reason,
        authority=hold.authority,
        subjects=list(session.scalars(subjects)),
        query=_query_view(session.get(HoldQuery, hold.id)),
        placed_by=hold.placed_by,
        placed_at=hold.placed_at,
        released_by=hold.released_by,
        released_at=hold.released_at,
        release_reason=hold.release_reason,
    )


def _query_view(query: HoldQuery | None) -> HoldQueryBody | None:
    if query is None:
        return None
    return HoldQueryBody(
        region_code=query.region_code,
        kind=DocumentKind(query.kind) if query.kind else None,
        retention_class=query.retention_class,
        received_from=query.received_from.date() if query.received_from else None,
        received_before=query.received_before.date() if query.received_before else None,
    )


def _entry_view(entry: RegisterEntry) -> RegisterEntryView:
    return RegisterEntryView(
        seq=entry.seq,
        at=entry.at,
        event=_EVENTS[entry.event],
        document_id=entry.document_id,
        archival_code=entry.archival_code,
        list_id=entry.list_id,
        entry=json.loads(entry.entry),
        previous_hash=entry.previous_hash,
        hash=entry.hash,
    )


def _seq(broken: ChainBroken) -> int | None:
    seq = broken.facts.get("seq")
    return seq if isinstance(seq, int) else None
