"""The pages there are and whose they are: the navigation and the rights of page routes come from this one table."""

from __future__ import annotations

from dataclasses import dataclass

from api.routes.retention import REVIEWERS
from records.actors import READERS, Actor
from records.terms import Role


@dataclass(frozen=True, kw_only=True)
class Place:
    name: str
    path: str
    roles: frozenset[Role]


VERIFY = Place(name="verify", path="/verify", roles=frozenset({Role.VERIFIER, Role.ARCHIVIST}))
SEARCH = Place(name="search", path="/search", roles=READERS)
BATCHES = Place(name="batches", path="/batches", roles=READERS | {Role.SCANNER})
CUSTOMERS = Place(name="customers", path="/customers", roles=READERS)
RETENTION = Place(name="retention", path="/retention", roles=frozenset(REVIEWERS))
REGISTER = Place(name="register", path="/register", roles=frozenset({*REVIEWERS, Role.AUDITOR}))
AUDIT = Place(name="audit", path="/audit", roles=frozenset({Role.AUDITOR}))
SETTINGS = Place(name="settings", path="/settings", roles=frozenset({Role.ADMINISTRATOR, Role.ARCHIVIST}))
RUNNING = Place(name="running", path="/running", roles=frozenset({Role.ADMINISTRATOR, Role.ARCHIVIST}))
PLACES = (VERIFY, SEARCH, BATCHES, CUSTOMERS, RETENTION, REGISTER, AUDIT, RUNNING, SETTINGS)

_FIRST_CHOICE = {Role.APPROVER: RETENTION, Role.SCANNER: BATCHES}


def places_of(actor: Actor) -> list[Place]:
    return [place for place in PLACES if actor.may(*place.roles)]


def start_of(actor: Actor) -> Place | None:
    """Where a person's day begins."""
    wanted = [place for role, place in _FIRST_CHOICE.items() if actor.roles == {role}]
    return next(iter([*wanted, *places_of(actor)]), None)
