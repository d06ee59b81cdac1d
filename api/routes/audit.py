"""The audit log, for auditors: read, check, export. Nothing here changes it, but each export is an act itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from api import content
from api.deps import Reading, TheActor, TheArchive, require
from api.paging import Cursor, Limit, Order, page
from api.schemas.base import Listed
from api.schemas.operations import AuditEntryView
from api.schemas.retention import ChainView
from intake.archive import Archive
from records import audit
from records.errors import ChainBroken
from records.models import AuditEntry
from records.terms import Role

router = APIRouter(tags=["audit"], dependencies=[require(Role.AUDITOR)])

_LINES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}}


@router.get("/audit/entries", summary="The audit log, oldest first unless told")
def list_entries(  # noqa: PLR0913 - each filter is an argument
    session: Reading,
    subject: Annotated[str | None, Query(alias="object", description="As `noun:id`.")] = None,
    actor_id: Annotated[str | None, Query(alias="actor")] = None,
    action: Annotated[str | None, Query()] = None,
    newest_first: Annotated[bool, Query()] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[AuditEntryView]:
    wanted = {AuditEntry.object: subject, AuditEntry.actor: actor_id, AuditEntry.action: action}
    statement = select(AuditEntry).where(*(column == value for column, value in wanted.items() if value))
    order = Order(columns=(AuditEntry.seq,), types=(int,), is_descending=newest_first)
    entries, next_cursor = page(session, statement, order, (cursor, limit))
    return Listed(items=[_view(entry) for entry in entries], next_cursor=next_cursor)


@router.get("/audit/verification", summary="Check the whole chain")
def verify(actor: TheActor, archive: TheArchive, session: Reading) -> ChainView:
    try:
        seq, head = audit.verify(session)
        answer = ChainView(holds=True, seq=seq, head=head)
    except ChainBroken as broken:
        at = broken.facts.get("seq")
        answer = ChainView(holds=False, seq=at if isinstance(at, int) else None, head=None, detail=broken.message)
    content.note(session, archive, actor, "audit.verified", "audit:chain", holds=answer.holds, seq=answer.seq)
    return answer


@router.get(
    "/audit/export",
    summary="The chain as JSON lines, to be checked without this archive",
    response_class=StreamingResponse,
    responses=_LINES,
)
def export(actor: TheActor, archive: TheArchive, session: Reading) -> StreamingResponse:
    content.note(session, archive, actor, "audit.exported", "audit:chain")
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"', "Cache-Control": "private, no-store"}
    return StreamingResponse(_lines(archive), media_type="application/x-ndjson", headers=headers)


def _lines(archive: Archive) -> Iterator[str]:
    """The answer is sent while the chain is read, so the reading has a session of its own."""
    with archive.reading() as session:
        for link in audit.links(session):
            yield json.dumps(link._asdict(), ensure_ascii=False) + "\n"


def _view(entry: AuditEntry) -> AuditEntryView:
    return AuditEntryView(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        object=entry.object,
        details=json.loads(entry.entry)["details"],
        previous_hash=entry.previous_hash,
        hash=entry.hash,
    )
