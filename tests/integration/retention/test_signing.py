"""Signatures on a destruction list, on both sets of parts: seats, order, delegation, return, refusal, confirmation."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from records.actors import Actor
from records.errors import Conflict, InvalidInput, NotConfirmed, NotDelegated, NotPermitted, WrongState
from records.models import User
from records.terms import ListState, Role, SignOffDecision
from retention.delegations import Mandate, delegate, end_delegation
from retention.destruction import execute_list
from retention.lists import SignOff, confirm_list, propose_list, revise_list, sign_list, withdraw_list
from retention.models import DestructionList
from retention.schedule import load_schedule
from tests.archives import SCHEDULE, Bench, actor, licence_lines

TODAY = dt.date(2100, 1, 1)
AGREED, REFUSED, RETURNED = SignOffDecision.AGREED, SignOffDecision.REFUSED, SignOffDecision.RETURNED
PEOPLE = {
    "leader": (Role.APPROVER, ""),
    "office": (Role.APPROVER, "办公室"),
    "archives": (Role.APPROVER, "档案部"),
    "business": (Role.APPROVER, "销售部"),
    "clerk": (Role.ARCHIVIST, "档案部"),
    "trader": (Role.ARCHIVIST, "销售部"),
    "executor": (Role.ARCHIVIST, "档案部"),
    "deputy": (Role.ARCHIVIST, "办公室"),
}
SEATS = {
    "leader": "supervising_leader",
    "office": "office_head",
    "archives": "archives_head",
    "business": "business_head",
    "clerk": "archives_clerk",
    "trader": "business_clerk",
}
SIX = (
    SCHEDULE.replace(b"version: 1", b"version: 2")
    + (
        "disposal: {policy: six, departments: {office_head: [办公室], archives_head: [档案部],\n"
        "           business_head: [销售部], archives_clerk: [档案部], business_clerk: [销售部]}}\n"
    ).encode()
)


@pytest.fixture
def office(bench: Bench) -> Bench:
    """A house with six seats and people in their departments."""
    with bench.archive.transaction() as session:
        load_schedule(session, actor("setup"), SIX)
        session.add_all(
            User(id=name, name=name, password_hash="!", roles=[role], department=department)
            for name, (role, department) in PEOPLE.items()
        )
    return bench


def proposed(bench: Bench, *document_ids: str) -> str:
    with bench.archive.transaction() as session:
        made = propose_list(session, who("clerk"), title="到期", document_ids=document_ids, today=TODAY)
    return made.id


def who(name: str) -> Actor:
    return actor(name, PEOPLE[name][0])


def sign(bench: Bench, list_id: str, name: str, decision: SignOffDecision = AGREED, **more: str) -> ListState:
    with bench.archive.transaction() as session:
        sign_off = SignOff(decision=decision, opinion="意见", **more)
        return ListState(sign_list(session, who(name), list_id, sign_off, TODAY).state)


def execute(bench: Bench, list_id: str, name: str = "executor") -> dict[str, str]:
    return dict(execute_list(bench.archive.destruction_means(), who(name), list_id, TODAY))


def confirm(bench: Bench, list_id: str, name: str, count: int = 1) -> None:
    with bench.archive.transaction() as session:
        number = session.get_one(DestructionList, list_id).number
        confirm_list(session, who(name), list_id, number=number, documents=count)


def test_six_people_sign_another_confirms_and_another_destroys(office: Bench) -> None:
    (document_id,) = office.file(licence_lines(1))
    list_id = proposed(office, document_id)
    states = [sign(office, list_id, name) for name in SEATS]
    assert states == [ListState.PROPOSED] * 5 + [ListState.APPROVED]

    with pytest.raises(NotConfirmed):
        execute(office, list_id)
    with pytest.raises(NotPermitted):
        confirm(office, list_id, "clerk")
    with pytest.raises(InvalidInput):
        confirm(office, list_id, "archives", count=2)
    confirm(office, list_id, "deputy")
    for name in ("clerk", "trader", "deputy"):
        with pytest.raises(NotPermitted):
            execute(office, list_id, name)

    assert execute(office, list_id) == {document_id: "destroyed"}


def test_no_order_and_no_choice_of_five_signatures_is_enough(office: Bench) -> None:
    """Every seat is needed, whichever comes last."""
    ids = office.file(*(licence_lines(n) for n in range(6)))
    for document_id, five in zip(ids, itertools.combinations(SEATS, 5), strict=True):
        list_id = proposed(office, document_id)
        for name in reversed(five):
            assert sign(office, list_id, name) == ListState.PROPOSED
        with pytest.raises(WrongState):
            execute(office, list_id)


def test_a_person_takes_one_seat_and_only_his_own(office: Bench) -> None:
    list_id = proposed(office, *office.file(licence_lines(1)))
    sign(office, list_id, "archives")

    with pytest.raises(Conflict):
        sign(office, list_id, "archives", seat="supervising_leader")
    with pytest.raises(Conflict):
        sign(office, list_id, "leader", seat="archives_head")
    with pytest.raises(NotPermitted):
        sign(office, list_id, "business", seat="office_head")
    with pytest.raises(NotPermitted):
        sign(office, list_id, "clerk", seat="business_clerk")


def test_a_refusal_is_the_end_of_a_list(office: Bench) -> None:
    (document_id,) = office.file(licence_lines(1))
    list_id = proposed(office, document_id)

    assert sign(office, list_id, "business", REFUSED) == ListState.REJECTED
    with pytest.raises(WrongState):
        sign(office, list_id, "leader")
    proposed(office, document_id)  # its documents are free for another


def test_a_returned_list_is_revised_and_signed_anew(office: Bench) -> None:
    first, second = office.file(licence_lines(1), licence_lines(2))
    list_id = proposed(office, first, second)
    for name in ("leader", "office"):
        sign(office, list_id, name)
    assert sign(office, list_id, "business", RETURNED) == ListState.RETURNED
    with pytest.raises(WrongState):
        sign(office, list_id, "archives")

    with office.archive.transaction() as session, pytest.raises(NotPermitted):
        revise_list(session, who("executor"), list_id, title="改", document_ids=[first], today=TODAY)
    with office.archive.transaction() as session:
        revise_list(session, who("clerk"), list_id, title="改", document_ids=[first], today=TODAY)

    states = [sign(office, list_id, name) for name in reversed(SEATS)]
    assert states[-1] == ListState.APPROVED
    confirm(office, list_id, "archives")
    assert execute(office, list_id) == {first: "destroyed"}
    with office.archive.transaction() as session:
        again = propose_list(session, who("clerk"), title="另", document_ids=[second], today=TODAY)
        assert withdraw_list(session, who("clerk"), again.id, reason="缓办").state == ListState.WITHDRAWN


def test_a_deputy_signs_in_the_place_of_one_who_is_away(office: Bench) -> None:
    first, second = office.file(licence_lines(1), licence_lines(2))
    list_id = proposed(office, first)
    mandate = Mandate(
        delegate_id="deputy", seats=["supervising_leader"], starts_on=TODAY, ends_on=TODAY, reason="出差 委托书 1"
    )
    with pytest.raises(NotDelegated):
        sign(office, list_id, "deputy", on_behalf_of="leader", seat="supervising_leader")
    with office.archive.transaction() as session:
        made = delegate(session, who("leader"), mandate)

    with pytest.raises(NotDelegated):
        sign(office, list_id, "deputy", on_behalf_of="leader", seat="archives_head")
    sign(office, list_id, "deputy", on_behalf_of="leader")
    with pytest.raises(Conflict):
        sign(office, list_id, "leader", seat="business_head")

    with office.archive.transaction() as session:
        end_delegation(session, who("leader"), made.id)
    with pytest.raises(NotDelegated):
        sign(office, proposed(office, second), "deputy", on_behalf_of="leader", seat="supervising_leader")


def test_a_delegation_ends_with_its_day_and_with_the_right_it_passes_on(office: Bench) -> None:
    list_id = proposed(office, *office.file(licence_lines(1)))
    until = TODAY - dt.timedelta(days=1)
    with office.archive.transaction() as session:
        over = Mandate(delegate_id="deputy", seats=["office_head"], starts_on=until, ends_on=until, reason="出差")
        delegate(session, who("office"), over)
        still = Mandate(delegate_id="deputy", seats=["business_head"], starts_on=until, ends_on=TODAY, reason="出差")
        delegate(session, who("business"), still)
    with pytest.raises(NotDelegated):
        sign(office, list_id, "deputy", on_behalf_of="office", seat="office_head")

    with office.archive.transaction() as session:
        session.get_one(User, "business").roles = [Role.VERIFIER]
    with pytest.raises(NotDelegated):
        sign(office, list_id, "deputy", on_behalf_of="business", seat="business_head")
