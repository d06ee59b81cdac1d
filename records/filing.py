"""Filing: a verified document becomes a record in one customer's file, gets its archival code, starts its retention."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from records import audit, customers, numbering
from records.actors import Actor
from records.audit import Act
from records.customers import Identity
from records.dates import date_in
from records.desk_models import LateAddition
from records.documents import part_kinds
from records.errors import WrongState
from records.fields import FieldView, opened_fields
from records.identity import TRUSTED, identity_of
from records.ids import utc_now
from records.models import Customer, Document
from records.record_dates import StatedDay, row_of, stated_days
from records.regions import current_regions, region_of
from records.sealing import Keyring
from records.terms import CustomerState, DocumentKind, DocumentState, WaitingFor

_FORMED_ON = ("issued_on", "填表日期", "established_on")


@dataclass(frozen=True, kw_only=True)
class Term:
    """How long a record is kept, as the schedule in force says. `period_code` is the DA/T 13 part: `D10`, `Y`."""

    class_name: str
    schedule_version: int
    period_code: str
    due_on: dt.date | None


class TermFor(Protocol):
    """What filing asks of retention."""

    @property
    def named_fields(self) -> frozenset[str]:
        """The fields of papers from whose days periods run."""

    def __call__(
        self,
        kinds: Sequence[DocumentKind],
        *,
        document: Document,
        customer: Customer,
        filed_on: dt.date,
        stated: Sequence[StatedDay],
    ) -> Term: ...


@dataclass(frozen=True, kw_only=True)
class FilingPolicy:
    """How this archive numbers: settings, the same for every document."""

    fonds: str
    customer_code_pattern: str
    archival_code_pattern: str
    term_for: TermFor
    lacks_notice: Callable[[Session, Customer], bool]
    """Whether a copy of this person's ID card may not be filed, because nobody noted that he was told (K21)."""


def file_document(
    session: Session,
    keyring: Keyring,
    actor: Actor,
    document: Document,
    policy: FilingPolicy,
    before: Sequence[Act] = (),
) -> Customer | None:
    """File the document and give its customer, or leave it waiting for a person.

    Somebody has to say whose it is, or to note that the person on an ID card was told of its use and keeping.

    Args:
        before: what this actor did to it before in this transaction. Recorded with the filing, once every number is
            taken: whoever holds the end of the audit log must not wait for one.
    """
    if document.state != DocumentState.VERIFIED:
        raise WrongState(document_id=document.id, state=document.state)
    kinds, fields = part_kinds(session, document.id), opened_fields(session, keyring, document.id)
    customer, is_new = _customer_of(session, keyring, document, identity_of(kinds, fields), policy)
    if customer is None:
        audit.record_all(session, actor, [*before, _wait(document, WaitingFor.CUSTOMER)])
        return None
    proposed = [Act("customer.proposed", f"customer:{customer.id}", {"code": customer.code})] if is_new else []
    if DocumentKind.ID_CARD in kinds.values() and policy.lacks_notice(session, customer):
        document.customer_id, document.region_code = customer.id, customer.region_code
        audit.record_all(session, actor, [*before, *proposed, _wait(document, WaitingFor.NOTICE)])
        return None
    document.formed_on = _formed_on(fields)
    stated = stated_days(kinds, fields, policy.term_for.named_fields)
    session.add_all(row_of(document.id, each) for each in stated)
    _declare(session, document, customer, kinds, policy, stated)
    said = {
        "archival_code": document.archival_code,
        "customer": customer.code,
        "volume": document.volume_no,
        "retention_class": document.retention_class,
        "due_on": str(document.due_on),
    }
    audit.record_all(session, actor, [*before, *proposed, Act("document.filed", f"document:{document.id}", said)])
    return customer


def _wait(document: Document, waiting_for: WaitingFor) -> Act:
    document.state, document.waiting_for = DocumentState.WAITING, waiting_for
    document.version += 1
    return Act("document.waits", f"document:{document.id}", {"waiting_for": waiting_for})


def _customer_of(
    session: Session,
    keyring: Keyring,
    document: Document,
    identity: Identity | None,
    policy: FilingPolicy,
) -> tuple[Customer | None, bool]:
    """Whose it is, if anybody can tell, and whether this document brings the customer into being."""
    if document.customer_id is not None:
        return _chosen_customer(session, document), False
    if identity is None:
        return None, False
    known = customers.find_customer(session, keyring, identity)
    if known is not None and known.state == CustomerState.ENDED:
        return None, False  # its file is closed: what comes late is put into it by a person or not at all (K33)
    if known is not None:
        if known.name_sealed is None:
            customers.name_customer(keyring, known, identity.name)
        return known, False
    region_code = region_of(identity.area_code, current_regions(session))
    opened = customers.open_customer(
        session, keyring, identity, region_code=region_code, code_pattern=policy.customer_code_pattern
    )
    return opened, True


def _chosen_customer(session: Session, document: Document) -> Customer | None:
    """The customer a person has said it is of; None, and nobody's again, if its file was closed or emptied since (K33).

    The file is locked, so it cannot be closed between this look and the filing.
    """
    customer = session.get_one(Customer, document.customer_id, with_for_update=True)
    late = session.get(LateAddition, document.id)
    if late is not None:
        session.delete(late)
    closed_one = late.volume_no if late is not None else None
    is_as_chosen = closed_one == (customer.volume_no if customer.state == CustomerState.ENDED else None)
    if is_as_chosen and customer.state != CustomerState.DESTROYED:
        return customer
    document.customer_id = None
    return None


def _declare(
    session: Session,
    document: Document,
    customer: Customer,
    kinds: Mapping[int, DocumentKind],
    policy: FilingPolicy,
    stated: Sequence[StatedDay],
) -> None:
    now = utc_now()
    term = policy.term_for(
        list(kinds.values()), document=document, customer=customer, filed_on=now.date(), stated=stated
    )
    document.customer_id, document.volume_no = customer.id, customer.volume_no
    document.region_code = customer.region_code
    document.archival_code = numbering.next_code(
        session,
        policy.archival_code_pattern,
        fonds=policy.fonds,
        kind=numbering.KIND_CLASSES[DocumentKind(document.kind or DocumentKind.OTHER)],
        year=now.year,
        period=term.period_code,
    )
    document.retention_class, document.schedule_version = term.class_name, term.schedule_version
    document.due_on = term.due_on
    document.state, document.waiting_for, document.filed_at = DocumentState.FILED, None, now
    document.version += 1
    session.flush()


def _formed_on(fields: Sequence[FieldView]) -> dt.date | None:
    """形成时间: the date the document itself gives, where it is trusted."""
    trusted = {f.name: f.value for f in fields if f.state in TRUSTED and f.value}
    return next((day for name in _FORMED_ON if name in trusted and (day := date_in(trusted[name]))), None)
