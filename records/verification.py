"""Verification: what a person says of a doubtful field, a document without a customer, or a duplicate (R31, R66)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records import audit, claims, keying
from records.actors import Actor
from records.checking import OpenPart, Recheck
from records.customers import visible_customer
from records.desk_models import LateAddition, RescanRequest
from records.documents import readable_document, visible_documents
from records.errors import InvalidInput, NotFound, SentBack, StaleVersion, WrongState
from records.fields import SETTLED, FieldView, Settlement, settle
from records.ids import utc_now
from records.models import Document, Field
from records.readings import Rechecked
from records.sealing import Keyring
from records.terms import CustomerState, DocumentState, FieldState, RescanReason, Role, WaitingFor

DECISIONS = frozenset({FieldState.CONFIRMED, FieldState.CORRECTED, FieldState.UNREADABLE, FieldState.NOT_PRINTED})


def waiting_documents(actor: Actor) -> Select[Document]:
    """The queue, oldest first."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    return visible_documents(actor).where(Document.state == DocumentState.WAITING).order_by(Document.id)


@dataclass(frozen=True, kw_only=True)
class FieldPlace:
    document_id: str
    part_no: int
    name: str


@dataclass(frozen=True, kw_only=True)
class FieldDecision:
    """What a person says of one field. `version` is that of the field as the person saw it."""

    part_no: int
    name: str
    state: FieldState
    value: str | None = None
    as_printed: bool = False
    """The paper says just this, whatever the checks say."""
    version: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How fields are settled here. `double_keyed` are typed by two people blindly."""

    recheck: Recheck
    double_keyed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Decided:
    """`rechecked` are fields still in doubt whose checks came out otherwise for this decision."""

    document: Document
    field: FieldView
    rechecked: list[FieldView]


def decide_field(
    session: Session, keyring: Keyring, actor: Actor, document_id: str, decision: FieldDecision, rules: Rules
) -> Decided:
    """Confirm, correct or give up one field; the last doubt settled makes the document verified.

    Raises:
        StaleVersion: somebody decided this field since the caller saw it.
        ChecksFailed: the value fails checks, and the caller does not say that it is printed so.
    """
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    _check_decision(decision)
    document = _waiting(session, actor, document_id)
    field = _field(session, document_id, decision)
    part = OpenPart.of(session, keyring, field, rules.recheck)
    settlement = _settlement(part, decision, actor)
    if keying.is_blind(field, rules.double_keyed) and not keying.key(session, keyring, field, settlement):
        audit.record(session, actor, "field.keyed", f"document:{document_id}", part=field.part_no, field=field.name)
        return Decided(document=document, field=part.fields[field.name], rechecked=[])
    view = settle(session, keyring, field, settlement)
    if document.waiting_for == WaitingFor.FIELDS and not has_doubt(session, document_id):
        _verified(session, document)
    audit.record(
        session,
        actor,
        "field.decided",
        f"document:{document_id}",
        part=decision.part_no,
        field=decision.name,
        decision=decision.state,
        version=view.version,
        **({"as_printed": [c.name for c in settlement.checks if not c.passed]} if settlement.as_printed else {}),
    )
    return Decided(document=document, field=view, rechecked=part.recheck_others(session, view))


def check_value(
    session: Session, keyring: Keyring, actor: Actor, place: FieldPlace, value: str, recheck: Recheck
) -> Rechecked:
    """What the rules would say of a value typed into a field; nothing is changed."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = readable_document(session, actor, place.document_id)
    field = _field_at(session, document.id, place.part_no, place.name)
    return OpenPart.of(session, keyring, field, recheck).judge(place.name, value)


def has_doubt(session: Session, document_id: str) -> bool:
    """Whether any field of the document still asks for a person."""
    doubtful = select(Field.id).where(Field.document_id == document_id, Field.state.not_in(SETTLED)).limit(1)
    return session.scalar(doubtful) is not None


def choose_customer(session: Session, actor: Actor, document_id: str, *, customer_id: str, version: int) -> Document:
    """Say whose a document is that carries no number of a customer, or that of one whose file is closed (K33).

    Raises:
        NotPermitted: the relationship has ended; only an archivist adds to a closed file.
        WrongState: nothing is left of this customer.
    """
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = _waiting(session, actor, document_id, version=version, waiting_for=WaitingFor.CUSTOMER)
    customer = visible_customer(session, actor, customer_id)
    if customer.state == CustomerState.DESTROYED:
        raise WrongState("Nothing is left of this customer.", customer_id=customer_id)
    is_closed = customer.state == CustomerState.ENDED
    if is_closed:
        actor.require(Role.ARCHIVIST)
        late = LateAddition(document_id=document_id, customer_id=customer_id, volume_no=customer.volume_no, by=actor.id)
        session.add(late)
    document.customer_id = customer.id
    _verified(session, document)
    said = {"closed_file": True} if is_closed else {}
    audit.record(session, actor, "document.customer_chosen", f"document:{document_id}", customer=customer_id, **said)
    return document


