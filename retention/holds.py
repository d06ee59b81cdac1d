"""Holds: orders that suspend disposition. A hold is a relation beside a record, never a state of it (K35).

Each is a case: who ordered it and why, and what it lies on – documents, customers with all they have, or all that a
query finds. Many may lie on one record; it stays until all of them are released, and releasing destroys nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from records import audit, numbering
from records.actors import Actor
from records.customers import visible_customer, visible_customers
from records.documents import visible_document, visible_documents
from records.errors import Conflict, InvalidInput, NotFound, NotPermitted, WrongState
from records.ids import utc_now
from records.models import Customer, Document
from records.terms import DocumentKind, DocumentState, Role
from retention.models import Hold, HoldQuery, HoldScope

GATE = "holds-and-destruction"
GONE = frozenset({DocumentState.DESTROYING, DocumentState.DESTROYED})


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Documents for which all that is given holds, those to come included; days include the first, not the last."""

    region_code: str | None = None
    kind: DocumentKind | None = None
    retention_class: str | None = None
    received_from: dt.date | None = None
    received_before: dt.date | None = None

    @property
    def is_empty(self) -> bool:
        return not any(vars(self).values())


@dataclass(frozen=True, kw_only=True)
class HoldOrder:
    """Who ordered what kept, and why. Subjects are `document:<id>`, or `customer:<id>` with all it will ever have."""

    case_no: str
    reason: str
    authority: str
    subjects: Sequence[str] = ()
    query: Scope | None = None


def place_hold(session: Session, actor: Actor, order: HoldOrder) -> Hold:
    """Suspend the disposition of documents, of all a customer has, or of all a query finds.

    Raises:
        NotFound: a subject does not exist or the actor may not see it.
        WrongState: a document named is being destroyed already.
    """
    actor.require(Role.ARCHIVIST, Role.APPROVER)
    _check_order(actor, order)
    lock_gate(session)
    if session.scalar(select(Hold.id).where(Hold.case_no == order.case_no)):
        raise Conflict("There is a hold of this case number.", case_no=order.case_no)
    for subject in sorted(set(order.subjects)):
        _lock_subject(session, actor, subject)
    hold = Hold(case_no=order.case_no, reason=order.reason, authority=order.authority, placed_by=actor.id)
    session.add(hold)
    session.flush()
    session.add_all(HoldScope(hold_id=hold.id, subject=subject) for subject in sorted(set(order.subjects)))
    if order.query is not None:
        session.add(_query_row(hold, order.query))
    details = {"subjects": len(set(order.subjects)), "query": order.query is not None}
    audit.record(session, actor, "hold.placed", f"hold:{hold.id}", case_no=order.case_no, **details)
    return hold


def lock_gate(session: Session) -> None:
    """Let placing holds and beginning destruction pass one at a time: neither can miss the other (K36).

    Taken before any lock on documents; held until the transaction ends.
    """
    numbering.next_number(session, GATE)


def release_hold(session: Session, actor: Actor, hold_id: str, *, reason: str) -> Hold:
    """End one hold; others on the same records stay, and nothing is destroyed by it.

    Raises:
        NotPermitted: it lies on something of a region that the actor does not see.
    """
    actor.require(Role.APPROVER)
    hold = session.scalars(select(Hold).where(Hold.id == hold_id).with_for_update()).one_or_none()
    if hold is None:
        raise NotFound(hold_id=hold_id)
    if hold.released_at is not None:
        raise WrongState("The hold is released already.", hold_id=hold_id)
    if not reason.strip():
        raise InvalidInput("A hold is released with a reason.")
    _check_seen(session, actor, hold_id)
    hold.released_at, hold.released_by, hold.release_reason = utc_now(), actor.id, reason
    audit.record(session, actor, "hold.released", f"hold:{hold.id}", case_no=hold.case_no)
    return hold


def _check_seen(session: Session, actor: Actor, hold_id: str) -> None:
    if actor.regions is None:
        return
    documents = visible_documents(actor, restricted=True).with_only_columns("document:" + Document.id)
    customers = visible_customers(actor).with_only_columns("customer:" + Customer.id)
    seen = or_(HoldScope.subject.in_(documents), HoldScope.subject.in_(customers))
    unseen = select(HoldScope.subject).where(HoldScope.hold_id == hold_id, ~seen)
    query = session.get(HoldQuery, hold_id)
    if session.scalar(unseen.limit(1)) or (query is not None and query.region_code not in actor.regions):
        raise NotPermitted("The hold lies on something of a region that you do not see.", hold_id=hold_id)


