"""What waits too long, and what falls due when."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Reading, TheActor, require
from api.routes.retention import ONLOOKERS, today
from api.schemas.reminders import CalendarView, MonthView, RemindersView, ReminderView
from retention import reminders

router = APIRouter(tags=["retention"], dependencies=[require(*ONLOOKERS)])


@router.get("/retention/reminders", summary="What waits and is one's business by now, longest first")
def list_reminders(actor: TheActor, session: Reading) -> RemindersView:
    found = reminders.reminders_for(session, actor, today())
    return RemindersView(reminders=[ReminderView.model_validate(each) for each in found])


@router.get("/retention/calendar", summary="How many records fall due in each month")
def get_calendar(
    actor: TheActor,
    session: Reading,
    first: Annotated[dt.date | None, Query(description="A day of the first month; this month if absent.")] = None,
    months: Annotated[int, Query(ge=1, le=reminders.MOST_MONTHS)] = 12,
) -> CalendarView:
    found = reminders.calendar(session, actor, first or today(), months)
    return CalendarView(
        months=[MonthView(month=month, total=counts.total(), classes=counts) for month, counts in found.items()]
    )