def settle_duplicate(session: Session, actor: Actor, document_id: str, *, is_same: bool, version: int) -> Document:
    """Say whether a document with known bytes is the same again.

    The same: it is set aside and from then on shares the fate of what it repeats. Different (two customers handed in
    the same paper): it goes down the line like any other.
    """
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = _waiting(session, actor, document_id, version=version, waiting_for=WaitingFor.DUPLICATE)
    claims.end(session, document_id)
    document.state = DocumentState.DUPLICATE if is_same else DocumentState.RECEIVED
    document.waiting_for = None
    document.version += 1
    audit.record(
        session, actor, "document.duplicate_settled", f"document:{document_id}",
        same=is_same, duplicate_of=document.duplicate_of,
    )  # fmt: skip
    return document


@dataclass(frozen=True, kw_only=True)
class SendingBack:
    """A document goes back to its station. `refused_class` and `kept_days` say how long what was sent is kept.

    `version` None: as it is now.
    """

    reason: RescanReason
    version: int | None
    refused_class: str
    kept_days: int


def send_back(session: Session, actor: Actor, document_id: str, order: SendingBack) -> Document:
    """Ask the station for a better scan (R23): what was sent is refused, and its batch shows why."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = _waiting(session, actor, document_id, version=order.version)
    claims.end(session, document_id)
    return _sent_back(session, actor, document, order)


def send_back_unread(session: Session, actor: Actor, document_id: str, order: SendingBack) -> Document:
    """The same for a file that the line cannot get through: it never came to a clerk.

    Raises:
        WrongState: it was read, so it is a clerk's to send back.
    """
    actor.require(Role.ARCHIVIST)
    document = readable_document(session, actor, document_id, lock=True)
    if document.state not in (DocumentState.RECEIVED, DocumentState.READ):
        raise WrongState(document_id=document_id, state=document.state)
    return _sent_back(session, actor, document, order)


def _sent_back(session: Session, actor: Actor, document: Document, order: SendingBack) -> Document:
    document.state, document.waiting_for, document.refused_code = DocumentState.REFUSED, None, SentBack.code
    document.retention_class = order.refused_class
    document.due_on = utc_now().date() + dt.timedelta(days=order.kept_days)
    document.version += 1
    session.add(
        RescanRequest(document_id=document.id, batch_id=document.batch_id, reason=order.reason, asked_by=actor.id)
    )
    audit.record(session, actor, "document.sent_back", f"document:{document.id}", reason=order.reason)
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
    claims.require_free(session, actor, document_id)
    return document


def _field(session: Session, document_id: str, decision: FieldDecision) -> Field:
    field = _field_at(session, document_id, decision.part_no, decision.name)
    if field.version != decision.version:
        raise StaleVersion(document_id=document_id, found=decision.version, current=field.version)
    return field


def _field_at(session: Session, document_id: str, part_no: int, name: str) -> Field:
    wanted = select(Field).where(Field.document_id == document_id, Field.part_no == part_no, Field.name == name)
    field = session.scalars(wanted).one_or_none()
    if field is None:
        raise NotFound("The document has no such field.", document_id=document_id, part=part_no)
    return field


def _settlement(part: OpenPart, decision: FieldDecision, actor: Actor) -> Settlement:
    if decision.state not in (FieldState.CONFIRMED, FieldState.CORRECTED):
        return Settlement(state=decision.state, value=None, checks=(), as_printed=False, by=actor.id)
    value, checks, against = part.settled_value(decision.name, decision.value, as_printed=decision.as_printed)
    return Settlement(state=decision.state, value=value, checks=checks, as_printed=against, by=actor.id)


def _check_decision(decision: FieldDecision) -> None:
    if decision.state not in DECISIONS:
        raise InvalidInput(f"A decision is one of {sorted(DECISIONS)}.")
    if (decision.state == FieldState.CORRECTED) != bool(decision.value):
        raise InvalidInput("A correction needs the corrected value, any other decision none.")


def _verified(session: Session, document: Document) -> None:
    claims.end(session, document.id)
    document.state, document.waiting_for = DocumentState.VERIFIED, None
    document.version += 1
