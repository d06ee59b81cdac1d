"""Holds: orders that suspend disposition. A hold is a relation beside a record, never a state of it (K35)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.customers import visible_customer
from records.documents import visible_document
from records.errors import Conflict, InvalidInput, NotFound, WrongState
from records.ids import utc_now
from records.models import Document
from records.terms import Role
from retention.models import Hold, HoldScope


@dataclass(frozen=True, kw_only=True)
class HoldOrder:
    """Who ordered what kept, and why. Subjects are `document:<id>` or `customer:<id>`."""

    case_no: str
    reason: str
    authority: str
    subjects: Sequence[str]


def place_hold(session: Session, actor: Actor, order: HoldOrder) -> Hold:
    """Suspend the disposition of documents or of all a customer has and will have.

    Raises:
        NotFound: a subject does not exist or the actor may not see it.
    """
    actor.require(Role.ARCHIVIST, Role.APPROVER)
    if not order.subjects or not order.reason or not order.authority:
        raise InvalidInput("A hold needs a reason, an authority and at least one subject.")
    if session.scalar(select(Hold.id).where(Hold.case_no == order.case_no)):
        raise Conflict("There is a hold of this case number.", case_no=order.case_no)
    for subject in order.subjects:
        _lock_subject(session, actor, subject)
    hold = Hold(case_no=order.case_no, reason=order.reason, authority=order.authority, placed_by=actor.id)
    session.add(hold)
    session.flush()
    session.add_all(HoldScope(hold_id=hold.id, subject=subject) for subject in sorted(set(order.subjects)))
    audit.record(session, actor, "hold.placed", f"hold:{hold.id}", case_no=order.case_no, subjects=len(order.subjects))
    return hold


def release_hold(session: Session, actor: Actor, hold_id: str, *, reason: str) -> Hold:
    """End one hold; others on the same records stay, and nothing is destroyed by it."""
    actor.require(Role.APPROVER)
    hold = session.scalars(select(Hold).where(Hold.id == hold_id).with_for_update()).one_or_none()
    if hold is None:
        raise NotFound(hold_id=hold_id)
    if hold.released_at is not None:
        raise WrongState("The hold is released already.", hold_id=hold_id)
    hold.released_at, hold.released_by, hold.release_reason = utc_now(), actor.id, reason
    audit.record(session, actor, "hold.released", f"hold:{hold.id}", case_no=hold.case_no)
    return hold


def is_held() -> ColumnElement[bool]:
    """The condition over `documents`: some unreleased hold lies on it or on its customer."""
    return exists(
        select(HoldScope.hold_id)
        .join(Hold, Hold.id == HoldScope.hold_id)
        .where(
            Hold.released_at.is_(None),
            or_(
                HoldScope.subject == "document:" + Document.id,
                HoldScope.subject == "customer:" + Document.customer_id,
            ),
        )
        .correlate(Document)
    )


def holds_on(session: Session, document: Document) -> list[Hold]:
    """The unreleased holds on one document."""
    subjects = [f"document:{document.id}"] + ([f"customer:{document.customer_id}"] if document.customer_id else [])
    return list(
        session.scalars(
            select(Hold)
            .join(HoldScope, Hold.id == HoldScope.hold_id)
            .where(Hold.released_at.is_(None), HoldScope.subject.in_(subjects))
            .order_by(Hold.placed_at)
            .distinct()
        )
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


def _lock_subject(session: Session, actor: Actor, subject: str) -> None:
    """Lock what the hold is placed on: destruction takes the same lock before it re-reads the holds (K36)."""
    noun, _, subject_id = subject.partition(":")
    if noun == "document":
        visible_document(session, actor, subject_id, lock=True)
    elif noun == "customer":
        customer = visible_customer(session, actor, subject_id)
        session.scalars(select(Document.id).where(Document.customer_id == customer.id).with_for_update()).all()
    else:
        raise InvalidInput("A hold lies on document:<id> or customer:<id>.", subject=noun)
