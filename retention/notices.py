"""告知: what a natural person was told of the use and the keeping of his papers, and when (R19, K21; PIPL art. 17).

An identity card may lie in a batch before anybody has noted this, so the scan is not refused: its copy waits, and is
filed once it is noted. A customer of whom nothing is noted is somebody's business (`retention/reminders.py`), and that
climbs.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records import audit, claims
from records.actors import Actor
from records.customers import visible_customer, visible_customers
from records.documents import visible_document
from records.errors import InvalidInput
from records.models import Customer, Document
from records.terms import CustomerKind, CustomerState, DocumentState, Role, WaitingFor
from retention.models import Notice


@dataclass(frozen=True, kw_only=True)
class Told:
    """What for, and how long: in the words that were used. `document_id`: the scan of a signed consent, where it is."""

    given_on: dt.date
    purpose: str
    keeping: str
    document_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Noted:
    """`freed` are documents that waited for the notice and are to be filed now."""

    notice: Notice
    freed: list[str]


def note_notice(session: Session, actor: Actor, customer_id: str, told: Told, today: dt.date) -> Noted:
    """Note that a person was told. Notes are only ever added: the last one counts.

    Raises:
        InvalidInput: it says not what for or how long, lies in the future, or the scan is another customer's.
    """
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    customer = visible_customer(session, actor, customer_id)
    if told.given_on > today or not told.purpose.strip() or not told.keeping.strip():
        raise InvalidInput("A notice was given, and says what for and how long.")
    if told.document_id and visible_document(session, actor, told.document_id).customer_id != customer.id:
        raise InvalidInput("The scan of a consent lies in the file of who gave it.", document_id=told.document_id)
    noted = Notice(
        customer_id=customer.id, given_on=told.given_on, purpose=told.purpose, keeping=told.keeping,
        document_id=told.document_id, noted_by=actor.id,
    )  # fmt: skip
    _alone(session, customer)
    session.add(noted)
    session.flush()
    freed = _let_go_on(session, customer)
    audit.record(session, actor, "notice.noted", f"customer:{customer.id}", given_on=told.given_on.isoformat())
    return Noted(notice=noted, freed=freed)


def lacks_notice(session: Session, customer: Customer) -> bool:
    """Whether this is a natural person of whom nobody noted that he was told."""
    if customer.kind != CustomerKind.INDIVIDUAL:
        return False
    _alone(session, customer)
    return session.scalar(select(Notice.id).where(Notice.customer_id == customer.id).limit(1)) is None


def _alone(session: Session, customer: Customer) -> None:
    """Noting and filing pass here one at a time, or a copy would wait for a notice that was noted meanwhile."""
    session.execute(select(Customer.id).where(Customer.id == customer.id).with_for_update())


def _let_go_on(session: Session, customer: Customer) -> list[str]:
    """Documents that waited for this notice. Into a file that was closed since, an archivist puts them (K33)."""
    mine = select(Document).where(Document.customer_id == customer.id, Document.waiting_for == WaitingFor.NOTICE)
    is_closed, freed = customer.state == CustomerState.ENDED, []
    for document in session.scalars(mine.order_by(Document.id).with_for_update()):
        claims.end(session, document.id)
        document.version += 1
        if is_closed:
            document.customer_id, document.waiting_for = None, WaitingFor.CUSTOMER
        else:
            document.state, document.waiting_for = DocumentState.VERIFIED, None
            freed.append(document.id)
    return freed


def notices_of(session: Session, customer_id: str) -> list[Notice]:
    """The latest first."""
    statement = select(Notice).where(Notice.customer_id == customer_id)
    return list(session.scalars(statement.order_by(Notice.given_on.desc(), Notice.id.desc())))


def unnoticed(actor: Actor) -> Select[Customer]:
    """Natural persons whose papers are kept and of whom nobody noted that they were told."""
    noted = select(Notice.id).where(Notice.customer_id == Customer.id).correlate(Customer)
    return visible_customers(actor).where(
        Customer.kind == CustomerKind.INDIVIDUAL, Customer.state != CustomerState.DESTROYED, ~noted.exists()
    )
