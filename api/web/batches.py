"""Batches as they arrive: what came, what was refused and why, and the receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.deps import Reading
from api.routes import batches, documents
from api.routes.documents import DocumentFilters
from api.web.documents import GONE
from api.web.pages import Visitor, router_of, show
from api.web.places import BATCHES
from records.actors import READERS
from records.models import BatchFile
from records.terms import FileOutcome

router = router_of(BATCHES)

Cursor = Annotated[str | None, Query(max_length=400)]
SHOWN = 25
MOST_DOCUMENTS = 200


@router.get("/batches")
def list_batches(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    found = batches.list_batches(who.actor, session, cursor, SHOWN)
    arrived = arrived_in(session, [batch.id for batch in found.items])
    return show(request, "batches.html", who=who, batches=found.items, arrived=arrived, next_cursor=found.next_cursor)


def arrived_in(session: Session, batch_ids: Sequence[str]) -> Mapping[str, int]:
    """How many files of each batch have arrived."""
    files = select(BatchFile.batch_id, func.count()).where(BatchFile.batch_id.in_(batch_ids))
    counts = {batch_id: count for batch_id, count in session.execute(files.group_by(BatchFile.batch_id))}
    return dict.fromkeys(batch_ids, 0) | counts


@router.get("/batches/{batch_id}")
def get_batch(batch_id: str, request: Request, who: Visitor, session: Reading) -> Response:
    receipt = batches.get_receipt(batch_id, who.actor, session)
    states = {}
    if who.actor.may(*READERS):
        filters = DocumentFilters(batch_id=batch_id, limit=MOST_DOCUMENTS)
        states = {each.id: each for each in documents.list_documents(who.actor, session, filters).items}
    return show(request, "batch.html", who=who, batch=receipt, documents=states, gone=GONE)


@router.get("/batches/{batch_id}/receipt")
def get_receipt(batch_id: str, request: Request, who: Visitor, session: Reading) -> Response:
    receipt = batches.get_receipt(batch_id, who.actor, session)
    counts = {outcome: sum(file.outcome == outcome for file in receipt.files) for outcome in FileOutcome}
    return show(request, "receipt.html", who=who, batch=receipt, counts=counts)
