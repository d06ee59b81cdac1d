"""Retention: what is due, holds, destruction lists and the register."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from api.deps import Reading
from api.routes import disposal, retention
from api.schemas.disposal import ListView
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import REGISTER, RETENTION
from records.actors import Actor
from records.terms import ListState, Role

router = router_of(RETENTION)
register_router = router_of(REGISTER)

SHOWN = 50
Cursor = Annotated[str | None, Query(max_length=400)]


@router.get("/retention")
def get_retention(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    due = retention.list_due(who.actor, session, cursor, SHOWN)
    holds = retention.list_holds(session, None, SHOWN).items
    lists = disposal.list_lists(session, None, SHOWN).items
    acted = [*(hold.placed_by for hold in holds), *(each.proposed_by for each in lists)]
    return show(
        request, "retention.html", who=who, due=due.items, next_cursor=due.next_cursor, holds=holds, lists=lists,
        names=names_of(session, acted), may_release=who.actor.may(Role.APPROVER),
    )  # fmt: skip


@register_router.get("/retention/lists/{list_id}")
def get_list(list_id: str, request: Request, who: Visitor, session: Reading) -> Response:
    found = disposal.get_list(list_id, session)
    signed = [person for each in found.approvals for person in (each.user_id, each.on_behalf_of)]
    acted = [found.proposed_by, found.confirmed_by, found.executed_by, *signed]
    return show(
        request, "list.html", who=who, list=found, names=names_of(session, acted),
        titles={seat.name: seat.title for seat in found.seats}, **_offers(who.actor, found),
    )  # fmt: skip


def _offers(actor: Actor, found: ListView) -> dict[str, bool]:
    """What the page offers. Who may do what is decided where it is done; this only spares a refusal."""
    is_author, state = actor.id == found.proposed_by, found.state
    has_signed = any(actor.id in (each.user_id, each.on_behalf_of) for each in found.approvals if each.is_approved)
    is_open = any(not seat.is_signed and (seat.may_be_author or not is_author) and actor.may(*seat.roles)
                  for seat in found.seats)  # fmt: skip
    waits = state == ListState.APPROVED and found.needs_confirmation and found.confirmed_at is None
    is_fresh = not (is_author or has_signed or actor.id == found.confirmed_by)
    return {
        "may_decide": state == ListState.PROPOSED and is_open and not has_signed,
        "may_revise": state == ListState.RETURNED and is_author,
        "may_withdraw": state in (ListState.PROPOSED, ListState.RETURNED) and is_author,
        "may_confirm": waits and not is_author,
        "may_execute": state in (ListState.APPROVED, ListState.EXECUTING) and not waits and is_fresh
        and actor.may(Role.ARCHIVIST),
    }  # fmt: skip


@register_router.get("/register")
def get_register(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    entries = retention.list_register(session, cursor, SHOWN)
    chain = retention.verify_register(session)
    return show(request, "register.html", who=who, entries=entries.items, next_cursor=entries.next_cursor, chain=chain)
