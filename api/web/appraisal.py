"""Appraisals: the rounds there are, and one with what its group says."""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.deps import Reading
from api.routes import appraisal
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import RETENTION
from api.web.retention import SHOWN, Cursor
from records.models import User
from records.terms import AppraisalPart, Role, Verdict

router = router_of(RETENTION)


@router.get("/retention/appraisals")
def get_appraisals(request: Request, who: Visitor, session: Reading) -> Response:
    found = appraisal.list_appraisals(session, None, SHOWN).items
    return show(
        request, "appraisals.html", who=who, appraisals=found, names=names_of(session, (a.opened_by for a in found)),
        may_open=who.actor.may(Role.ARCHIVIST), parts=list(AppraisalPart), people=_people(session),
    )  # fmt: skip


@router.get("/retention/appraisals/{appraisal_id}")
def get_appraisal(
    appraisal_id: str, request: Request, who: Visitor, session: Reading, cursor: Cursor = None
) -> Response:
    found = appraisal.get_appraisal(appraisal_id, session)
    records = appraisal.list_appraised(appraisal_id, session, cursor, SHOWN)
    members = {member.user_id: member.part for member in found.members}
    is_open = found.concluded_at is None
    return show(
        request, "appraisal.html", who=who, round=found, records=records.items, next_cursor=records.next_cursor,
        names=names_of(session, [found.opened_by, found.concluded_by, *members]),
        may_judge=is_open and who.actor.id in members,
        may_conclude=is_open and members.get(who.actor.id) == AppraisalPart.LEADER,
        verdicts=list(Verdict), report=None if is_open else appraisal.get_report(appraisal_id, session),
    )  # fmt: skip


def _people(session: Session) -> list[User]:
    """Whoever can sit in a group: people with an account, administrators and auditors apart."""
    users = session.scalars(select(User).where(User.disabled_at.is_(None)).order_by(User.name))
    return [user for user in users if not {Role.ADMINISTRATOR, Role.AUDITOR} & set(user.roles)]
