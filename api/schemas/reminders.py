"""What waits, and what falls due when, on the wire."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.schemas.base import Wire
from records.terms import ReminderKind, Role


class ReminderView(Wire):
    """Something that waits. `roles`: whose business it is by now; it climbs with the days."""

    kind: ReminderKind
    since: dt.date
    days: int = Field(examples=[34])
    roles: list[Role]
    subject: str | None = Field(examples=["list:019aa8c1f3e07b1c2d3e4f5061728394"])
    number: str | None = Field(examples=["XH-2026-00003"])
    count: int | None = Field(examples=[120])


class RemindersView(Wire):
    """Longest first."""

    reminders: list[ReminderView]


class MonthView(Wire):
    """How many records fall due in a month, by class."""

    month: str = Field(examples=["2026-07"])
    total: int = Field(examples=[120])
    classes: dict[str, int] = Field(examples=[{"company_papers": 120}])


class CalendarView(Wire):
    months: list[MonthView]
