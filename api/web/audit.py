"""The audit browser: acts by what they were done to, by whom and which, newest first, and the check of the chain."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.deps import Reading
from api.routes import audit
from api.web.pages import Visitor, router_of, show
from api.web.people import STATION, names_of
from api.web.places import AUDIT
from records.models import Station, User

router = router_of(AUDIT)

SHOWN = 50
Chosen = Annotated[str, Query(max_length=400)]


@router.get("/audit")
def get_audit(  # noqa: PLR0913 - each filter is an argument
    request: Request,
    who: Visitor,
    session: Reading,
    subject: Chosen = "",
    by: Chosen = "",
    action: Chosen = "",
    cursor: Chosen = "",
) -> Response:
    actor_id = _actor_called(session, by.strip()) if by.strip() else None
    found = audit.list_entries(
        session, subject.strip() or None, actor_id, action.strip() or None, True, cursor or None, SHOWN
    )
    return show(
        request, "audit.html", who=who, entries=found.items, next_cursor=found.next_cursor,
        names=names_of(session, [entry.actor for entry in found.items]), subject=subject, by=by, action=action,
    )  # fmt: skip


def _actor_called(session: Session, name: str) -> str:
    """The id somebody of this name acts under; what is no name is taken for an id."""
    user_id = session.scalar(select(User.id).where(User.name == name))
    station_id = session.scalar(select(Station.id).where(Station.name == name)) if user_id is None else None
    return user_id or (f"{STATION}{station_id}" if station_id else name)
