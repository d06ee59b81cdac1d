"""Events periods run from: 注销, 退租, 交易终止, the end of an agreement. Somebody reports them (K32, R132)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.customers import visible_customer
from records.documents import visible_document
from records.errors import InvalidInput
from records.models import Document
from records.terms import DocumentState, Role, Trigger
from retention.due import restart_periods
from retention.models import RetentionEvent
from retention.triggers import EVENTS


@dataclass(frozen=True, kw_only=True)
class Happening:
    """`subject` is `customer:<id>`, with all its present volume has, or `document:<id>`.

    `note` says by what it is known. `volume_no` names an earlier volume of the customer's file.
    """

    subject: str
    kind: Trigger
    happened_on: dt.date
    note: str
    volume_no: int | None = None


def report_event(session: Session, actor: Actor, happening: Happening, today: dt.date) -> tuple[RetentionEvent, int]:
    """Record an event and start the periods that run from it; tells how many records got another day.

    Raises:
        InvalidInput: the archive knows this event by itself, it is still to come, or the subject is no subject.
        NotFound: there is no such customer or document, or the actor may not see it.
    """
    actor.require(Role.ARCHIVIST)
    if happening.kind not in EVENTS:
        raise InvalidInput("The archive knows this by itself.", kind=happening.kind)
    if happening.happened_on > today:
        raise InvalidInput("An event is reported when it has happened.")
    volume_no, documents = _concerned(session, actor, happening)
    event = RetentionEvent(
        subject=happening.subject, volume_no=volume_no, kind=happening.kind, happened_on=happening.happened_on,
        note=happening.note, reported_by=actor.id,
    )  # fmt: skip
    session.add(event)
    session.flush()
    changed = restart_periods(session, actor, documents, source=f"event:{event.id}", reason=happening.kind)
    audit.record(
        session, actor, "event.reported", happening.subject, event=event.id, kind=happening.kind,
        happened_on=happening.happened_on.isoformat(), changed=changed, volume=volume_no,
    )  # fmt: skip
    return event, changed


def _concerned(session: Session, actor: Actor, happening: Happening) -> tuple[int | None, list[Document]]:
    """The volume, where it happened to a customer, and the records whose periods may run from it, locked."""
    noun, _, subject_id = happening.subject.partition(":")
    if noun == "document":
        document = visible_document(session, actor, subject_id, lock=True, restricted=True)
        return None, [document] if document.state == DocumentState.FILED else []
    if noun != "customer":
        raise InvalidInput("An event happens to document:<id> or customer:<id>.", subject=noun)
    customer = visible_customer(session, actor, subject_id)
    volume_no = happening.volume_no or customer.volume_no
    if not 1 <= volume_no <= customer.volume_no:
        raise InvalidInput("The customer's file has no such volume.", volume_no=volume_no)
    filed = select(Document).where(
        Document.customer_id == customer.id, Document.volume_no == volume_no, Document.state == DocumentState.FILED
    )
    return volume_no, list(session.scalars(filed.order_by(Document.id).with_for_update()))
