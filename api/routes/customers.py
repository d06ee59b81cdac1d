"""Customers and their files. Numbers of customers are asked for in bodies, never in addresses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api import content
from api.deps import Reading, TheActor, TheArchive, Writing, require
from api.masking import mask_value
from api.once import OnlyOnce
from api.paging import Cursor, Limit, Order, page
from api.routes.schedules import event_view
from api.schemas.base import Listed, Wire
from api.schemas.customers import (
    AcceptOrder,
    CustomerFileView,
    CustomerTrailView,
    CustomerWithDocuments,
    EndAnswer,
    EndOrder,
    FileEntryView,
    FileFieldsView,
    LookupOrder,
    NoticeBody,
    NoticeList,
    NoticeView,
    ReopenOrder,
    SubjectHold,
    VolumeView,
)
from api.schemas.disposal import PaperView
from api.schemas.documents import CustomerView, RevealOrder, TrailEntry
from api.schemas.schedules import EventList
from api.views import customer_views, document_summaries
from intake import jobs
from intake.archive import Archive
from records import audit, customers, volumes
from records.actors import READERS, Actor
from records.completeness import missing_papers
from records.customer_file import Entry, FileField, file_entries, papers_held
from records.customers import visible_customer, visible_customers
from records.dates import today_in_china
from records.documents import visible_documents
from records.errors import NotFound
from records.models import AuditEntry, Customer, CustomerIdentity, Document
from records.terms import CustomerKind, CustomerState, Step
from retention import events, notices
from retention.holds import holds_over
from retention.movements import papers_at

router = APIRouter(tags=["customers"], dependencies=[require(*READERS)])

MOST_DOCUMENTS = 200
MOST_TRAIL_ENTRIES = 200


class CustomerFilters(Wire):
    """Every condition must hold."""

    region_code: str | None = None
    kind: CustomerKind | None = None
    state: CustomerState | None = None
    code_prefix: str | None = None
    cursor: Cursor = None
    limit: Limit = 50

    def conditions(self) -> list[ColumnElement[bool]]:
        """One condition for each filter that was given."""
        given = self.model_dump(include={"region_code", "kind", "state"}, exclude_none=True)
        conditions: list[ColumnElement[bool]] = [getattr(Customer, name) == value for name, value in given.items()]
        if self.code_prefix:
            conditions.append(Customer.code.startswith(self.code_prefix, autoescape=True))
        return conditions


@router.get("/customers", summary="List customers by code")
def list_customers(
    actor: TheActor, archive: TheArchive, session: Reading, filters: Annotated[CustomerFilters, Query()]
) -> Listed[CustomerView]:
    statement = visible_customers(actor).where(*filters.conditions())
    found, next_cursor = page(session, statement, Order(columns=(Customer.code,)), (filters.cursor, filters.limit))
    views = customer_views(archive.keyring, found)
    content.note(session, archive, actor, "customers.listed", "customers:list", count=len(found))
    return Listed(items=views, next_cursor=next_cursor)


@router.post("/customers/lookup", summary="The customer of a number")
def look_up_customer(order: LookupOrder, actor: TheActor, archive: TheArchive, session: Writing) -> CustomerView:
    fingerprint = archive.keyring.fingerprint(order.purpose, order.number)
    owner = select(CustomerIdentity.customer_id).where(CustomerIdentity.fingerprint == fingerprint)
    customer = session.scalars(visible_customers(actor).where(Customer.id.in_(owner))).one_or_none()
    if customer is None:
        raise NotFound
    audit.record(session, actor, "customer.looked_up", f"customer:{customer.id}", by=order.purpose)
    return customer_views(archive.keyring, [customer])[0]


@router.get("/customers/{customer_id}", summary="A customer with its documents")
def get_customer(customer_id: str, actor: TheActor, archive: TheArchive, session: Reading) -> CustomerWithDocuments:
    answer = _with_documents(archive, session, actor, customer_id)
    content.note(session, archive, actor, "customer.viewed", f"customer:{customer_id}")
    return answer


@router.get("/customers/{customer_id}/file", summary="A customer file: fields and their origin, what is missing, holds")
def get_file(customer_id: str, actor: TheActor, archive: TheArchive, session: Reading) -> CustomerFileView:
    known = _with_documents(archive, session, actor, customer_id)
    subjects = [f"customer:{customer_id}", *(f"document:{document.id}" for document in known.documents)]
    answer = CustomerFileView(
        **dict(known),
        entries=[_masked(entry) for entry in file_entries(session, archive.keyring, actor, customer_id)],
        missing=missing_papers(known.customer.kind, papers_held(session, actor, customer_id)),
        holds=[
            SubjectHold(
                id=hold.id, case_no=hold.case_no, authority=hold.authority, placed_at=hold.placed_at, subject=subject
            )
            for hold, subject in holds_over(session, subjects)
        ],
        papers=[PaperView.model_validate(each) for each in papers_at(session, [each.id for each in known.documents])],
        volumes=[
            VolumeView.model_validate(each)
            for each in volumes.volumes_of(session, visible_customer(session, actor, customer_id))
        ],
    )
    content.note(session, archive, actor, "customer.viewed", f"customer:{customer_id}", file=True)
    return answer


@router.post("/customers/{customer_id}/reveal", summary="Its fields with numbers in full, for a stated purpose")
def reveal_file(
    customer_id: str, order: RevealOrder, actor: TheActor, archive: TheArchive, session: Reading
) -> FileFieldsView:
    visible_customer(session, actor, customer_id)
    entries = [_view(entry) for entry in file_entries(session, archive.keyring, actor, customer_id)]
    content.note(session, archive, actor, "customer.revealed", f"customer:{customer_id}", purpose=order.purpose)
    return FileFieldsView(customer_id=customer_id, entries=entries)


@router.get("/customers/{customer_id}/audit", summary="Who did what to it, newest first, the last 200 acts")
def get_trail(customer_id: str, actor: TheActor, session: Reading) -> CustomerTrailView:
    visible_customer(session, actor, customer_id)
    acts = select(AuditEntry).where(AuditEntry.object == f"customer:{customer_id}").order_by(AuditEntry.seq.desc())
    entries = [
        TrailEntry(seq=e.seq, at=e.at, actor=e.actor, action=e.action, details=json.loads(e.entry)["details"])
        for e in session.scalars(acts.limit(MOST_TRAIL_ENTRIES))
    ]
    return CustomerTrailView(customer_id=customer_id, entries=entries)


@router.get("/customers/{customer_id}/events", summary="Events reported of it, newest first, the last 200")
def list_events(customer_id: str, actor: TheActor, session: Reading) -> EventList:
    found = events.events_of(session, actor, customer_id)
    taken_back = events.retractions_of(session, found)
    return EventList(events=[event_view(each, taken_back.get(each.id)) for each in found])


@router.post("/customers/{customer_id}/accept", summary="Accept a proposed customer")
def accept_customer(
    customer_id: str, order: AcceptOrder, actor: TheActor, archive: TheArchive, session: Writing
) -> CustomerView:
    customer = customers.accept_customer(session, actor, customer_id, version=order.version)
    return customer_views(archive.keyring, [customer])[0]


@router.post("/customers/{customer_id}/end", summary="End the relationship; periods that run from it start")
def end_customer(
    customer_id: str, order: EndOrder, actor: TheActor, archive: TheArchive, session: Writing
) -> EndAnswer:
    end = events.End(ended_on=order.ended_on, evidence=order.evidence)
    customer, changed = events.end_relationship(
        session, actor, customer_id, end, today=today_in_china(), version=order.version
    )
    return EndAnswer(customer=customer_views(archive.keyring, [customer])[0], due_dates_given=changed)


@router.post("/customers/{customer_id}/reopen", summary="A customer returned: a new volume of its closed file")
def reopen_customer(
    customer_id: str, order: ReopenOrder, actor: TheActor, archive: TheArchive, session: Writing
) -> CustomerView:
    customer = volumes.reopen_customer(
        session, actor, customer_id, reopened_on=order.reopened_on, today=today_in_china(), version=order.version
    )
    return customer_views(archive.keyring, [customer])[0]


@router.get("/customers/{customer_id}/notices", summary="What a natural person was told of the use of his papers")
def list_notices(customer_id: str, actor: TheActor, session: Reading) -> NoticeList:
    visible_customer(session, actor, customer_id)
    return NoticeList(notices=[NoticeView.model_validate(each) for each in notices.notices_of(session, customer_id)])


@router.post("/customers/{customer_id}/notices", status_code=201, summary="Note that a natural person was told")
def note_notice(customer_id: str, body: NoticeBody, actor: TheActor, session: Writing, once: OnlyOnce) -> NoticeView:
    def note() -> NoticeView:
        told = notices.Told(**body.model_dump())
        noted = notices.note_notice(session, actor, customer_id, told, today_in_china())
        for document_id in noted.freed:
            jobs.enqueue(session, Step.FILE, document_id)
        return NoticeView.model_validate(noted.notice)

    return once.answer(body, note, NoticeView)


def _with_documents(archive: Archive, session: Session, actor: Actor, customer_id: str) -> CustomerWithDocuments:
    customer = visible_customer(session, actor, customer_id)
    documents = visible_documents(actor).where(Document.customer_id == customer_id).order_by(Document.id.desc())
    return CustomerWithDocuments(
        customer=customer_views(archive.keyring, [customer])[0],
        documents=document_summaries(session.scalars(documents.limit(MOST_DOCUMENTS))),
    )


def _view(entry: Entry) -> FileEntryView:
    return FileEntryView.model_validate(entry)


def _masked(entry: Entry) -> FileEntryView:
    """Values that differ are told apart before masking, so two numbers that look alike masked still show as two."""
    latest, *differing = (_masked_field(field) for field in (entry.latest, *entry.differing))
    return _view(Entry(latest=latest, differing=tuple(differing)))


def _masked_field(field: FileField) -> FileField:
    return replace(field, value=mask_value(field.name, field.value))
