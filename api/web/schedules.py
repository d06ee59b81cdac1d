"""Schedules: their versions, and what a draft would move."""

from __future__ import annotations

from fastapi import Request, Response

from api.deps import Reading
from api.routes import schedules
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import RETENTION
from api.web.retention import SHOWN, Cursor
from records.errors import NotFound
from records.terms import Role, ScheduleState

router = router_of(RETENTION)


@router.get("/retention/schedules")
def get_schedules(request: Request, who: Visitor, session: Reading) -> Response:
    found = schedules.list_schedules(session).schedules
    names = names_of(session, (each.loaded_by for each in found))
    return show(request, "schedules.html", who=who, schedules=found, names=names)


@router.get("/retention/schedules/{version}")
def get_schedule(version: int, request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    found = next((each for each in schedules.list_schedules(session).schedules if each.version == version), None)
    if found is None:
        raise NotFound(version=version)
    names = names_of(session, [found.loaded_by, found.decided_by])
    is_draft = found.state == ScheduleState.DRAFT
    moves = schedules.list_moves(version, session, cursor, SHOWN) if is_draft else None
    return show(
        request, "schedule.html", who=who, schedule=found, names=names,
        summary=schedules.summarise_moves(version, session) if is_draft else None,
        moves=moves.items if moves else [], next_cursor=moves.next_cursor if moves else None,
        may_approve=is_draft and who.actor.may(Role.APPROVER) and who.actor.id != found.loaded_by,
    )  # fmt: skip
