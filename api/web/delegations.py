"""Delegations: who signs in whose place, given and taken back."""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy import select

from api.deps import Reading
from api.routes import disposal, retention
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import RETENTION
from api.web.retention import SHOWN
from records.models import User
from retention.delegations import roles_of
from retention.policies import SIGNING_ROLES
from retention.schedule import current_schedule

router = router_of(RETENTION)


@router.get("/retention/delegations")
def get_delegations(request: Request, who: Visitor, session: Reading) -> Response:
    found = disposal.list_delegations(who.actor, session, None, SHOWN).items
    others = session.scalars(
        select(User).where(User.id != who.actor.id, User.disabled_at.is_(None)).order_by(User.name)
    )
    return show(
        request, "delegations.html", who=who, delegations=found, today=retention.today(),
        names=names_of(session, [person for each in found for person in (each.principal_id, each.delegate_id)]),
        delegates=[each for each in others if not SIGNING_ROLES.isdisjoint(roles_of(each))],
        seats={seat.name: seat.title for seat in current_schedule(session).disposal.seats},
    )  # fmt: skip
