"""Verification: what a person says of a doubtful field, a document without a customer, or a duplicate (R31, R66)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.customers import visible_customer
from records.documents import readable_document, visible_documents
from records.errors import InvalidInput, NotFound, StaleVersion, WrongState
from records.fields import SETTLED, FieldView, decide
from records.models import Document, Field
from records.sealing import Keyring
from records.terms import DocumentState, FieldState, Role, WaitingFor

DECISIONS = frozenset({FieldState.CONFIRMED, FieldState.CORRECTED, FieldState.UNREADABLE, FieldState.NOT_PRINTED})


def waiting_documents(actor: Actor) -> Select[Document]:
    """The queue, oldest first."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    return visible_documents(actor).where(Document.state == DocumentState.WAITING).order_by(Document.id)


@dataclass(frozen=True, kw_only=True)
class FieldDecision:
    """What a person says of one field. `version` is that of the field as the person saw it."""

    part_no: int
    name: str
    state: FieldState
    value: str | None = None
    version: int


def decide_field(
    session: Session, keyring: Keyring, actor: Actor, document_id: str, decision: FieldDecision
) -> tuple[Document, FieldView]:
    """Confirm, correct or give up one field; the last doubt settled makes the document verified.

    Raises:
        StaleVersion: somebody decided this field since the caller saw it.
    """
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    _check_decision(decision)
    document = _waiting(session, actor, document_id)
    field = _field(session, document_id, decision)
    view = decide(session, keyring, field, state=decision.state, value=decision.value, by=actor.id)
    if document.waiting_for == WaitingFor.FIELDS and not has_doubt(session, document_id):
        _verified(document)
    audit.record(
        session,
        actor,
        "field.decided",
        f"document:{document_id}",
        part=decision.part_no,
        field=decision.name,
        decision=decision.state,
        version=view.version,
    )
    return document, view


def has_doubt(session: Session, document_id: str) -> bool:
    """Whether any field of the document still asks for a person."""
    doubtful = select(Field.id).where(Field.document_id == document_id, Field.state.not_in(SETTLED)).limit(1)
    return session.scalar(doubtful) is not None


def choose_customer(session: Session, actor: Actor, document_id: str, *, customer_id: str, version: int) -> Document:
    """Say whose a document is that carries no number of a customer."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = _waiting(session, actor, document_id, version=version, waiting_for=WaitingFor.CUSTOMER)
    document.customer_id = visible_customer(session, actor, customer_id).id
    _verified(document)
    audit.record(session, actor, "document.customer_chosen", f"document:{document_id}", customer=customer_id)
    return document


def settle_duplicate(session: Session, actor: Actor, document_id: str, *, is_same: bool, version: int) -> Document:
    """Say whether a document with known bytes is the same again.

    The same: it is set aside and from then on shares the fate of what it repeats. Different (two customers handed in
    the same paper): it goes down the line like any other.
    """
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = _waiting(session, actor, document_id, version=version, waiting_for=WaitingFor.DUPLICATE)
    document.state = DocumentState.DUPLICATE if is_same else DocumentState.RECEIVED
    document.waiting_for = None
    document.version += 1
    audit.record(
        session, actor, "document.duplicate_settled", f"document:{document_id}",
        same=is_same, duplicate_of=document.duplicate_of,
    )  # fmt: skip
    return document


def _waiting(
    session: Session,
    actor: Actor,
    document_id: str,
    *,
    version: int | None = None,
    waiting_for: WaitingFor | None = None,
) -> Document:
    document = readable_document(session, actor, document_id, lock=True)
    if document.state != DocumentState.WAITING or waiting_for not in (None, document.waiting_for):
        raise WrongState(document_id=document_id, state=document.state, waiting_for=document.waiting_for)
    if version is not None and document.version != version:
        raise StaleVersion(document_id=document_id, found=version, current=document.version)
    return document


def _field(session: Session, document_id: str, decision: FieldDecision) -> Field:
    wanted = select(Field).where(
        Field.document_id == document_id, Field.part_no == decision.part_no, Field.name == decision.name
    )
    field = session.scalars(wanted).one_or_none()
    if field is None:
        raise NotFound("The document has no such field.", document_id=document_id, part=decision.part_no)
    if field.version != decision.version:
        raise StaleVersion(document_id=document_id, found=decision.version, current=field.version)
    return field


def _check_decision(decision: FieldDecision) -> None:
    if decision.state not in DECISIONS:
        raise InvalidInput(f"A decision is one of {sorted(DECISIONS)}.")
    if (decision.state == FieldState.CORRECTED) != bool(decision.value):
        raise InvalidInput("A correction needs the corrected value, any other decision none.")


def _verified(document: Document) -> None:
    document.state, document.waiting_for = DocumentState.VERIFIED, None
    document.version += 1
