"""Paper and electronic record are one unit: the shredding of the paper is recorded too (R105, R106, R111).

Where a paper is, and was, stands in `retention/movements.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.errors import InvalidInput, NotFound, NotPermitted, WrongState
from records.models import Document
from records.terms import ListState, Role, ShreddingMethod
from retention import register
from retention.closing import close_if_done
from retention.delegations import signatory
from retention.listed import locked_list, papers_left
from retention.models import DestructionList, ListApproval, Paper, Supervision
from retention.movements import lent_among


@dataclass(frozen=True, kw_only=True)
class Shredding:
    """How paper was destroyed: where, when, by whom seen. No documents: all of the list's paper that is left."""

    method: ShreddingMethod
    place: str
    witness_id: str
    on: dt.date
    document_ids: Sequence[str] = ()


def record_shredding(
    session: Session, actor: Actor, list_id: str, shredding: Shredding, today: dt.date
) -> DestructionList:
    """Record that the paper of destroyed documents is destroyed too; the list closes with the last.

    Raises:
        NotPermitted: the witness is the actor, or not a supervisor of a supervised list.
        NotFound: a document named has no paper left on this list.
        InvalidInput: the day is still to come, or before the list was approved.
        WrongState: a paper is lent out; it must come back first.
    """
    actor.require(Role.ARCHIVIST)
    shredded = locked_list(session, list_id)
    if shredded.state not in (ListState.EXECUTING, ListState.EXECUTED):
        raise WrongState(list_id=list_id, state=shredded.state)
    _check_witness(session, actor, list_id, shredding.witness_id)
    signed = select(func.max(ListApproval.decided_at)).where(ListApproval.list_id == list_id)
    approved_at = session.scalar(signed)
    if not shredding.place.strip() or shredding.on > today or (approved_at and shredding.on < approved_at.date()):
        raise InvalidInput("Paper is destroyed in a place, after its list was approved and not in the future.")
    locked = papers_left(list_id).with_for_update(of=Paper)
    left = {paper.document_id: paper for paper in session.scalars(locked)}
    missing = set(shredding.document_ids) - set(left)
    if missing or not left:
        raise NotFound("There is no such paper left on this list.", list_id=list_id)
    chosen = sorted(set(shredding.document_ids) or left)
    if lent := lent_among(session, chosen):
        raise WrongState("A paper is lent out. Enter its return first.", document_id=min(lent))
    for document_id in chosen:
        _shred(session, actor, list_id, left[document_id], shredding)
    session.flush()
    close_if_done(session, actor, shredded)
    audit.record(
        session, actor, "list.paper_destroyed", f"list:{list_id}", method=shredding.method,
        witness=shredding.witness_id, count=len(chosen),
    )  # fmt: skip
    return shredded


def _shred(session: Session, actor: Actor, list_id: str, paper: Paper, shredding: Shredding) -> None:
    paper.list_id, paper.method, paper.destroyed_on = list_id, shredding.method, shredding.on
    paper.destroyed_place, paper.destroyed_by = shredding.place, actor.id
    paper.witness_id = shredding.witness_id
    document = session.get_one(Document, paper.document_id)
    facts = {
        "method": shredding.method,
        "place": shredding.place,
        "on": shredding.on.isoformat(),
        "destroyed_by": actor.id,
        "witness": shredding.witness_id,
    }
    register.append(session, document, list_id=list_id, event=register.PAPER_DESTROYED, facts=facts)


def _check_witness(session: Session, actor: Actor, list_id: str, witness_id: str) -> None:
    if signatory(session, witness_id) is None:
        raise NotFound(user_id=witness_id)
    if witness_id == actor.id:
        raise NotPermitted("Nobody witnesses what he does himself.", list_id=list_id)
    supervisors = set(session.scalars(select(Supervision.user_id).where(Supervision.list_id == list_id)))
    if supervisors and witness_id not in supervisors:
        raise NotPermitted("On a supervised list a supervisor is the witness.", list_id=list_id)
