"""Verification: the queue of documents that wait for a person, and what the person says."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.deps import Reading, TheActor, TheArchive, Writing, require
from api.masking import masked
from api.paging import Cursor, Limit, Order, page
from api.schemas.base import Listed
from api.schemas.documents import (
    CustomerChoice,
    DecisionAnswer,
    DecisionBody,
    DocumentSummary,
    DuplicateDecision,
)
from api.views import document_summaries, document_summary, field_view
from intake import jobs
from records import verification
from records.models import Document
from records.terms import DocumentState, Role, Step, WaitingFor
from records.verification import FieldDecision

router = APIRouter(tags=["verification"], dependencies=[require(Role.VERIFIER, Role.ARCHIVIST)])


FieldPlace = tuple[str, int, str]
"""Document, part and name."""


def field_place(document_id: str, part_no: int, name: str) -> FieldPlace:
    return document_id, part_no, name


@router.get("/verification", summary="Documents that wait for a person, oldest first")
def list_waiting(
    actor: TheActor,
    session: Reading,
    waiting_for: Annotated[WaitingFor | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[DocumentSummary]:
    statement = verification.waiting_documents(actor)
    if waiting_for is not None:
        statement = statement.where(Document.waiting_for == waiting_for)
    documents, next_cursor = page(session, statement, Order(columns=(Document.id,)), (cursor, limit))
    return Listed(items=document_summaries(documents), next_cursor=next_cursor)


@router.post("/documents/{document_id}/fields/{part_no}/{name}/decision", summary="Confirm, correct or give up a field")
def decide_field(
    place: Annotated[FieldPlace, Depends(field_place)],
    body: DecisionBody,
    actor: TheActor,
    archive: TheArchive,
    session: Writing,
) -> DecisionAnswer:
    document_id, part_no, name = place
    decision = FieldDecision(part_no=part_no, name=name, state=body.state, value=body.value, version=body.version)
    document, field = verification.decide_field(session, archive.keyring, actor, document_id, decision)
    if document.state == DocumentState.VERIFIED:
        jobs.enqueue(session, Step.FILE, document_id)
    return DecisionAnswer(document=document_summary(document), field=field_view(masked(field)))


@router.post("/documents/{document_id}/customer", summary="Say whose a document is that carries no number")
def choose_customer(document_id: str, body: CustomerChoice, actor: TheActor, session: Writing) -> DocumentSummary:
    document = verification.choose_customer(
        session, actor, document_id, customer_id=body.customer_id, version=body.version
    )
    jobs.enqueue(session, Step.FILE, document_id)
    return document_summary(document)


@router.post("/documents/{document_id}/duplicate", summary="Say whether known bytes are the same document again")
def settle_duplicate(document_id: str, body: DuplicateDecision, actor: TheActor, session: Writing) -> DocumentSummary:
    document = verification.settle_duplicate(session, actor, document_id, is_same=body.is_same, version=body.version)
    if document.state == DocumentState.RECEIVED:
        jobs.enqueue(session, Step.READ, document_id)
    return document_summary(document)
