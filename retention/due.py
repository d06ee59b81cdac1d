"""What is due: records whose period has run out and that nothing suspends (R94, K32)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from records.actors import SYSTEM, Actor
from records.documents import visible_documents
from records.filing import Term
from records.models import Customer, Document
from records.record_dates import StatedDay
from records.terms import DocumentKind, DocumentState, ListState, Role, Trigger, Verdict
from retention.facts import asked_for, events_on, facts_of_many, facts_of_paper, kinds_of_many, latest_of, subjects
from retention.holds import is_held
from retention.models import Appraisal, AppraisedDocument, DestructionList, ListedDocument
from retention.rules import Schedule
from retention.schedule import current_schedule
from retention.terms import change_term
from retention.triggers import Source

OPEN_LISTS = (ListState.PROPOSED, ListState.RETURNED, ListState.APPROVED, ListState.EXECUTING)

DISPOSABLE = frozenset({DocumentState.FILED, DocumentState.REFUSED})
"""States in which a document may be destroyed. What was refused after it was kept has bytes and a key too; nothing is
kept without a way to end."""

REFUSED_CLASS = "refused"
REFUSED_DAYS = 90
"""How long a refused file is kept, for the station to be asked and the paper to be scanned again."""


def due_documents(actor: Actor, today: dt.date, *, besides: str | None = None) -> Select[Document]:
    """Documents that are due, not held, in no open appraisal and on no list under way but `besides`; oldest first.

    Proportional to what is due, not to what is kept: it walks the index on `due_on`.
    """
    actor.require(Role.ARCHIVIST, Role.APPROVER)
    listed = (
        select(ListedDocument.document_id)
        .join(DestructionList, DestructionList.id == ListedDocument.list_id)
        .where(ListedDocument.document_id == Document.id, DestructionList.state.in_(OPEN_LISTS))
        .correlate(Document)
    )
    if besides is not None:
        listed = listed.where(DestructionList.id != besides)
    return (
        visible_documents(actor, restricted=True)
        .where(Document.due_on <= today, Document.state.in_(DISPOSABLE))
        .where(~is_held(), ~listed.exists(), ~_is_under_appraisal())
        .order_by(Document.due_on, Document.id)
    )


def _is_under_appraisal() -> ColumnElement[bool]:
    return exists(
        select(AppraisedDocument.document_id)
        .join(Appraisal, Appraisal.id == AppraisedDocument.appraisal_id)
        .where(AppraisedDocument.document_id == Document.id, Appraisal.concluded_at.is_(None))
        .correlate(Document)
    )


def is_released() -> ColumnElement[bool]:
    """The condition over `documents`: the last appraisal of it released it for destruction."""
    last = (
        select(AppraisedDocument.outcome)
        .join(Appraisal, Appraisal.id == AppraisedDocument.appraisal_id)
        .where(AppraisedDocument.document_id == Document.id, Appraisal.concluded_at.is_not(None))
        .order_by(Appraisal.concluded_at.desc(), Appraisal.id.desc())
        .limit(1)
        .correlate(Document)
        .scalar_subquery()
    )
    return func.coalesce(last, "") == Verdict.DESTROY


@dataclass(frozen=True, kw_only=True)
class TermsInForce:
    """How long a document that is being filed is kept, by the schedule in force: a `TermFor`."""

    session: Session
    schedule: Schedule

    @property
    def named_fields(self) -> frozenset[str]:
        return self.schedule.named_fields

    def __call__(
        self,
        kinds: Sequence[DocumentKind],
        *,
        document: Document,
        customer: Customer,
        filed_on: dt.date,
        stated: Sequence[StatedDay],
    ) -> Term:
        concerned = subjects(document.id, customer.id, customer.volume_no)
        facts: dict[Source, dt.date | None] = {
            Trigger.RECEIVED: document.received_at.date(),
            Trigger.FILED: filed_on,
            Trigger.FORMED: document.formed_on,
            Trigger.RELATIONSHIP_ENDED: customer.ended_on,
        }
        happened = latest_of(events_on(self.session, concerned), concerned)
        return self.schedule.term(kinds, facts | happened | facts_of_paper(stated))


def terms_in_force(session: Session) -> TermsInForce:
    return TermsInForce(session=session, schedule=current_schedule(session))


def start_periods_of(session: Session, customer: Customer, actor: Actor = SYSTEM) -> int:
    """Give due dates to the records whose period runs from the end of this relationship; tells how many have one."""
    filed = select(Document).where(
        Document.customer_id == customer.id,
        Document.volume_no == customer.volume_no,
        Document.state == DocumentState.FILED,
    )
    documents = session.scalars(filed.order_by(Document.id).with_for_update()).all()
    return restart_periods(session, actor, documents, source=f"customer:{customer.id}", reason="relationship_ended")


def restart_periods(session: Session, actor: Actor, documents: Sequence[Document], *, source: str, reason: str) -> int:
    """Compute the due dates of locked records anew by the schedule in force; tells how many changed.

    A due date already given is never brought forward (K38).
    """
    terms, changed = terms_of(session, documents), 0
    for document in documents:
        term = terms[document.id]
        if term.due_on is not None and (document.due_on is None or term.due_on > document.due_on):
            change_term(session, actor, document, term.due_on, source=source, reason=reason)
            document.schedule_version, document.retention_class = term.schedule_version, term.class_name
            changed += 1
    session.flush()
    return changed


def terms_of(session: Session, documents: Sequence[Document]) -> dict[str, Term]:
    """How long each record is kept by the schedule in force, as the facts stand now."""
    schedule, asked = current_schedule(session), asked_for(session, documents)
    kinds, facts = kinds_of_many(session, documents), facts_of_many(session, documents, schedule.named_fields)
    return {
        document.id: schedule.term(kinds[document.id], facts[document.id], is_asked_for=document.id in asked)
        for document in documents
    }
