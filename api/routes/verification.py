"""Verification: the queue of documents that wait for a person, and what the person says."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.deps import Reading, TheActor, TheArchive, Writing, require
from api.masking import masked
from api.paging import Cursor, Limit, Order, page
from api.schemas.base import Listed
from api.schemas.documents import (
    CheckAnswer,
    CheckBody,
    CustomerChoice,
    DecisionAnswer,
    DecisionBody,
    DocumentSummary,
    DuplicateDecision,
)
from api.views import document_summaries, document_summary, field_view
from intake import jobs
from ocr.rechecking import recheck
from records import verification
from records.checking import Recheck
from records.ids import utc_now
from records.models import Document
from records.terms import DocumentState, Role, Step, WaitingFor
from records.verification import FieldDecision, FieldPlace

router = APIRouter(tags=["verification"], dependencies=[require(Role.VERIFIER, Role.ARCHIVIST)])


def field_place(document_id: str, part_no: int, name: str) -> FieldPlace:
    return FieldPlace(document_id=document_id, part_no=part_no, name=name)


def todays_rules() -> Recheck:
    return partial(recheck, today=utc_now().date())


ThePlace = Annotated[FieldPlace, Depends(field_place)]
TheRules = Annotated[Recheck, Depends(todays_rules)]


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
    place: ThePlace, body: DecisionBody, actor: TheActor, archive: TheArchive, session: Writing, rules: TheRules
) -> DecisionAnswer:
    decision = FieldDecision(
        part_no=place.part_no, name=place.name, state=body.state, value=body.value, as_printed=body.as_printed,
        version=body.version,
    )  # fmt: skip
    decided = verification.decide_field(session, archive.keyring, actor, place.document_id, decision, rules)
    if decided.document.state == DocumentState.VERIFIED:
        jobs.enqueue(session, Step.FILE, place.document_id)
    return DecisionAnswer(
        document=document_summary(decided.document),
        field=field_view(masked(decided.field)),
        rechecked=[field_view(masked(field)) for field in decided.rechecked],
    )


@router.post("/documents/{document_id}/fields/{part_no}/{name}/check", summary="What the rules would say of a value")
def check_value(
    place: ThePlace, body: CheckBody, actor: TheActor, archive: TheArchive, session: Reading, rules: TheRules
) -> CheckAnswer:
    judged = verification.check_value(session, archive.keyring, actor, place, body.value, rules)
    return CheckAnswer.model_validate(judged)


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
