"""Signatures on a destruction list, on both sets of parts: seats, order, delegation, return, refusal, confirmation."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import pytest

from records.actors import Actor
from records.errors import Conflict, InvalidInput, NotConfirmed, NotDelegated, NotPermitted, WrongState
from records.models import User
from records.terms import ListState, Role, SignOffDecision
from retention.delegations import Mandate, delegate, end_delegation
from retention.lists import (
    SignOff,
    begin_execution,
    confirm_list,
    propose_list,
    revise_list,
    sign_list,
    withdraw_list,
)
from retention.models import DestructionList
from tests.archives import Bench, licence_lines
from tests.integration.retention.office import (
    REFUSED,
    RETURNED,
    SEATS,
    TODAY,
    confirm,
    count,
    execute,
    furnish,
    proposed,
    sign,
    who,
)


@pytest.fixture
def office(bench: Bench) -> Bench:
    return furnish(bench)


def test_six_people_sign_another_confirms_and_another_destroys(office: Bench) -> None:
    (document_id,) = office.file(licence_lines(1))
    list_id = proposed(office, document_id)
    states = [sign(office, list_id, name) for name in SEATS]
    assert states == [ListState.PROPOSED] * 5 + [ListState.APPROVED]

    count(office, list_id)
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
    count(office, list_id)
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


def test_nobody_answers_for_records_he_may_not_see(office: Bench) -> None:
    (document_id,) = office.file(licence_lines(1))
    list_id = proposed(office, document_id)

    def of_another_region(name: str) -> Actor:
        return replace(who(name), regions=frozenset({"HB"}))

    agreed = SignOff(decision=SignOffDecision.AGREED, opinion="同意")
    with office.archive.transaction() as session, pytest.raises(NotPermitted, match="region"):
        sign_list(session, of_another_region("leader"), list_id, agreed, TODAY)
    for name in SEATS:
        sign(office, list_id, name)
    with office.archive.transaction() as session:
        number = session.get_one(DestructionList, list_id).number
        with pytest.raises(NotPermitted, match="region"):
            confirm_list(session, of_another_region("deputy"), list_id, number=number, documents=1)
    count(office, list_id)
    confirm(office, list_id, "deputy")
    with office.archive.transaction() as session, pytest.raises(NotPermitted, match="region"):
        begin_execution(session, of_another_region("executor"), list_id)

    assert execute(office, list_id) == {document_id: "destroyed"}
