"""From which day a period runs."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.errors import InvalidInput
from records.terms import Choice, Trigger
from retention.triggers import Combined, parse_start, started_on

FACTS = st.dictionaries(st.sampled_from(Trigger), st.none() | st.dates())
SEVERAL = st.lists(st.sampled_from(Trigger), min_size=2, unique=True).map(tuple)


@given(SEVERAL, FACTS)
def test_the_latest_is_known_once_all_have_happened(
    triggers: tuple[Trigger, ...], facts: dict[Trigger, dt.date]
) -> None:
    days = [facts.get(trigger) for trigger in triggers]
    found = started_on(Combined(choice=Choice.LATEST, triggers=triggers), facts)

    assert found == (None if None in days else max(day for day in days if day))


@given(SEVERAL, FACTS)
def test_the_earliest_is_known_with_the_first(triggers: tuple[Trigger, ...], facts: dict[Trigger, dt.date]) -> None:
    happened = [day for trigger in triggers if (day := facts.get(trigger))]
    found = started_on(Combined(choice=Choice.EARLIEST, triggers=triggers), facts)

    assert found == min(happened, default=None)


@given(st.sampled_from(Trigger) | st.builds(Combined, choice=st.sampled_from(Choice), triggers=SEVERAL))
def test_a_row_gives_back_what_the_file_said(start: Trigger | Combined) -> None:
    assert parse_start(str(start)) == start
    if isinstance(start, Combined):
        assert parse_start({start.choice.value: [each.value for each in start.triggers]}) == start


@pytest.mark.parametrize("said", ["", "someday", "latest:filed", {"latest": ["filed", "filed"]}, {}, 7, ["filed"]])
def test_what_is_no_trigger_is_refused(said: object) -> None:
    with pytest.raises(InvalidInput):
        parse_start(said)
