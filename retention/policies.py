"""Who must sign before a list is carried out (R99, K37): seats, and the rules of who may take one. Pure.

A schedule names the policy under `disposal`: `two` (the smallest allowed), `six` (机关档案管理规定 art. 44: six
people of six offices), or one of its own. Whichever it is, a list needs an appraisal, a second confirmation and two
supervisors (R94, R100, K37), but for what the schedule waives by name and with its reason:

    disposal:
      policy: six                                # start from a named one …
      departments: {archives_head: [档案部]}      # … and say whose seats are whose
    disposal:
      seats: [{name: head, title: 部门负责人, roles: [approver], departments: [档案部]}, …]
      waived: {supervision: 全公司只有一个部门}

A list keeps the policy under which it was drawn up, waivers and reasons too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from records.errors import InvalidInput
from records.terms import Demand, Role

LEAST_SEATS = 2
"""Seats that somebody other than the author must take; no policy may ask for fewer."""
SUPERVISORS = 2
SIGNING_ROLES = frozenset({Role.ARCHIVIST, Role.APPROVER})
EARLIER = "要求写明免除理由之前已施行 in force before waivers needed a reason"
"""The reason that stands for none where a row was written before waivers were asked for."""
_SAID = frozenset({"policy", "seats", "departments", "waived"})


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
    waived: Mapping[Demand, str] = field(default_factory=dict, hash=False)
    """What the schedule does without, each with the reason it gives."""

    @property
    def needs_confirmation(self) -> bool:
        """A second confirmation, by neither the author nor the executor, between the signatures and the execution."""
        return Demand.CONFIRMATION not in self.waived

    @property
    def needs_appraisal(self) -> bool:
        """Nothing stands on a list that an appraisal did not release for destruction (R94)."""
        return Demand.APPRAISAL not in self.waived

    @property
    def needs_supervision(self) -> bool:
        """Two supervisors from two departments count before, and sign after (R100)."""
        return Demand.SUPERVISION not in self.waived

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
)
NAMED = {policy.name: policy for policy in (TWO, SIX)}


def policy_of(said: object) -> DisposalPolicy:
    """The policy that a schedule's `disposal` asks for; nothing said: two approvers, and nothing waived.

    Raises:
        InvalidInput: an unknown name, fewer seats than allowed, or a waiver without a reason.
    """
    if said is None:
        return TWO
    if isinstance(said, str):
        said = {"policy": said}
    if not isinstance(said, Mapping):
        raise InvalidInput("`disposal` is a name or a mapping.")
    if unknown := sorted(str(key) for key in said if key not in _SAID):
        raise InvalidInput(f"`disposal` has no `{unknown[0]}`. What lists do without stands under `disposal.waived`.")
    policy = _own(said["seats"]) if "seats" in said else _named(str(said.get("policy", TWO.name)))
    policy = replace(policy, waived=_waived(said.get("waived") or {}))
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
    return {"name": policy.name, "seats": seats, "waived": dict(policy.waived)}


def from_data(data: Mapping[str, Any]) -> DisposalPolicy:
    """The policy of a row. One of before waivers says of each demand whether it is made, and that stays as it was."""
    waived = data.get("waived")
    if waived is None:
        waived = {demand: EARLIER for demand in Demand if not data[f"needs_{demand}"]}
    seats = tuple(_seat(each) for each in data["seats"])
    return DisposalPolicy(name=data["name"], seats=seats, waived={Demand(name): waived[name] for name in waived})


def _waived(said: object) -> dict[Demand, str]:
    if not isinstance(said, Mapping):
        raise InvalidInput("`disposal.waived` names each thing that is waived, with the reason.")
    for name, reason in said.items():
        if name not in list(Demand):
            raise InvalidInput(f"`disposal.waived` may name {', '.join(Demand)}.", found=str(name))
        if not isinstance(reason, str) or not reason.strip():
            raise InvalidInput(f"`disposal.waived.{name}` has no reason. Write there why lists go without.")
    return {Demand(name): reason.strip() for name, reason in said.items()}


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
