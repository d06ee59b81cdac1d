"""Volumes of a customer file (卷): one for each relationship, so that periods of one never run from another (K33).

A file is closed when the relationship ends. When the customer returns, an archivist opens the next volume: what is
filed from then on goes into it, and the closed one keeps its records with the days on which they are due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.customers import customer_to_change
from records.errors import InvalidInput, WrongState
from records.models import ClosedVolume, Customer
from records.terms import CustomerState, Role

Place = tuple[str, int]
"""Customer id and number of the volume."""


@dataclass(frozen=True, kw_only=True)
class Volume:
    volume_no: int
    opened_on: dt.date
    ended_on: dt.date | None


def reopen_customer(
    session: Session, actor: Actor, customer_id: str, *, reopened_on: dt.date, today: dt.date, version: int
) -> Customer:
    """Open the next volume for a customer who returned.

    Raises:
        WrongState: its file is not closed.
        InvalidInput: the day is before the end of the relationship, or still to come.
    """
    actor.require(Role.ARCHIVIST)
    customer = customer_to_change(session, actor, customer_id, version)
    if customer.state != CustomerState.ENDED or customer.ended_on is None:
        raise WrongState(customer_id=customer_id, state=customer.state)
    if not customer.ended_on <= reopened_on <= today:
        raise InvalidInput("A customer returns after the end of the relationship and not in the future.")
    closed = ClosedVolume(
        customer_id=customer_id, volume_no=customer.volume_no, ended_on=customer.ended_on, reopened_on=reopened_on
    )
    session.add(closed)
    customer.state, customer.ended_on = CustomerState.ACTIVE, None
    customer.volume_no, customer.version = customer.volume_no + 1, customer.version + 1
    audit.record(
        session, actor, "customer.reopened", f"customer:{customer_id}",
        volume=customer.volume_no, reopened_on=reopened_on.isoformat(),
    )  # fmt: skip
    return customer


def volumes_of(session: Session, customer: Customer) -> list[Volume]:
    """All of them, the first one first."""
    closed = select(ClosedVolume).where(ClosedVolume.customer_id == customer.id).order_by(ClosedVolume.volume_no)
    volumes, opened_on = [], customer.opened_at.date()
    for row in session.scalars(closed):
        volumes.append(Volume(volume_no=row.volume_no, opened_on=opened_on, ended_on=row.ended_on))
        opened_on = row.reopened_on
    return [*volumes, Volume(volume_no=customer.volume_no, opened_on=opened_on, ended_on=customer.ended_on)]


def ends_of(session: Session, customer_ids: Collection[str]) -> dict[Place, dt.date | None]:
    """When the relationship of each volume of these customers ended; None where it has not."""
    present = select(Customer.id, Customer.volume_no, Customer.ended_on).where(Customer.id.in_(customer_ids))
    closed = select(ClosedVolume.customer_id, ClosedVolume.volume_no, ClosedVolume.ended_on)
    closed = closed.where(ClosedVolume.customer_id.in_(customer_ids))
    rows = [*session.execute(present), *session.execute(closed)]
    return {(customer_id, volume_no): ended_on for customer_id, volume_no, ended_on in rows}
