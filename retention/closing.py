"""When a list is final: carried out, its paper gone, and signed by the supervisors its policy wants (R105)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.ids import utc_now
from records.terms import ListState
from retention.listed import has_paper_left, policy_of_list
from retention.models import DestructionList, Supervision
from retention.policies import SUPERVISORS


def close_if_done(session: Session, actor: Actor, of: DestructionList) -> None:
    if of.state != ListState.EXECUTED or of.closed_at is not None or _is_waited_for(session, of):
        return
    of.closed_at, of.version = utc_now(), of.version + 1
    audit.record(session, actor, "list.closed", f"list:{of.id}", number=of.number)


def _is_waited_for(session: Session, of: DestructionList) -> bool:
    signed = select(func.count()).where(Supervision.list_id == of.id, Supervision.signed_at.is_not(None))
    if policy_of_list(of).needs_supervision and (session.scalar(signed) or 0) < SUPERVISORS:
        return True
    return has_paper_left(session, of.id)
