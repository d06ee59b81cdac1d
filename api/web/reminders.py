"""The calendar: what waits, and what falls due in the coming year."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Request, Response

from api.deps import Reading
from api.routes import reminders
from api.schemas.reminders import ReminderView
from api.web.pages import Visitor, router_of, show
from api.web.places import RETENTION

router = router_of(RETENTION)

MONTHS = 24
_PAGES = {
    "list": "/retention/lists/{}",
    "appraisal": "/retention/appraisals/{}",
    "request": "/retention/requests",
    "schedule": "/retention/schedules/{}",
}


@router.get("/retention/calendar")
def get_calendar(request: Request, who: Visitor, session: Reading) -> Response:
    found = reminders.list_reminders(who.actor, session).reminders
    months = reminders.get_calendar(who.actor, session, None, MONTHS).months
    return show(request, "calendar.html", who=who, reminders=found, links=links_of(found), months=months)


def links_of(found: Iterable[ReminderView]) -> dict[str | None, str]:
    """The page of each thing that waits, by its subject."""
    subjects = [each.subject for each in found if each.subject]
    return {subject: _PAGES[subject.partition(":")[0]].format(subject.partition(":")[2]) for subject in subjects}
