"""Destruction lists (销毁清册): proposed by one person, approved by two others, carried out by a fourth (R98, K37)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, numbering
from records.actors import Actor
from records.errors import Conflict, InvalidInput, NotDue, NotFound, NotPermitted, WrongState
from records.ids import utc_now
from records.models import Document
from records.terms import ListState, Role
from retention.due import due_documents
from retention.models import DestructionList, ListApproval, ListedDocument

APPROVALS_NEEDED = 2
NUMBER_PATTERN = "XH-{year}-{seq:05d}"


def propose_list(
    session: Session, actor: Actor, *, title: str, document_ids: Sequence[str], today: dt.date
) -> DestructionList:
    """Draw up a list of documents that are due.

    Raises:
        NotDue: names the first document that is not due, held, on another list, or not visible to the actor.
    """
    actor.require(Role.ARCHIVIST)
    wanted = sorted(set(document_ids))
    if not wanted:
        raise InvalidInput("A destruction list needs at least one document.")
    due = session.scalars(due_documents(actor, today).where(Document.id.in_(wanted)).with_for_update()).all()
    missing = set(wanted) - {document.id for document in due}
    if missing:
        raise NotDue("A document is not due, is held or stands on another list.", document_id=min(missing))
    proposed = DestructionList(
        number=numbering.next_code(session, NUMBER_PATTERN, year=today.year),
        title=title,
        state=ListState.PROPOSED,
        proposed_by=actor.id,
    )
    session.add(proposed)
    session.flush()
    session.add_all(ListedDocument(list_id=proposed.id, document_id=document_id) for document_id in wanted)
    audit.record(session, actor, "list.proposed", f"list:{proposed.id}", number=proposed.number, count=len(wanted))
    return proposed


def decide_list(session: Session, actor: Actor, list_id: str, *, is_approved: bool, opinion: str) -> DestructionList:
    """Approve or reject; two approvals by different people other than the author make the list approved.

    Raises:
        NotPermitted: the actor proposed the list.
        Conflict: the actor has decided already.
    """
    actor.require(Role.APPROVER)
    decided = locked_list(session, list_id)
    if decided.state != ListState.PROPOSED:
        raise WrongState(list_id=list_id, state=decided.state)
    if decided.proposed_by == actor.id:
        raise NotPermitted("Whoever proposed a list cannot approve it.", list_id=list_id)
    if session.get(ListApproval, (list_id, actor.id)) is not None:
        raise Conflict("You have decided on this list already.", list_id=list_id)
    session.add(ListApproval(list_id=list_id, user_id=actor.id, is_approved=is_approved, opinion=opinion))
    session.flush()
    if not is_approved:
        decided.state = ListState.REJECTED
    elif len(approvers(session, list_id)) >= APPROVALS_NEEDED:
        decided.state = ListState.APPROVED
    decided.version += 1
    audit.record(session, actor, "list.decided", f"list:{list_id}", number=decided.number, approved=is_approved)
    return decided


def begin_execution(session: Session, actor: Actor, list_id: str) -> DestructionList:
    """Move an approved list to executing, or take up again one whose execution was interrupted.

    Raises:
        NotPermitted: the actor proposed or approved the list.
    """
    actor.require(Role.ARCHIVIST)
    started = locked_list(session, list_id)
    if actor.id == started.proposed_by or actor.id in approvers(session, list_id):
        raise NotPermitted("Whoever proposed or approved a list cannot carry it out.", list_id=list_id)
    if started.state == ListState.EXECUTING:
        return started
    if started.state != ListState.APPROVED:
        raise WrongState(list_id=list_id, state=started.state)
    started.state, started.executed_by = ListState.EXECUTING, actor.id
    started.version += 1
    audit.record(session, actor, "list.execution_begun", f"list:{list_id}", number=started.number)
    return started


def finish_execution(session: Session, actor: Actor, list_id: str) -> DestructionList:
    """Close the list once every document on it has an outcome."""
    finished = locked_list(session, list_id)
    if finished.state != ListState.EXECUTING or unfinished(session, list_id):
        return finished
    finished.state, finished.executed_at = ListState.EXECUTED, utc_now()
    finished.version += 1
    audit.record(session, actor, "list.executed", f"list:{list_id}", number=finished.number)
    return finished


def locked_list(session: Session, list_id: str) -> DestructionList:
    statement = select(DestructionList).where(DestructionList.id == list_id).with_for_update()
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound(list_id=list_id)
    return found


def approvers(session: Session, list_id: str) -> set[str]:
    approved = select(ListApproval.user_id).where(ListApproval.list_id == list_id, ListApproval.is_approved.is_(True))
    return set(session.scalars(approved))


def unfinished(session: Session, list_id: str) -> list[str]:
    """Documents of the list that still have no outcome, in a fixed order."""
    statement = (
        select(ListedDocument.document_id)
        .where(ListedDocument.list_id == list_id, ListedDocument.outcome.is_(None))
        .order_by(ListedDocument.document_id)
    )
    return list(session.scalars(statement))
