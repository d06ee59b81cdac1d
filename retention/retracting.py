"""Taking an event back that was reported wrongly: by another person, with a reason, as an entry of its own (K32, K38).

What is due is computed anew without it: a period that ran only from it does not run. Records on a list stay there, as
they do under a hold, and are kept when it is carried out, because by then they are not due (K36). What was destroyed
meanwhile stays destroyed, and the answer counts it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.customers import visible_customer
from records.documents import visible_document
from records.errors import InvalidInput, NotFound, NotPermitted, WrongState
from records.filing import Term
from records.models import Customer, Document
from records.terms import CustomerState, Role, Trigger
from retention.due import OPEN_LISTS, terms_of
from retention.events import concerned
from retention.holds import GONE
from retention.models import DestructionList, EventRetraction, ListedDocument, RetentionEvent
from retention.terms import change_term

RETRACTION = "retraction:"
"""How the source of a change begins that a retraction made."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a retraction. `lists` are the numbers of lists under way on which records stand that it moved."""

    event: RetentionEvent
    retraction: EventRetraction
    changed: int
    destroyed: int
    lists: list[str]


def retract_event(session: Session, actor: Actor, event_id: str, *, reason: str) -> Outcome:
    """Say that an event has not happened, or not so; report the right one anew.

    Raises:
        NotFound: there is no such event, or its customer or document is not the actor's to see.
        NotPermitted: the actor reported it.
        WrongState: it is retracted already, or is the end of a volume that was followed by another.
    """
    actor.require(Role.ARCHIVIST, Role.APPROVER)
    event = _locked(session, actor, event_id)
    if not reason.strip():
        raise InvalidInput("An event is retracted with a reason.")
    if event.reported_by == actor.id:
        raise NotPermitted("Whoever reported an event cannot retract it.", event_id=event_id)
    customer = _ended_customer(session, event)
    documents = session.scalars(concerned(event.subject, event.volume_no).with_for_update()).all()
    before = terms_of(session, documents)
    retraction = EventRetraction(event_id=event_id, reason=reason, retracted_by=actor.id)
    session.add(retraction)
    if customer is not None:
        customer.state, customer.ended_on, customer.version = CustomerState.ACTIVE, None, customer.version + 1
    session.flush()
    moved = _recompute(session, actor, documents, before, retraction)
    outcome = Outcome(
        event=event, retraction=retraction, changed=len(moved), destroyed=_destroyed(session, event),
        lists=_lists_with(session, moved),
    )  # fmt: skip
    audit.record(
        session, actor, "event.retracted", event.subject, event=event_id, kind=event.kind, changed=outcome.changed,
        destroyed=outcome.destroyed, lists=outcome.lists,
    )  # fmt: skip
    return outcome


def _locked(session: Session, actor: Actor, event_id: str) -> RetentionEvent:
    event = session.scalars(select(RetentionEvent).where(RetentionEvent.id == event_id).with_for_update()).one_or_none()
    if event is None:
        raise NotFound(event_id=event_id)
    noun, _, subject_id = event.subject.partition(":")
    if noun == "document":
        visible_document(session, actor, subject_id, restricted=True)
    else:
        visible_customer(session, actor, subject_id)
    if session.get(EventRetraction, event_id) is not None:
        raise WrongState("The event is retracted already.", event_id=event_id)
    return event


def _ended_customer(session: Session, event: RetentionEvent) -> Customer | None:
    """The customer whose relationship goes on if its end is retracted, locked; None for any other event."""
    if event.kind != Trigger.RELATIONSHIP_ENDED:
        return None
    customer = session.get_one(Customer, event.subject.partition(":")[2], with_for_update=True)
    if customer.state != CustomerState.ENDED or customer.volume_no != event.volume_no:
        raise WrongState(
            "The end of this volume stands: the customer returned since, or nothing is left of it.", event_id=event.id
        )
    return customer


def _recompute(
    session: Session,
    actor: Actor,
    documents: Sequence[Document],
    before: Mapping[str, Term],
    retraction: EventRetraction,
) -> list[str]:
    """Give locked records the days they have without the event; gives the ids of those that moved."""
    after, moved = terms_of(session, documents), []
    for document in documents:
        due_on = day_without(document.due_on, before[document.id].due_on, after[document.id].due_on)
        if due_on != document.due_on:
            source = f"{RETRACTION}{retraction.event_id}"
            change_term(session, actor, document, due_on, source=source, reason=retraction.reason)
            moved.append(document.id)
    session.flush()
    return moved


def day_without(day: dt.date | None, before: dt.date | None, after: dt.date | None) -> dt.date | None:
    """The day of a record once an event is gone that made it fall due on `before` instead of on `after`.

    A day that an appraisal or an earlier schedule made later than the event did is not brought forward.

    >>> import datetime as dt
    >>> day_without(dt.date(2030, 1, 1), dt.date(2030, 1, 1), None)
    >>> day_without(dt.date(2035, 1, 1), dt.date(2030, 1, 1), dt.date(2029, 1, 1))
    datetime.date(2035, 1, 1)
    """
    if before == after or day is None:
        return day
    if after is None or day == before:
        return after
    return max(day, after)


def _destroyed(session: Session, event: RetentionEvent) -> int:
    """How many records that the event concerned are destroyed, or being destroyed."""
    noun, _, subject_id = event.subject.partition(":")
    gone = select(func.count()).select_from(Document).where(Document.state.in_(GONE))
    if noun == "document":
        return session.scalar(gone.where(Document.id == subject_id)) or 0
    theirs = gone.where(Document.customer_id == subject_id, Document.volume_no == event.volume_no)
    return session.scalar(theirs) or 0


def _lists_with(session: Session, document_ids: Sequence[str]) -> list[str]:
    numbers = (
        select(DestructionList.number)
        .join(ListedDocument, ListedDocument.list_id == DestructionList.id)
        .where(ListedDocument.document_id.in_(document_ids), DestructionList.state.in_(OPEN_LISTS))
        .distinct()
    )
    return sorted(session.scalars(numbers))
