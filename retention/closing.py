"""When a list is final: carried out, its paper gone, and signed by the supervisors its policy wants (R105)."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.ids import utc_now
from records.models import Document
from records.terms import DocumentState, ListState
from retention.listed import policy_of_list
from retention.models import DestructionList, ListedDocument, Paper, Supervision


def close_if_done(session: Session, actor: Actor, of: DestructionList) -> None:
    if of.state != ListState.EXECUTED or of.closed_at is not None or _is_waited_for(session, of):
        return
    of.closed_at, of.version = utc_now(), of.version + 1
    audit.record(session, actor, "list.closed", f"list:{of.id}", number=of.number)


def _is_waited_for(session: Session, of: DestructionList) -> bool:
    signed = select(func.count()).where(Supervision.list_id == of.id, Supervision.signed_at.is_not(None))
    if policy_of_list(of).needs_supervision and (session.scalar(signed) or 0) < 2:
        return True
    paper = (
        select(Paper.document_id)
        .join(Document, Document.id == Paper.document_id)
        .join(
            ListedDocument,
            or_(ListedDocument.document_id == Document.id, ListedDocument.document_id == Document.duplicate_of),
        )
        .where(
            ListedDocument.list_id == of.id,
            Document.state == DocumentState.DESTROYED,
            Paper.destroyed_on.is_(None),
        )
    )
    return session.scalar(paper.limit(1)) is not None
