"""From which day a period runs: one event or date, or the earliest or latest of several (K32). Pure.

In a schedule: `trigger: filed`, `trigger: {latest: [relationship_ended, formed]}`, `trigger: {earliest: […]}`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from records.errors import InvalidInput
from records.terms import Choice, Trigger

Facts = Mapping[Trigger, dt.date | None]
"""The day of each event that has happened; one that has not is absent or None."""

EVENTS = frozenset({Trigger.AGREEMENT_ENDED, Trigger.LEASE_ENDED, Trigger.DEREGISTERED, Trigger.TRANSACTION_ENDED})
"""What somebody has to report: the archive does not see it by itself."""


@dataclass(frozen=True, kw_only=True)
class Combined:
    choice: Choice
    triggers: tuple[Trigger, ...]

    def __str__(self) -> str:
        return f"{self.choice}:{','.join(self.triggers)}"


Start = Trigger | Combined


def started_on(start: Start, facts: Facts) -> dt.date | None:
    """The day the period runs from; None while it does not run yet.

    The latest of several is known once all have happened, the earliest with the first.
    """
    if isinstance(start, Trigger):
        return facts.get(start)
    days = [facts.get(trigger) for trigger in start.triggers]
    happened = [day for day in days if day is not None]
    if not happened or (start.choice == Choice.LATEST and len(happened) < len(days)):
        return None
    return max(happened) if start.choice == Choice.LATEST else min(happened)


def parse_start(said: Any) -> Start:
    """As a schedule's file has it, or as a row keeps it (`str` of a start).

    Raises:
        InvalidInput: an unknown event, or a combination of fewer than two.
    """
    try:
        if isinstance(said, Mapping):
            ((choice, names),) = said.items()
        elif ":" in str(said):
            choice, _, joined = str(said).partition(":")
            names = joined.split(",")
        else:
            return Trigger(said)
        combined = Combined(choice=Choice(choice), triggers=tuple(Trigger(name) for name in names))
    except (ValueError, TypeError) as exc:
        raise InvalidInput(f"A trigger is one of {[each.value for each in Trigger]}, or `latest` or `earliest` of "
                           "several.") from exc  # fmt: skip
    if len(set(combined.triggers)) < 2:
        raise InvalidInput("A combination of triggers has at least two.")
    return combined
