"""Batches as they arrive: what came, what was refused and why, and the receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from api.deps import Reading
from api.routes import batches, documents
from api.routes.documents import DocumentFilters
from api.web.documents import GONE
from api.web.pages import Visitor, router_of, show
from api.web.places import BATCHES
from records.actors import READERS, Actor
from records.desk_models import RescanRequest
from records.models import Batch, BatchFile
from records.terms import FileOutcome, Role

router = router_of(BATCHES)

Cursor = Annotated[str | None, Query(max_length=400)]
SHOWN = 25
MOST_DOCUMENTS = 200
MOST_WANTED = 50


@router.get("/batches")
def list_batches(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    found = batches.list_batches(who.actor, session, cursor, SHOWN)
    arrived = arrived_in(session, [batch.id for batch in found.items])
    may_scan = who.actor.may(Role.SCANNER)
    return show(
        request, "batches.html", who=who, batches=found.items, arrived=arrived, next_cursor=found.next_cursor,
        wanted=rescans_wanted(session, who.actor), may_scan=may_scan, batch=None,
        stations=batches.list_own_stations(who.actor, session) if may_scan else [],
    )  # fmt: skip


def arrived_in(session: Session, batch_ids: Sequence[str]) -> Mapping[str, int]:
    """How many files of each batch have arrived."""
    files = select(BatchFile.batch_id, func.count()).where(
        BatchFile.batch_id.in_(batch_ids), BatchFile.rescan_of.is_(None)
    )
    counts = {batch_id: count for batch_id, count in session.execute(files.group_by(BatchFile.batch_id))}
    return dict.fromkeys(batch_ids, 0) | counts


@dataclass(frozen=True, kw_only=True)
class WantedRescan:
    batch_id: str
    batch_number: str
    file_no: int
    reason: str
    asked_at: dt.datetime


def rescans_wanted(session: Session, actor: Actor) -> list[WantedRescan]:
    """Files that clerks sent back and that no better scan came for, newest first."""
    better = aliased(BatchFile)
    came = exists().where(
        better.batch_id == BatchFile.batch_id,
        better.rescan_of == BatchFile.file_no,
        better.outcome != FileOutcome.REFUSED,
    )
    wanted = (
        select(Batch.id, Batch.number, BatchFile.file_no, RescanRequest.reason, RescanRequest.asked_at)
        .join(BatchFile, BatchFile.document_id == RescanRequest.document_id)
        .join(Batch, Batch.id == BatchFile.batch_id)
        .where(actor.sees(Batch.region_code), ~came)
        .order_by(RescanRequest.asked_at.desc())
        .limit(MOST_WANTED)
    )
    return [
        WantedRescan(batch_id=batch_id, batch_number=number, file_no=file_no, reason=reason, asked_at=asked_at)
        for batch_id, number, file_no, reason, asked_at in session.execute(wanted)
    ]


@router.get("/batches/{batch_id}")
def get_batch(batch_id: str, request: Request, who: Visitor, session: Reading) -> Response:
    receipt = batches.get_receipt(batch_id, who.actor, session)
    states = {}
    if who.actor.may(*READERS):
        filters = DocumentFilters(batch_id=batch_id, limit=MOST_DOCUMENTS)
        states = {each.id: each for each in documents.list_documents(who.actor, session, filters).items}
    may_scan = who.actor.may(Role.SCANNER)
    return show(
        request, "batch.html", who=who, batch=receipt, documents=states, gone=GONE, may_scan=may_scan,
        arrived=sum(file.rescan_of is None for file in receipt.files), stations=[],
    )  # fmt: skip


@router.get("/batches/{batch_id}/receipt")
def get_receipt(batch_id: str, request: Request, who: Visitor, session: Reading) -> Response:
    receipt = batches.get_receipt(batch_id, who.actor, session)
    counts = {outcome: sum(file.outcome == outcome for file in receipt.files) for outcome in FileOutcome}
    arrived = sum(file.rescan_of is None for file in receipt.files)
    return show(request, "receipt.html", who=who, batch=receipt, counts=counts, arrived=arrived)
