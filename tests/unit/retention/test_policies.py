"""Who must sign: named policies, one's own, and what no policy may ask."""

from __future__ import annotations

from typing import Any

import pytest

from records.errors import InvalidInput
from records.terms import Role
from retention.policies import SIX, TWO, as_data, from_data, policy_of


def test_nothing_said_means_two_approvers() -> None:
    assert policy_of(None) == TWO


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


ONE = {"name": "a", "title": "甲", "roles": ["approver"]}


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
