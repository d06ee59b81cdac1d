"""Delegation: somebody signs in the place of another, for named seats and for a time (R76).

A delegation passes on a signature, not a right of one's own: whoever signs and in whose place count as one person who
has signed, and both are distinct from every other. It cannot be passed on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.errors import InvalidInput, NotDelegated, NotFound, NotPermitted, WrongState
from records.ids import utc_now
from records.models import User
from records.terms import Role
from retention.models import Delegation
from retention.policies import SIGNING_ROLES, Seat

LONGEST = dt.timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """委托书: who may sign which seats in the actor's place, from and until which day, both included."""

    delegate_id: str
    seats: Sequence[str]
    starts_on: dt.date
    ends_on: dt.date
    reason: str


def delegate(session: Session, actor: Actor, mandate: Mandate) -> Delegation:
    """Let somebody else sign in the actor's place.

    Raises:
        InvalidInput: no seat, a period that ends before it starts or lasts over a year, or the actor himself.
        NotFound: there is no such person, or the account is disabled.
    """
    actor.require(*SIGNING_ROLES)
    if not mandate.seats or not mandate.reason:
        raise InvalidInput("A delegation names at least one seat and a reason.")
    if not dt.timedelta(0) <= mandate.ends_on - mandate.starts_on <= LONGEST:
        raise InvalidInput("A delegation ends after it starts, and within a year.")
    if mandate.delegate_id == actor.id:
        raise InvalidInput("Nobody delegates to himself.")
    if signatory(session, mandate.delegate_id) is None:
        raise NotFound(user_id=mandate.delegate_id)
    made = Delegation(
        principal_id=actor.id,
        delegate_id=mandate.delegate_id,
        seats=sorted(set(mandate.seats)),
        starts_on=mandate.starts_on,
        ends_on=mandate.ends_on,
        reason=mandate.reason,
    )
    session.add(made)
    session.flush()
    audit.record(
        session, actor, "delegation.made", f"delegation:{made.id}",
        to=made.delegate_id, seats=made.seats, starts_on=str(made.starts_on), ends_on=str(made.ends_on),
    )  # fmt: skip
    return made


def end_delegation(session: Session, actor: Actor, delegation_id: str) -> Delegation:
    """Take a delegation back before its day; what was signed under it stays."""
    ended = session.scalars(select(Delegation).where(Delegation.id == delegation_id).with_for_update()).one_or_none()
    if ended is None or actor.id not in (ended.principal_id, ended.delegate_id):
        raise NotFound(delegation_id=delegation_id)
    if ended.principal_id != actor.id:
        raise NotPermitted("Whoever delegated ends it.", delegation_id=delegation_id)
    if ended.ended_at is not None:
        raise WrongState("The delegation has ended already.", delegation_id=delegation_id)
    ended.ended_at = utc_now()
    audit.record(session, actor, "delegation.ended", f"delegation:{ended.id}")
    return ended


def delegations_of(actor: Actor) -> Select[Delegation]:
    """Those the actor gave or was given; an auditor's are all."""
    if actor.may(Role.AUDITOR):
        return select(Delegation)
    return select(Delegation).where(or_(Delegation.principal_id == actor.id, Delegation.delegate_id == actor.id))


def principal_for(session: Session, actor: Actor, principal_id: str, seat: Seat, today: dt.date) -> User:
    """The person in whose place the actor may sign this seat today.

    Raises:
        NotDelegated: there is no delegation for it, or the principal could not sign it himself.
    """
    given = _given(actor, today).where(Delegation.principal_id == principal_id)
    principal = signatory(session, principal_id)
    covers = any(seat.name in each.seats for each in session.scalars(given))
    if principal is None or not covers or not seat.admits(roles_of(principal), principal.department):
        raise NotDelegated(seat=seat.name)
    return principal


def principals_of(session: Session, actor: Actor, seats: Sequence[Seat], today: dt.date) -> list[User]:
    """In whose place the actor may sign one of these seats today, by name."""
    found = {}
    for principal_id in session.scalars(_given(actor, today).with_only_columns(Delegation.principal_id).distinct()):
        for seat in seats:
            try:
                found[principal_id] = principal_for(session, actor, principal_id, seat, today)
            except NotDelegated:
                continue
    return sorted(found.values(), key=lambda user: user.name)


def _given(actor: Actor, today: dt.date) -> Select[Delegation]:
    return select(Delegation).where(
        Delegation.delegate_id == actor.id,
        Delegation.starts_on <= today,
        Delegation.ends_on >= today,
        Delegation.ended_at.is_(None),
    )


def signatory(session: Session, user_id: str) -> User | None:
    """The person, unless the account is disabled."""
    user = session.get(User, user_id)
    return user if user is not None and user.disabled_at is None else None


def roles_of(user: User) -> frozenset[Role]:
    return frozenset(Role(role) for role in user.roles)
