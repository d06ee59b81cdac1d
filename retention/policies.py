"""Who must sign before a list is carried out (R99, K37): seats, and the rules of who may take one. Pure.

A schedule names the policy under `disposal`: `two` (the smallest allowed), `six` (机关档案管理规定 art. 44: six
people of six offices), or one of its own:

    disposal:
      policy: six                                # start from a named one …
      departments: {archives_head: [档案部]}      # … and say whose seats are whose
    disposal:
      seats: [{name: head, title: 部门负责人, roles: [approver], departments: [档案部]}, …]
      needs_appraisal: true
      needs_confirmation: true
      needs_supervision: true

A list keeps the policy under which it was drawn up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from records.errors import InvalidInput
from records.terms import Role

LEAST_SEATS = 2
"""Seats that somebody other than the author must take; no policy may ask for fewer."""
SUPERVISORS = 2
SIGNING_ROLES = frozenset({Role.ARCHIVIST, Role.APPROVER})


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One signature. No departments: any. Where the author may take it, it is a statement and no approval."""

    name: str
    title: str
    roles: frozenset[Role]
    departments: frozenset[str] = frozenset()
    may_be_author: bool = False

    def admits(self, roles: Collection[Role], department: str) -> bool:
        return not self.roles.isdisjoint(roles) and (not self.departments or department in self.departments)


@dataclass(frozen=True, kw_only=True)
class DisposalPolicy:
    """What a list needs before, while and after it is carried out."""

    name: str
    seats: tuple[Seat, ...]
    needs_confirmation: bool = False
    """A second confirmation, by neither the author nor the executor, between the signatures and the execution."""
    needs_appraisal: bool = False
    """Nothing stands on a list that an appraisal did not release for destruction (R94)."""
    needs_supervision: bool = False
    """Two supervisors from two departments count before, and sign after (R100)."""

    def seat(self, name: str) -> Seat:
        found = next((seat for seat in self.seats if seat.name == name), None)
        if found is None:
            raise InvalidInput("The list has no such seat.", seat=name)
        return found


_APPROVER, _ARCHIVIST = frozenset({Role.APPROVER}), frozenset({Role.ARCHIVIST})
TWO = DisposalPolicy(
    name="two",
    seats=(
        Seat(name="first_approver", title="批准人一", roles=_APPROVER),
        Seat(name="second_approver", title="批准人二", roles=_APPROVER),
    ),
)
SIX = DisposalPolicy(
    name="six",
    seats=(
        Seat(name="supervising_leader", title="分管负责人", roles=_APPROVER),
        Seat(name="office_head", title="办公厅（室）负责人", roles=_APPROVER),
        Seat(name="archives_head", title="档案部门负责人", roles=_APPROVER),
        Seat(name="business_head", title="业务部门负责人", roles=_APPROVER),
        Seat(name="archives_clerk", title="档案经办人", roles=_ARCHIVIST, may_be_author=True),
        Seat(name="business_clerk", title="业务经办人", roles=SIGNING_ROLES),
    ),
    needs_appraisal=True,
    needs_confirmation=True,
    needs_supervision=True,
)
NAMED = {policy.name: policy for policy in (TWO, SIX)}
_DEMANDS = ("needs_appraisal", "needs_confirmation", "needs_supervision")


def policy_of(said: object) -> DisposalPolicy:
    """The policy that a schedule's `disposal` asks for; nothing said: two approvers.

    Raises:
        InvalidInput: an unknown name, or fewer seats than allowed.
    """
    if said is None:
        return TWO
    if isinstance(said, str):
        said = {"policy": said}
    if not isinstance(said, Mapping):
        raise InvalidInput("`disposal` is a name or a mapping.")
    policy = _own(said["seats"]) if "seats" in said else _named(str(said.get("policy", "")))
    demands: dict[str, Any] = {demand: bool(said[demand]) for demand in _DEMANDS if demand in said}
    policy = replace(policy, **demands)
    return _checked(_with_departments(policy, said.get("departments") or {}))


def as_data(policy: DisposalPolicy) -> dict[str, Any]:
    """As a row keeps it; `from_data` gives it back."""
    seats = [
        {
            "name": seat.name,
            "title": seat.title,
            "roles": sorted(seat.roles),
            "departments": sorted(seat.departments),
            "may_be_author": seat.may_be_author,
        }
        for seat in policy.seats
    ]
    return {"name": policy.name, "seats": seats} | {demand: getattr(policy, demand) for demand in _DEMANDS}


def from_data(data: Mapping[str, Any]) -> DisposalPolicy:
    demands = {demand: data[demand] for demand in _DEMANDS}
    return DisposalPolicy(name=data["name"], seats=tuple(_seat(each) for each in data["seats"]), **demands)


def _named(name: str) -> DisposalPolicy:
    if name not in NAMED:
        raise InvalidInput(f"A disposal policy is one of {sorted(NAMED)}, or has seats of its own.", policy=name)
    return NAMED[name]


def _own(seats: Sequence[Mapping[str, Any]]) -> DisposalPolicy:
    try:
        return DisposalPolicy(name="own", seats=tuple(_seat(each) for each in seats))
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise InvalidInput(f"A seat has a name, a title and roles: {exc!r}.") from exc


def _seat(data: Mapping[str, Any]) -> Seat:
    return Seat(
        name=str(data["name"]),
        title=str(data["title"]),
        roles=frozenset(Role(role) for role in data["roles"]),
        departments=frozenset(str(name) for name in data.get("departments") or ()),
        may_be_author=bool(data.get("may_be_author", False)),
    )


def _with_departments(policy: DisposalPolicy, departments: Mapping[str, Any]) -> DisposalPolicy:
    unknown = set(departments) - {seat.name for seat in policy.seats}
    if unknown:
        raise InvalidInput("`departments` names a seat that is not there.", seat=min(unknown))
    seats = (
        replace(seat, departments=frozenset(str(name) for name in departments[seat.name]))
        if seat.name in departments
        else seat
        for seat in policy.seats
    )
    return replace(policy, seats=tuple(seats))


def _checked(policy: DisposalPolicy) -> DisposalPolicy:
    names = [seat.name for seat in policy.seats]
    if len(set(names)) != len(names):
        raise InvalidInput("Two seats have the same name.")
    if sum(not seat.may_be_author for seat in policy.seats) < LEAST_SEATS:
        raise InvalidInput(f"At least {LEAST_SEATS} people other than the author must sign.")
    for seat in policy.seats:
        if not seat.roles or not seat.roles <= SIGNING_ROLES:
            raise InvalidInput(f"A seat's roles are among {sorted(SIGNING_ROLES)}.", seat=seat.name)
    return policy
