"""Batches as they arrive: what came, what was refused and why, and the receipt."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from api.deps import Reading
from api.routes import batches, documents
from api.routes.documents import DocumentFilters
from api.web.documents import GONE
from api.web.pages import Visitor, router_of, show
from api.web.places import BATCHES
from records.actors import READERS
from records.terms import FileOutcome

router = router_of(BATCHES)

Cursor = Annotated[str | None, Query(max_length=400)]
SHOWN = 25
MOST_DOCUMENTS = 200


@router.get("/batches")
def list_batches(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    found = batches.list_batches(who.actor, session, cursor, SHOWN)
    arrived = {batch.id: len(batches.get_batch(batch.id, who.actor, session).files) for batch in found.items}
    return show(request, "batches.html", who=who, batches=found.items, arrived=arrived, next_cursor=found.next_cursor)


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
