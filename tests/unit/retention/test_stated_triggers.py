"""A schedule that runs a period from a day the paper states: what its file may say, and where it is wrong."""

from __future__ import annotations

import datetime as dt

import pytest

from records.errors import InvalidInput
from records.terms import Choice, DocumentKind, Trigger
from retention.rules import Schedule
from retention.schedule_file import parse_schedule
from retention.triggers import Combined, FieldDay, Start, parse_start, started_on

TERM = FieldDay(field="business_term")
ENDED, END = dt.date(2024, 5, 1), dt.date(2030, 4, 21)


def source(trigger: str, kinds: str = "business_license") -> bytes:
    return (
        "version: 1\napproved_by: x\nclasses:\n"
        "  - {name: a, title: a, kinds: [contract], trigger: filed, disposition: review, authority: x}\n"
        "  - name: b\n    title: b\n"
        f"    kinds: [{kinds}]\n"
        "    disposition: review\n    authority: x\n    period_years: 10\n"
        f"    trigger: {trigger}\n"
    ).encode()


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("{field: business_term}", TERM),
        ("field:business_term", TERM),
        (
            "{latest: [relationship_ended, {field: business_term}]}",
            Combined(choice=Choice.LATEST, triggers=(Trigger.RELATIONSHIP_ENDED, TERM)),
        ),
        ("{earliest: [field:business_term, filed]}", Combined(choice=Choice.EARLIEST, triggers=(TERM, Trigger.FILED))),
    ],
)
def test_a_field_is_named_alone_or_among_others(said: str, start: Start) -> None:
    _, _, rules = parse_schedule(source(said))

    assert rules[1].trigger == start
    assert parse_start(str(start)) == start  # as a row keeps it


@pytest.mark.parametrize(
    ("said", "kinds", "message"),
    [
        ("{field: valid_untill}", "business_license", "No paper of this class states such a day"),
        ("{field: birth_date}", "id_card", "No period runs from a person's day of birth"),
        ("{earliest: [filed, {field: 出生日期}]}", "registration_form", "No period runs from a person's day of birth"),
        ("{field: business_term}", "business_license, contract", "would never be due"),
        ("{field: business_term}", "business_license, registration_form, other", "would never be due"),
        ("{latest: [{field: valid_period}, {field: business_term}]}", "id_card, business_license", "never be due"),
        ("{earliest: [{field: valid_period}, {field: issued_on}]}", "id_card, bank_permit, contract", "never be due"),
        ("{field: [business_term]}", "business_license", "has the name of one"),
        ("{field: a b}", "business_license", "has the name of one"),
        ("{field: }", "business_license", "A trigger is one of"),
        ("{feld: business_term}", "business_license", "A trigger is one of"),
        ("business_term", "business_license", "A trigger is one of"),
        ("{latest: business_term}", "business_license", "has a list of triggers"),
        ("{latest: [{field: business_term}]}", "business_license", "at least two"),
        ("{latest: [filed, {earliest: [filed, received]}]}", "business_license", "A trigger is one of"),
        ("{field: business_term, latest: [filed]}", "business_license", "A trigger says one thing"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(said: str, kinds: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        parse_schedule(source(said, kinds))

    assert caught.value.facts["line"] == 11


def test_another_fault_of_a_class_is_said_with_its_line() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_schedule(source("filed").replace(b"period_years: 10", b"period_years: 300"))

    assert caught.value.facts == {"line": 5, "retention_class": "b"}


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("{earliest: [{field: valid_period}, {field: business_term}]}", "id_card, business_license"),
        ("{earliest: [{field: business_term}, filed]}", "business_license, contract"),
        ("{field: 合同到期日}", "registration_form"),  # the company's own forms state what the company prints
    ],
)
def test_papers_of_several_kinds_may_each_state_a_day_of_their_own(said: str, kinds: str) -> None:
    text = source(said, kinds).replace(b"period_years: 10", b"period_years: 3\n    upper_bound_years: 5")

    assert len(parse_schedule(text)[2]) == 2


@pytest.mark.parametrize(
    ("choice", "facts", "day"),
    [
        (Choice.LATEST, {TERM: END, Trigger.RELATIONSHIP_ENDED: ENDED}, END),
        (Choice.LATEST, {TERM: None, Trigger.RELATIONSHIP_ENDED: ENDED}, None),
        (Choice.EARLIEST, {TERM: END, Trigger.RELATIONSHIP_ENDED: ENDED}, ENDED),
        (Choice.EARLIEST, {TERM: None, Trigger.RELATIONSHIP_ENDED: ENDED}, ENDED),
        (Choice.EARLIEST, {TERM: END, Trigger.RELATIONSHIP_ENDED: None}, END),
    ],
)
def test_without_an_end_the_latest_does_not_run_and_the_earliest_runs_from_the_other(
    choice: Choice, facts: dict[Trigger | FieldDay, dt.date | None], day: dt.date | None
) -> None:
    assert started_on(Combined(choice=choice, triggers=(Trigger.RELATIONSHIP_ENDED, TERM)), facts) == day


def test_a_schedule_tells_which_fields_it_names() -> None:
    _, _, rules = parse_schedule(source("{latest: [filed, {field: business_term}]}"))
    schedule = Schedule(version=1, rules=tuple(rules))

    assert schedule.named_fields == {"business_term"}
    assert schedule.fields_for([DocumentKind.BUSINESS_LICENSE]) == {"business_term"}
    assert schedule.fields_for([DocumentKind.CONTRACT]) == set()
