"""Who acts: a person, a station or the archive itself, with what they may do and see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import InstrumentedAttribute

from records.errors import NotPermitted
from records.terms import Role


@dataclass(frozen=True, kw_only=True)
class Actor:
    """`regions` None means every region; an empty set sees nothing (deny by default, R92)."""

    id: str
    roles: frozenset[Role]
    regions: frozenset[str] | None
    station_id: str | None = None

    def may(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: Role) -> None:
        if not self.may(*roles):
            raise NotPermitted(needs=" or ".join(sorted(roles)))

    def sees(self, region_code: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
        """The condition that belongs into every query over things of a region."""
        if self.regions is None:
            return true()
        if not self.regions:
            return false()
        return region_code.in_(sorted(self.regions))


READERS = frozenset({Role.VERIFIER, Role.ARCHIVIST, Role.APPROVER})
"""Roles that may see content. K12: neither the administrator nor the auditor reads documents."""

SYSTEM = Actor(id="system", roles=frozenset(), regions=None)
"""The archive itself: what workers and scheduled work do."""
