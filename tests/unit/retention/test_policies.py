"""Who must sign: named policies, one's own, and what no policy may ask."""

from __future__ import annotations

from typing import Any

import pytest

from records.errors import InvalidInput
from records.terms import Role
from retention.policies import EARLIER, SIX, TWO, as_data, from_data, policy_of

ONE = {"name": "a", "title": "甲", "roles": ["approver"]}


def test_nothing_said_means_two_approvers() -> None:
    assert policy_of(None) == TWO


@pytest.mark.parametrize("said", [None, "two", "six", {"seats": [ONE, {**ONE, "name": "b"}]}])
def test_every_policy_makes_every_demand(said: Any) -> None:
    policy = policy_of(said)

    assert (policy.needs_appraisal, policy.needs_confirmation, policy.needs_supervision) == (True, True, True)


def test_a_waiver_takes_away_what_it_names_and_keeps_its_reason() -> None:
    policy = policy_of({"waived": {"supervision": " 只有一个部门 "}})

    assert (policy.needs_supervision, policy.needs_appraisal, policy.needs_confirmation) == (False, True, True)
    assert from_data(as_data(policy)).waived == {"supervision": "只有一个部门"}


@pytest.mark.parametrize("reason", [None, "", "  ", True])
def test_a_waiver_without_a_reason_is_refused_where_it_stands(reason: Any) -> None:
    with pytest.raises(InvalidInput, match=r"disposal\.waived\.appraisal"):
        policy_of({"policy": "six", "waived": {"appraisal": reason}})


@pytest.mark.parametrize("said", [{"waived": {"seats": "x"}}, {"waived": ["appraisal"]}, {"needs_appraisal": False}])
def test_nothing_else_can_be_waived_and_not_in_another_place(said: Any) -> None:
    with pytest.raises(InvalidInput, match="waived"):
        policy_of(said)


def test_a_row_of_before_waivers_makes_the_demands_it_was_made_with() -> None:
    row = {key: value for key, value in as_data(TWO).items() if key != "waived"}
    demands = {"needs_appraisal": False, "needs_confirmation": True, "needs_supervision": False}

    policy = from_data(row | demands)

    assert policy.waived == {"appraisal": EARLIER, "supervision": EARLIER}
    assert from_data(as_data(policy)) == policy


def test_six_seats_are_those_of_the_regulation() -> None:
    assert [seat.title for seat in policy_of("six").seats] == [
        "分管负责人", "办公厅（室）负责人", "档案部门负责人", "业务部门负责人", "档案经办人", "业务经办人",
    ]  # fmt: skip


def test_departments_narrow_a_named_policy() -> None:
    policy = policy_of({"policy": "six", "departments": {"archives_head": ["档案部"]}})
    seat = policy.seat("archives_head")

    assert seat.admits({Role.APPROVER}, "档案部")
    assert not seat.admits({Role.APPROVER}, "销售部")
    assert not seat.admits({Role.ARCHIVIST}, "档案部")


@pytest.mark.parametrize("policy", [TWO, SIX])
def test_a_row_gives_back_the_policy_it_was_given(policy: Any) -> None:
    assert from_data(as_data(policy)) == policy


@pytest.mark.parametrize(
    "said",
    [
        "three",
        7,
        {"policy": "six", "departments": {"nobody": ["x"]}},
        {"seats": [ONE]},
        {"seats": [ONE, ONE]},
        {"seats": [ONE, {**ONE, "name": "b", "may_be_author": True}]},
        {"seats": [ONE, {**ONE, "name": "b", "roles": ["administrator"]}]},
        {"seats": [ONE, {"name": "b"}]},
    ],
)
def test_a_policy_that_would_let_too_few_decide_is_refused(said: Any) -> None:
    with pytest.raises(InvalidInput):
        policy_of(said)
