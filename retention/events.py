"""Events periods run from: 注销, 退租, 交易终止, the end of an agreement. Somebody reports them (K32, R132).

Each says what it rests on. The end of a relationship is noted as one too, though its day stands with the volume it
closes. What turns out wrong is retracted, not changed: see `retention/retracting.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records import audit, customers
from records.actors import Actor
from records.customers import visible_customer
from records.documents import visible_document
from records.errors import InvalidInput
from records.models import Customer, Document
from records.terms import DocumentState, Role, Trigger
from retention.due import restart_periods, start_periods_of
from retention.models import EventRetraction, RetentionEvent
from retention.triggers import EVENTS

DOCUMENT = "document:"
MOST_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Happening:
    """`subject` is `customer:<id>`, with all its present volume has, or `document:<id>`.

    `evidence` is what it is known by: `document:<id>` of the archive, or a reference to something outside it.
    `volume_no` names an earlier volume of the customer's file.
    """

    subject: str
    kind: Trigger
    happened_on: dt.date
    evidence: str
    note: str = ""
    volume_no: int | None = None


@dataclass(frozen=True, kw_only=True)
class End:
    """The end of a relationship, and what it is known by."""

    ended_on: dt.date
    evidence: str


def report_event(session: Session, actor: Actor, happening: Happening, today: dt.date) -> tuple[RetentionEvent, int]:
    """Record an event and start the periods that run from it; tells how many records got another day.

    Raises:
        InvalidInput: the archive knows this event by itself, it is still to come, nothing is said of what it rests on,
            or the subject is no subject.
        NotFound: there is no such customer or document, or the actor may not see it.
    """
    actor.require(Role.ARCHIVIST)
    if happening.kind not in EVENTS:
        raise InvalidInput("The archive knows this by itself.", kind=happening.kind)
    if happening.happened_on > today:
        raise InvalidInput("An event is reported when it has happened.")
    check_evidence(session, actor, happening.evidence)
    volume_no = _volume_of(session, actor, happening)
    documents = session.scalars(concerned(happening.subject, volume_no).with_for_update()).all()
    event = RetentionEvent(
        subject=happening.subject, volume_no=volume_no, kind=happening.kind, happened_on=happening.happened_on,
        evidence=happening.evidence, note=happening.note, reported_by=actor.id,
    )  # fmt: skip
    session.add(event)
    session.flush()
    changed = restart_periods(session, actor, documents, source=f"event:{event.id}", reason=happening.kind)
    audit.record(
        session, actor, "event.reported", happening.subject, event=event.id, kind=happening.kind,
        happened_on=happening.happened_on.isoformat(), changed=changed, volume=volume_no,
    )  # fmt: skip
    return event, changed


def end_relationship(
    session: Session, actor: Actor, customer_id: str, end: End, *, today: dt.date, version: int
) -> tuple[Customer, int]:
    """End it, note what that rests on, and start its periods; tells how many records got a day."""
    check_evidence(session, actor, end.evidence)
    ended = customers.end_customer(session, actor, customer_id, ended_on=end.ended_on, today=today, version=version)
    session.add(
        RetentionEvent(
            subject=f"customer:{customer_id}", volume_no=ended.volume_no, kind=Trigger.RELATIONSHIP_ENDED,
            happened_on=end.ended_on, evidence=end.evidence, note="", reported_by=actor.id,
        )
    )  # fmt: skip
    return ended, start_periods_of(session, ended, actor)


def events_of(session: Session, actor: Actor, customer_id: str) -> list[RetentionEvent]:
    """The last 200 events of a customer, those of its single documents aside; newest first."""
    visible_customer(session, actor, customer_id)
    found = select(RetentionEvent).where(RetentionEvent.subject == f"customer:{customer_id}")
    newest = found.order_by(RetentionEvent.reported_at.desc(), RetentionEvent.id.desc())
    return list(session.scalars(newest.limit(MOST_SHOWN)))


def retractions_of(session: Session, events: Iterable[RetentionEvent]) -> dict[str, EventRetraction]:
    """Of those that were retracted, by the event's id."""
    ids = [event.id for event in events]
    found = session.scalars(select(EventRetraction).where(EventRetraction.event_id.in_(ids)))
    return {retraction.event_id: retraction for retraction in found}


def check_evidence(session: Session, actor: Actor, evidence: str) -> None:
    """Raises InvalidInput where nothing is said, NotFound where the document named is not there to be seen."""
    if not evidence.strip():
        raise InvalidInput("Say what this rests on: a reference, or document:<id> of the archive.")
    if evidence.startswith(DOCUMENT):
        visible_document(session, actor, evidence.removeprefix(DOCUMENT), restricted=True)


def concerned(subject: str, volume_no: int | None) -> Select[Document]:
    """The records whose periods may run from an event on this subject, in the order in which they are locked."""
    noun, _, subject_id = subject.partition(":")
    filed = select(Document).where(Document.state == DocumentState.FILED)
    if noun == "document":
        return filed.where(Document.id == subject_id)
    return filed.where(Document.customer_id == subject_id, Document.volume_no == volume_no).order_by(Document.id)


def _volume_of(session: Session, actor: Actor, happening: Happening) -> int | None:
    """The volume, where it happened to a customer. Raises as `report_event` does."""
    noun, _, subject_id = happening.subject.partition(":")
    if noun == "document":
        visible_document(session, actor, subject_id, restricted=True)
        return None
    if noun != "customer":
        raise InvalidInput("An event happens to document:<id> or customer:<id>.", subject=noun)
    customer = visible_customer(session, actor, subject_id)
    volume_no = happening.volume_no or customer.volume_no
    if not 1 <= volume_no <= customer.volume_no:
        raise InvalidInput("The customer's file has no such volume.", volume_no=volume_no)
    return volume_no
