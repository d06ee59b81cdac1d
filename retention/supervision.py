"""Supervised execution (监销): two people from two departments count before, and sign after (R100).

The archive draws a sample when a list is approved. A supervisor opens each record of it – the audit log must show it –
and says how many records he counted; only then can the list be carried out, by somebody else. He signs at the end, when
everything is destroyed and the paper gone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.errors import Conflict, InvalidInput, NotPermitted, NotSupervised, SampleNotOpened, WrongState
from records.ids import utc_now
from records.models import AuditEntry, Document, User
from records.terms import ListState
from retention.closing import close_if_done
from retention.listed import check_seen, has_paper_left, locked_list, policy_of_list
from retention.models import DestructionList, ListedDocument, Supervision
from retention.policies import SIGNING_ROLES, SUPERVISORS

LEAST_SAMPLE, MOST_SAMPLE, SHARE = 5, 20, 0.05
SIGNED, LOOKED_AT = "list.decided", "document.viewed"


def draw_sample(document_ids: Sequence[str], chance: random.Random | None = None) -> list[str]:
    """Some of a list's documents, ordered: a twentieth, at least 5 and at most 20 of them."""
    size = min(len(document_ids), max(LEAST_SAMPLE, min(MOST_SAMPLE, math.ceil(len(document_ids) * SHARE))))
    return sorted((chance or random.SystemRandom()).sample(sorted(document_ids), size))


def shown(session: Session, list_id: str) -> list[str]:
    """The documents of a list that somebody may open: restricted ones are shown to nobody."""
    statement = (
        select(ListedDocument.document_id)
        .join(Document, Document.id == ListedDocument.document_id)
        .where(ListedDocument.list_id == list_id, Document.restricted_at.is_(None))
    )
    return list(session.scalars(statement.order_by(ListedDocument.document_id)))


def count_list(session: Session, actor: Actor, list_id: str, *, documents: int) -> Supervision:
    """Say how many records one counted before the list is carried out.

    Raises:
        NotPermitted: the actor drew the list up, or has no department.
        Conflict: the other supervisor is of the same department, or there are two already.
        SampleNotOpened: names a record of the sample that the actor has not opened since the list was approved.
        InvalidInput: the count is not that of the list.
    """
    actor.require(*SIGNING_ROLES)
    counted = locked_list(session, list_id)
    if counted.state != ListState.APPROVED:
        raise WrongState(list_id=list_id, state=counted.state)
    check_seen(session, actor, list_id)
    department = _department_for(session, actor, counted)
    _check_opened(session, actor, counted)
    if documents != session.scalar(select(func.count()).where(ListedDocument.list_id == list_id)):
        raise InvalidInput("The count is not that of the list. Count again, or have the list returned.")
    made = Supervision(list_id=list_id, user_id=actor.id, department=department, counted_documents=documents)
    session.add(made)
    session.flush()
    audit.record(session, actor, "list.counted", f"list:{list_id}", count=documents, sample=len(counted.sample))
    return made


def sign_supervision(session: Session, actor: Actor, list_id: str, *, remark: str) -> DestructionList:
    """Sign that everything on the list is destroyed, its paper too; the second signature closes the list."""
    signed = locked_list(session, list_id)
    own = session.get(Supervision, (list_id, actor.id))
    if own is None:
        raise NotPermitted("Only who counted before signs after.", list_id=list_id)
    if signed.state != ListState.EXECUTED or own.signed_at is not None:
        raise WrongState(list_id=list_id, state=signed.state)
    if has_paper_left(session, list_id):
        raise WrongState("There is paper whose destruction is not recorded.", list_id=list_id)
    own.signed_at, own.remark = utc_now(), remark
    session.flush()
    close_if_done(session, actor, signed)
    audit.record(session, actor, "list.supervised", f"list:{list_id}", number=signed.number)
    return signed


def supervisions_of(session: Session, list_id: str) -> list[Supervision]:
    statement = select(Supervision).where(Supervision.list_id == list_id).order_by(Supervision.counted_at)
    return list(session.scalars(statement))


def opened_of_sample(session: Session, actor: Actor, of: DestructionList) -> set[str]:
    """Which records of the sample the actor has opened since the list was approved.

    By the order of the audit log, not by the time: clocks are set back, and those of two machines differ.
    """
    approved = select(func.max(AuditEntry.seq)).where(AuditEntry.object == f"list:{of.id}", AuditEntry.action == SIGNED)
    looked = select(AuditEntry.object).where(
        AuditEntry.object.in_([f"document:{document_id}" for document_id in of.sample]),
        AuditEntry.actor == actor.id,
        AuditEntry.action == LOOKED_AT,
        AuditEntry.seq > approved.scalar_subquery(),
    )
    return {subject.partition(":")[2] for subject in session.scalars(looked)}


def check_supervised(session: Session, started: DestructionList) -> None:
    """Raises NotSupervised where the list's policy wants supervisors and not both have counted."""
    counted = len(supervisions_of(session, started.id))
    if policy_of_list(started).needs_supervision and counted < SUPERVISORS:
        raise NotSupervised(list_id=started.id, counted=counted)


def _department_for(session: Session, actor: Actor, counted: DestructionList) -> str:
    user, others = session.get(User, actor.id), supervisions_of(session, counted.id)
    if user is None or not user.department:
        raise NotPermitted("A supervisor must belong to a department.", list_id=counted.id)
    if actor.id == counted.proposed_by:
        raise NotPermitted("Whoever proposed a list cannot supervise it.", list_id=counted.id)
    if len(others) >= SUPERVISORS:
        raise Conflict("Two supervisors have counted this list already.", list_id=counted.id)
    if user.department in {each.department for each in others}:
        raise Conflict("The two supervisors come from two departments.", list_id=counted.id)
    return user.department


def _check_opened(session: Session, actor: Actor, counted: DestructionList) -> None:
    closed = set(counted.sample) - opened_of_sample(session, actor, counted)
    if closed:
        raise SampleNotOpened(document_id=min(closed), left=len(closed))