def is_held() -> ColumnElement[bool]:
    """The condition over `documents`: some unreleased hold lies on it, on its customer, or finds it by its query."""
    subjects = select(HoldScope.hold_id).join(Hold, Hold.id == HoldScope.hold_id).where(
        Hold.released_at.is_(None),
        or_(
            HoldScope.subject == "document:" + Document.id,
            HoldScope.subject == "customer:" + Document.customer_id,
        ),
    )  # fmt: skip
    queries = select(HoldQuery.hold_id).join(Hold, Hold.id == HoldQuery.hold_id).where(
        Hold.released_at.is_(None), _finds()
    )  # fmt: skip
    return or_(subjects.correlate(Document).exists(), queries.correlate(Document).exists())


def held_among(session: Session, document_ids: Sequence[str]) -> Sequence[str]:
    """Those of the documents on which some unreleased hold lies."""
    return session.scalars(select(Document.id).where(Document.id.in_(document_ids), is_held())).all()


def holds_on(session: Session, document: Document) -> list[Hold]:
    """The unreleased holds on one document, oldest first."""
    subjects = [f"document:{document.id}"] + ([f"customer:{document.customer_id}"] if document.customer_id else [])
    named = select(HoldScope.hold_id).where(HoldScope.subject.in_(subjects))
    found = select(HoldQuery.hold_id).join(Document, _finds()).where(Document.id == document.id)
    in_force = select(Hold).where(Hold.released_at.is_(None), or_(Hold.id.in_(named), Hold.id.in_(found)))
    return list(session.scalars(in_force.order_by(Hold.placed_at)))


def _finds() -> ColumnElement[bool]:
    """Between `hold_queries` and `documents`: everything the query gives is so of the document."""
    return and_(
        or_(HoldQuery.region_code.is_(None), HoldQuery.region_code == Document.region_code),
        or_(HoldQuery.kind.is_(None), HoldQuery.kind == Document.kind),
        or_(HoldQuery.retention_class.is_(None), HoldQuery.retention_class == Document.retention_class),
        or_(HoldQuery.received_from.is_(None), HoldQuery.received_from <= Document.received_at),
        or_(HoldQuery.received_before.is_(None), HoldQuery.received_before > Document.received_at),
    )


def holds_over(session: Session, subjects: Sequence[str]) -> list[tuple[Hold, str]]:
    """The unreleased holds on any of these subjects, each with the subject it lies on, oldest first."""
    found = (
        select(Hold, HoldScope.subject)
        .join(HoldScope, Hold.id == HoldScope.hold_id)
        .where(Hold.released_at.is_(None), HoldScope.subject.in_(subjects))
        .order_by(Hold.placed_at, HoldScope.subject)
    )
    return [(hold, subject) for hold, subject in session.execute(found)]


def _check_order(actor: Actor, order: HoldOrder) -> None:
    is_void = not order.subjects and (order.query is None or order.query.is_empty)
    if is_void or not order.reason or not order.authority:
        raise InvalidInput("A hold needs a reason, an authority, and a subject or a query that asks for something.")
    region = order.query.region_code if order.query else None
    if order.query is not None and actor.regions is not None and region not in actor.regions:
        raise NotPermitted("A query of yours names one of your regions.")


def _query_row(hold: Hold, query: Scope) -> HoldQuery:
    return HoldQuery(
        hold_id=hold.id,
        region_code=query.region_code,
        kind=query.kind,
        retention_class=query.retention_class,
        received_from=_begin_of(query.received_from),
        received_before=_begin_of(query.received_before),
    )


def _begin_of(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


def _lock_subject(session: Session, actor: Actor, subject: str) -> None:
    """Lock what the hold is placed on: destruction takes the same lock before it re-reads the holds (K36)."""
    noun, _, subject_id = subject.partition(":")
    if noun == "document":
        document = visible_document(session, actor, subject_id, lock=True, restricted=True)
        if document.state in GONE:
            raise WrongState("The document is destroyed, or is being destroyed.", document_id=subject_id)
    elif noun == "customer":
        customer = visible_customer(session, actor, subject_id)
        session.scalars(select(Document.id).where(Document.customer_id == customer.id).with_for_update()).all()
    else:
        raise InvalidInput("A hold lies on document:<id> or customer:<id>.", subject=noun)
