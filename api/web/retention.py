"""Retention: what is due, holds, destruction lists and the register."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.deps import Reading
from api.routes import disposal, reminders, retention
from api.schemas.disposal import ListView
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import REGISTER, RETENTION
from records.actors import Actor
from records.models import User
from records.terms import DocumentKind, ListState, Role, ShreddingMethod, SignOffDecision
from retention.delegations import principals_of
from retention.listed import has_paper_left, policy_of_list
from retention.models import DestructionList
from retention.policies import SIGNING_ROLES, SUPERVISORS

router = router_of(RETENTION)
register_router = router_of(REGISTER)

SHOWN = 50
DECISIONS = (
    (SignOffDecision.AGREED, "retention.approve"),
    (SignOffDecision.RETURNED, "retention.return"),
    (SignOffDecision.REFUSED, "retention.reject"),
)
Cursor = Annotated[str | None, Query(max_length=400)]


@router.get("/retention")
def get_retention(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    due = retention.list_due(who.actor, session, cursor, SHOWN)
    holds = retention.list_holds(session, None, SHOWN).items
    lists = disposal.list_lists(session, None, SHOWN).items
    acted = [*(hold.placed_by for hold in holds), *(each.proposed_by for each in lists)]
    return show(
        request, "retention.html", who=who, due=due.items, next_cursor=due.next_cursor, holds=holds, lists=lists,
        waiting=len(reminders.list_reminders(who.actor, session).reminders), names=names_of(session, acted),
        kinds=list(DocumentKind), may_release=who.actor.may(Role.APPROVER),
    )  # fmt: skip


@register_router.get("/retention/lists/{list_id}")
def get_list(list_id: str, request: Request, who: Visitor, session: Reading) -> Response:
    found = disposal.get_list(list_id, who.actor, session)
    signed = [person for each in found.approvals for person in (each.user_id, each.on_behalf_of)]
    watched = [each.user_id for each in found.supervisions]
    acted = [found.proposed_by, found.confirmed_by, found.executed_by, *signed, *watched]
    acted += [person for paper in found.papers for person in (paper.destroyed_by, paper.witness_id)]
    return show(
        request, "list.html", who=who, list=found, names=names_of(session, acted),
        titles={seat.name: seat.title for seat in found.seats}, methods=list(ShreddingMethod), decisions=DECISIONS,
        codes={each.document_id: each.archival_code for each in found.documents}, today=retention.today(),
        papers={paper.document_id: paper for paper in found.papers}, witnesses=_witnesses(session, who.actor, found),
        principals=_principals(session, who.actor, found),
        **_offers(who.actor, found, has_paper=has_paper_left(session, list_id)),
    )  # fmt: skip


def _principals(session: Session, actor: Actor, found: ListView) -> list[User]:
    """In whose place the actor may sign this list now."""
    signed = {person for each in found.approvals if each.is_approved for person in (each.user_id, each.on_behalf_of)}
    if found.state != ListState.PROPOSED or actor.id in signed or not actor.may(*SIGNING_ROLES):
        return []
    policy = policy_of_list(session.get_one(DestructionList, found.id))
    seats = [policy.seat(seat.name) for seat in found.seats if not seat.is_signed]
    principals = principals_of(session, actor, seats, retention.today())
    return [each for each in principals if each.id not in signed and found.proposed_by not in (actor.id, each.id)]


def _witnesses(session: Session, actor: Actor, found: ListView) -> list[User]:
    """Who can have seen paper destroyed: the supervisors, or anybody else where there are none."""
    others = select(User).where(User.id != actor.id, User.disabled_at.is_(None)).order_by(User.name)
    supervisors = [each.user_id for each in found.supervisions]
    return list(session.scalars(others.where(User.id.in_(supervisors)) if supervisors else others))


def _offers(actor: Actor, found: ListView, *, has_paper: bool) -> dict[str, bool]:
    """What the page offers. Who may do what is decided where it is done; this only spares a refusal.

    Args:
        has_paper: of something destroyed; the paper of what was kept is waited for by nobody.
    """
    is_author, state = actor.id == found.proposed_by, found.state
    has_signed = any(actor.id in (each.user_id, each.on_behalf_of) for each in found.approvals if each.is_approved)
    is_open = any(not seat.is_signed and (seat.may_be_author or not is_author) and actor.may(*seat.roles)
                  for seat in found.seats)  # fmt: skip
    waits = state == ListState.APPROVED and found.needs_confirmation and found.confirmed_at is None
    watch = {each.user_id: each for each in found.supervisions}
    uncounted = found.needs_supervision and len(watch) < SUPERVISORS
    is_fresh = not (is_author or has_signed or actor.id == found.confirmed_by or actor.id in watch)
    own = watch.get(actor.id)
    return {
        "may_decide": state == ListState.PROPOSED and is_open and not has_signed,
        "may_revise": state == ListState.RETURNED and is_author,
        "may_withdraw": state in (ListState.PROPOSED, ListState.RETURNED) and is_author,
        "may_confirm": waits and not is_author,
        "may_count": state == ListState.APPROVED and uncounted and own is None and not is_author,
        "may_execute": state in (ListState.APPROVED, ListState.EXECUTING) and not (waits or uncounted) and is_fresh
        and actor.may(Role.ARCHIVIST),
        "may_shred": state == ListState.EXECUTED and has_paper and actor.may(Role.ARCHIVIST),
        "may_watch": state == ListState.EXECUTED and not has_paper and own is not None and own.signed_at is None,
    }  # fmt: skip


@register_router.get("/register")
def get_register(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    entries = retention.list_register(session, cursor, SHOWN)
    chain = retention.verify_register(session)
    return show(request, "register.html", who=who, entries=entries.items, next_cursor=entries.next_cursor, chain=chain)
