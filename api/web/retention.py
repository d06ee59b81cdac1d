"""Retention: what is due, holds, destruction lists and the register."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from api.deps import Reading
from api.routes import retention
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import REGISTER, RETENTION
from records.terms import ListState, Role

router = router_of(RETENTION)
register_router = router_of(REGISTER)

SHOWN = 50
Cursor = Annotated[str | None, Query(max_length=400)]


@router.get("/retention")
def get_retention(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    due = retention.list_due(who.actor, session, cursor, SHOWN)
    holds = retention.list_holds(session, None, SHOWN).items
    lists = retention.list_lists(session, None, SHOWN).items
    acted = [*(hold.placed_by for hold in holds), *(each.proposed_by for each in lists)]
    return show(
        request, "retention.html", who=who, due=due.items, next_cursor=due.next_cursor, holds=holds, lists=lists,
        names=names_of(session, acted), may_release=who.actor.may(Role.APPROVER),
    )  # fmt: skip


@register_router.get("/retention/lists/{list_id}")
def get_list(list_id: str, request: Request, who: Visitor, session: Reading) -> Response:
    found = retention.get_list(list_id, session)
    acted = [found.proposed_by, found.executed_by, *(each.user_id for each in found.approvals)]
    is_other = who.actor.id not in acted  # who may do what is decided where it is done; this only spares a refusal
    return show(
        request, "list.html", who=who, list=found, names=names_of(session, acted),
        may_decide=is_other and found.state == ListState.PROPOSED and who.actor.may(Role.APPROVER),
        may_execute=is_other and found.state in (ListState.APPROVED, ListState.EXECUTING)
        and who.actor.may(Role.ARCHIVIST),
    )  # fmt: skip


@register_router.get("/register")
def get_register(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    entries = retention.list_register(session, cursor, SHOWN)
    chain = retention.verify_register(session)
    return show(request, "register.html", who=who, entries=entries.items, next_cursor=entries.next_cursor, chain=chain)
