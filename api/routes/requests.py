"""Requests of customers to have destroyed what is kept of them, and records restricted meanwhile."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select

from api.deps import Reading, TheActor, TheArchive, Writing, require
from api.once import OnlyOnce
from api.paging import Cursor, Limit, Order, page
from api.routes.retention import REVIEWERS, today
from api.schemas.base import Listed
from api.schemas.documents import DocumentSummary
from api.schemas.requests import DecisionBody, LiftBody, RequestBody, RequestView, RestrictBody
from api.views import document_summaries, document_summary
from intake.indexing import reindexer
from records.actors import READERS
from records.customers import visible_customers
from records.models import Customer, Document
from retention import requests, restrictions
from retention.models import SubjectRequest

router = APIRouter(tags=["retention"])


@router.get("/retention/requests", summary="Requests of customers, newest first", dependencies=[require(*READERS)])
def list_requests(actor: TheActor, session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[RequestView]:
    order = Order(columns=(SubjectRequest.id,), is_descending=True)
    seen = visible_customers(actor).with_only_columns(Customer.id)
    statement = select(SubjectRequest).where(SubjectRequest.customer_id.in_(seen))
    found, next_cursor = page(session, statement, order, (cursor, limit))
    return Listed(items=[RequestView.model_validate(each) for each in found], next_cursor=next_cursor)


@router.post(
    "/retention/requests",
    status_code=201,
    summary="File a customer's request to have what is kept of it destroyed",
    dependencies=[require(*READERS)],
)
def file_request(body: RequestBody, actor: TheActor, session: Writing, once: OnlyOnce) -> RequestView:
    asked = requests.Asked(**body.model_dump())
    return once.answer(
        body, lambda: RequestView.model_validate(requests.file_request(session, actor, asked, today())), RequestView
    )


@router.post("/retention/requests/{request_id}/decision", summary="Grant or refuse a request")
def decide_request(
    request_id: str, body: DecisionBody, actor: TheActor, session: Writing, archive: TheArchive
) -> RequestView:
    decision = requests.Decision(**body.model_dump())
    decided = requests.decide_request(session, actor, request_id, decision, today(), reindexer(archive))
    return RequestView.model_validate(decided)


@router.get(
    "/retention/restrictions",
    summary="Records kept because a law says so and shown to nobody",
    dependencies=[require(*REVIEWERS)],
)
def list_restricted(
    actor: TheActor, session: Reading, cursor: Cursor = None, limit: Limit = 50
) -> Listed[DocumentSummary]:
    order = Order(columns=(Document.id,))
    found, next_cursor = page(session, restrictions.restricted_documents(actor), order, (cursor, limit))
    return Listed(items=document_summaries(found), next_cursor=next_cursor)


@router.post("/retention/restrictions", summary="Hide a record from everybody", dependencies=[require(*REVIEWERS)])
def restrict(body: RestrictBody, actor: TheActor, session: Writing, archive: TheArchive) -> DocumentSummary:
    restricted = restrictions.restrict(session, actor, body.document_id, reason=body.reason, reindex=reindexer(archive))
    return document_summary(restricted)


@router.post("/retention/restrictions/{document_id}/lift", summary="Show a restricted record again")
def lift_restriction(
    document_id: str, body: LiftBody, actor: TheActor, session: Writing, archive: TheArchive
) -> DocumentSummary:
    lifted = restrictions.lift_restriction(session, actor, document_id, reason=body.reason, reindex=reindexer(archive))
    return document_summary(lifted)
