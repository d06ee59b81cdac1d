"""From which day a period runs: one event or date, or the earliest or latest of several (K32). Pure.

In a schedule: `trigger: filed`, `trigger: {field: business_term}` for a day that the paper states, `trigger: {latest:
[relationship_ended, {field: business_term}]}`, `trigger: {earliest: […]}`. A row keeps it as `str` of a start has it:
`field:business_term`, `latest:relationship_ended,field:business_term`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from records.errors import InvalidInput
from records.terms import Choice, Trigger

EVENTS = frozenset({Trigger.AGREEMENT_ENDED, Trigger.LEASE_ENDED, Trigger.DEREGISTERED, Trigger.TRANSACTION_ENDED})
"""What somebody has to report: the archive does not see it by itself."""

FIELD = "field"
_NAME = re.compile(r"[^\s,:{}\[\]]{1,60}")


@dataclass(frozen=True, kw_only=True)
class FieldDay:
    """The day that a field of the record states; of a period its end."""

    field: str

    def __str__(self) -> str:
        return f"{FIELD}:{self.field}"


Source = Trigger | FieldDay
Facts = Mapping[Source, dt.date | None]
"""The day of each event that has happened, and of each field that states one; else absent or None."""


@dataclass(frozen=True, kw_only=True)
class Combined:
    choice: Choice
    triggers: tuple[Source, ...]

    def __str__(self) -> str:
        return f"{self.choice}:{','.join(map(str, self.triggers))}"


Start = Source | Combined


def sources_of(start: Start) -> tuple[Source, ...]:
    return start.triggers if isinstance(start, Combined) else (start,)


def fields_of(start: Start) -> frozenset[str]:
    """The fields of a record that it names."""
    return frozenset(source.field for source in sources_of(start) if isinstance(source, FieldDay))


def started_on(start: Start, facts: Facts) -> dt.date | None:
    """The day the period runs from; None while it does not run yet.

    The latest of several is known once all have happened, the earliest with the first.
    """
    days = [facts.get(source) for source in sources_of(start)]
    happened = [day for day in days if day is not None]
    is_earliest = isinstance(start, Combined) and start.choice == Choice.EARLIEST
    if not happened or (not is_earliest and len(happened) < len(days)):
        return None
    return min(happened) if is_earliest else max(happened)


def parse_start(said: Any) -> Start:
    """As a schedule's file has it, or as a row keeps it (`str` of a start).

    Raises:
        InvalidInput: an unknown event, no name of a field, or a combination of fewer than two.
    """
    choice, members = _combination(said)
    if choice is None:
        return _source(said)
    combined = Combined(choice=choice, triggers=tuple(_source(member) for member in members))
    if len(set(combined.triggers)) < 2:
        raise InvalidInput("A combination of triggers has at least two.")
    return combined


def _combination(said: Any) -> tuple[Choice | None, list[Any]]:
    """Which of several, and those; None where it says only one."""
    pairs = list(said.items()) if isinstance(said, Mapping) else [_divided(str(said))]
    if len(pairs) != 1:
        raise InvalidInput(f"A trigger says one thing, not {len(pairs)}.")
    name, members = pairs[0]
    if name not in set(Choice):
        return None, []
    if not isinstance(members, list):
        raise InvalidInput(f"`{name}` has a list of triggers: `{{{name}: [filed, relationship_ended]}}`.")
    return Choice(name), members


def _divided(said: str) -> tuple[str, Any]:
    """As a row keeps it: several are divided by commas."""
    name, _, joined = said.partition(":")
    return name, joined.split(",")


def _source(said: Any) -> Source:
    name = said.get(FIELD) if isinstance(said, Mapping) and set(said) == {FIELD} else None
    if isinstance(said, str) and said.startswith(f"{FIELD}:"):
        name = said.removeprefix(f"{FIELD}:")
    if name is not None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidInput("A trigger by a field has the name of one: `{field: business_term}`.")
        return FieldDay(field=name)
    if isinstance(said, str) and said in set(Trigger):
        return Trigger(said)
    raise InvalidInput(
        f"A trigger is one of {', '.join(Trigger)}, or `{{field: NAME}}` for a day the paper states, or `latest` or "
        "`earliest` of several."
    )
