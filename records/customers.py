"""Customers: one customer file for each credit code, registration number or ID number (R9, R40)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from records import audit, numbering
from records.actors import Actor
from records.errors import InvalidInput, NotFound, StaleVersion, WrongState
from records.ids import new_id
from records.models import Customer, CustomerIdentity
from records.sealing import Keyring, customer_subject
from records.terms import CustomerKind, CustomerState, Role

NAME_CONTEXT = "customers.name"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What tells a customer from every other: the kind of number and the number. Never stored, only fingerprinted."""

    purpose: str
    """`credit_code`, `registration_number` or `id_number`."""
    number: str
    customer_kind: CustomerKind
    name: str | None

    @property
    def area_code(self) -> str | None:
        """The six digits of GB/T 2260 that the number carries."""
        start = {"credit_code": 2, "registration_number": 0, "id_number": 0}[self.purpose]
        digits = self.number[start : start + 6]
        return digits if len(digits) == 6 and digits.isdigit() else None


def find_customer(session: Session, keyring: Keyring, identity: Identity) -> Customer | None:
    """The customer of this number, locked, so that its last record is not destroyed while another is filed."""
    fingerprint = keyring.fingerprint(identity.purpose, identity.number)
    statement = (
        select(Customer)
        .join(CustomerIdentity, CustomerIdentity.customer_id == Customer.id)
        .where(CustomerIdentity.fingerprint == fingerprint)
        .with_for_update()
    )
    return session.scalars(statement).one_or_none()


def fingerprints_of(session: Session, customer_id: str) -> list[str]:
    statement = select(CustomerIdentity.fingerprint).where(CustomerIdentity.customer_id == customer_id)
    return sorted(session.scalars(statement))


def fingerprints_of_many(session: Session, customer_ids: Iterable[str]) -> dict[str, list[str]]:
    """The sorted fingerprints of each customer by its id."""
    fingerprints: dict[str, list[str]] = {customer_id: [] for customer_id in customer_ids}
    rows = select(CustomerIdentity.customer_id, CustomerIdentity.fingerprint).where(
        CustomerIdentity.customer_id.in_(fingerprints)
    )
    for customer_id, fingerprint in sorted((each.customer_id, each.fingerprint) for each in session.execute(rows)):
        fingerprints[customer_id].append(fingerprint)
    return fingerprints


def forget_customers(session: Session, customers: Iterable[Customer]) -> None:
    """What is left of customers whose last record is destroyed: codes that are never given again."""
    forgotten = list(customers)
    theirs = CustomerIdentity.customer_id.in_([customer.id for customer in forgotten])
    session.execute(delete(CustomerIdentity).where(theirs))
    for customer in forgotten:
        customer.name_sealed, customer.state = None, CustomerState.DESTROYED
        customer.version += 1


def open_customer(
    session: Session, keyring: Keyring, identity: Identity, *, region_code: str, code_pattern: str
) -> Customer:
    """Propose a new customer; an archivist accepts it later. Raises IntegrityError where it exists.

    The caller records it in the audit log, once it has taken every number it needs.
    """
    customer = Customer(
        id=new_id(),
        kind=identity.customer_kind,
        region_code=region_code,
        code=numbering.next_code(session, code_pattern, region=region_code),
        state=CustomerState.PROPOSED,
        name_sealed=None,
    )
    keyring.create_key(customer_subject(customer.id))
    name_customer(keyring, customer, identity.name)
    session.add(customer)
    session.flush()
    fingerprint = keyring.fingerprint(identity.purpose, identity.number)
    session.add(CustomerIdentity(fingerprint=fingerprint, purpose=identity.purpose, customer_id=customer.id))
    session.flush()
    return customer


def name_customer(keyring: Keyring, customer: Customer, name: str | None) -> None:
    """Seal the name; None leaves what is there."""
    if name:
        customer.name_sealed = keyring.seal(customer_subject(customer.id), name.encode(), NAME_CONTEXT)


def customer_names(keyring: Keyring, customers: list[Customer]) -> list[str | None]:
    """Names in the clear, for somebody who may see them; None where there is none or its key is gone."""
    named = [(customer.id, customer.name_sealed) for customer in customers if customer.name_sealed]
    opened = keyring.open_many((customer_subject(customer_id), sealed, NAME_CONTEXT) for customer_id, sealed in named)
    names = {customer_id: plain for (customer_id, _), plain in zip(named, opened, strict=True) if plain is not None}
    return [names[customer.id].decode() if customer.id in names else None for customer in customers]


def visible_customers(actor: Actor) -> Select[Customer]:
    """The customers this actor may see; every query over customers starts here."""
    return select(Customer).where(actor.sees(Customer.region_code))


def visible_customer(session: Session, actor: Actor, customer_id: str) -> Customer:
    customer = session.scalars(visible_customers(actor).where(Customer.id == customer_id)).one_or_none()
    if customer is None:
        raise NotFound(customer_id=customer_id)
    return customer


def accept_customer(session: Session, actor: Actor, customer_id: str, *, version: int) -> Customer:
    actor.require(Role.ARCHIVIST)
    customer = customer_to_change(session, actor, customer_id, version)
    if customer.state != CustomerState.PROPOSED:
        raise WrongState(customer_id=customer_id, state=customer.state)
    customer.state, customer.version = CustomerState.ACTIVE, customer.version + 1
    audit.record(session, actor, "customer.accepted", f"customer:{customer.id}", code=customer.code)
    return customer


def end_customer(
    session: Session, actor: Actor, customer_id: str, *, ended_on: dt.date, today: dt.date, version: int
) -> Customer:
    """End the relationship (注销, 交易终止): periods that run from it start on this day (R68).

    Raises:
        InvalidInput: the day is still to come; until then the file takes what is filed.
    """
    actor.require(Role.ARCHIVIST)
    if ended_on > today:
        raise InvalidInput("A relationship is ended when it has ended.")
    customer = customer_to_change(session, actor, customer_id, version)
    if customer.state == CustomerState.ENDED:
        raise WrongState(customer_id=customer_id, state=customer.state)
    customer.state, customer.ended_on, customer.version = CustomerState.ENDED, ended_on, customer.version + 1
    audit.record(session, actor, "customer.ended", f"customer:{customer.id}", ended_on=ended_on.isoformat())
    return customer


def customer_to_change(session: Session, actor: Actor, customer_id: str, version: int) -> Customer:
    """Locked. Raises StaleVersion: somebody else has changed it since."""
    statement = visible_customers(actor).where(Customer.id == customer_id).with_for_update()
    customer = session.scalars(statement).one_or_none()
    if customer is None:
        raise NotFound(customer_id=customer_id)
    if customer.version != version:
        raise StaleVersion(customer_id=customer_id, found=version, current=customer.version)
    return customer
