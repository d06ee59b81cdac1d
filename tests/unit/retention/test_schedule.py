from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.errors import InvalidInput
from records.terms import Disposition, DocumentKind, Trigger
from retention.rules import Rule, Schedule, due_on
from retention.schedule_file import parse_schedule

RULE = Rule(
    name="papers",
    title="证照",
    kinds=frozenset({DocumentKind.BUSINESS_LICENSE}),
    trigger=Trigger.FILED,
    period_years=10,
    period_days=0,
    upper_bound_years=None,
    disposition=Disposition.REVIEW,
    authority="第九条",
)
FACTS = {Trigger.RECEIVED: dt.date(2020, 1, 1), Trigger.FILED: dt.date(2020, 1, 2)}
DAYS = st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2090, 1, 1))


@given(DAYS, st.integers(0, 100), st.integers(0, 400))
def test_nothing_falls_due_before_its_period_has_run(start: dt.date, years: int, days: int) -> None:
    due = due_on(replace(RULE, period_years=years, period_days=days), start)

    assert due is not None
    assert (due - start).days >= years * 365 + days


@given(DAYS, DAYS)
def test_a_later_start_never_falls_due_earlier(one: dt.date, other: dt.date) -> None:
    first, second = due_on(RULE, min(one, other)), due_on(RULE, max(one, other))

    assert first is not None
    assert second is not None
    assert first <= second


def test_while_the_trigger_has_not_happened_nothing_is_due() -> None:
    schedule = Schedule(version=1, rules=(replace(RULE, trigger=Trigger.RELATIONSHIP_ENDED),))

    term = schedule.term([DocumentKind.BUSINESS_LICENSE], FACTS)

    assert (term.class_name, term.due_on) == ("papers", None)


def test_the_longest_period_wins_where_a_file_holds_several_kinds() -> None:
    short = replace(RULE, name="ids", kinds=frozenset({DocumentKind.ID_CARD}), period_years=3)
    schedule = Schedule(version=1, rules=(short, RULE))

    rule = schedule.rule_for([DocumentKind.ID_CARD, DocumentKind.BUSINESS_LICENSE])

    assert rule is RULE


def test_where_several_rules_apply_the_last_day_wins_and_no_day_is_later_still() -> None:
    ids = replace(RULE, name="ids", kinds=frozenset({DocumentKind.ID_CARD}), period_years=3)
    both = [DocumentKind.ID_CARD, DocumentKind.BUSINESS_LICENSE]
    assert Schedule(version=1, rules=(ids, RULE)).term(both, FACTS).due_on == dt.date(2030, 1, 2)

    waiting = replace(ids, trigger=Trigger.RELATIONSHIP_ENDED)
    assert Schedule(version=1, rules=(waiting, RULE)).term(both, FACTS).due_on is None


def test_a_copy_of_an_id_card_is_not_kept_for_ever_by_what_lies_beside_it() -> None:
    ids = replace(RULE, name="ids", kinds=frozenset({DocumentKind.ID_CARD}), period_years=3, upper_bound_years=5)
    for_ever = replace(RULE, name="papers", disposition=Disposition.RETAIN)
    forms = replace(RULE, name="forms", kinds=frozenset({DocumentKind.REGISTRATION_FORM}), period_years=4)
    schedule = Schedule(version=1, rules=(ids, for_ever, forms))
    licence, card, form = DocumentKind.BUSINESS_LICENSE, DocumentKind.ID_CARD, DocumentKind.REGISTRATION_FORM

    term = schedule.term([licence, card], FACTS)

    assert (term.class_name, term.period_code, term.due_on) == ("ids", "D3", dt.date(2023, 1, 2))
    assert schedule.minimum_on([licence, card], FACTS) is not None
    assert schedule.term([licence, card, form], FACTS).due_on == dt.date(2024, 1, 2)  # of those that end the longest
    assert schedule.term([licence], FACTS).due_on is None
    assert schedule.term([licence, form], FACTS).due_on is None


def test_a_card_of_which_no_class_speaks_is_kept_as_what_lies_beside_it() -> None:
    schedule = Schedule(version=1, rules=(replace(RULE, disposition=Disposition.RETAIN),))

    term = schedule.term([DocumentKind.BUSINESS_LICENSE, DocumentKind.ID_CARD], FACTS)

    assert (term.class_name, term.due_on) == ("papers", None)


def test_what_no_class_covers_is_kept() -> None:
    term = Schedule(version=1, rules=(RULE,)).term([DocumentKind.OTHER], FACTS)

    assert (term.class_name, term.period_code, term.due_on) == ("unscheduled", "Y", None)


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": ["id_card"], "disposition": "retain"},
        {"period_years": 20, "upper_bound_years": 10},
        {"period_years": -1},
        {"kinds": ["nonsense"]},
        {"trigger": "someday"},
        {"trigger": {"latest": ["filed"]}},
        {"trigger": {"sometimes": ["filed", "received"]}},
        {"period_years": 3, "minimum_years": 4},
        {"kinds": ["id_card"], "upper_bound_years": None},
    ],
)
def test_a_schedule_that_breaks_the_rules_is_refused(change: dict[str, object]) -> None:
    import json

    row = {"name": "x", "title": "x", "kinds": ["contract"], "trigger": "filed", "disposition": "review",
           "authority": "x"} | change  # fmt: skip
    source = json.dumps({"version": 1, "approved_by": "x", "classes": [row]}).encode()

    with pytest.raises(InvalidInput):
        parse_schedule(source)
