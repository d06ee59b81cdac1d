"""Restricted processing (限制处理): what a law keeps and nobody may use – not shown, found or handed out (K23).

It leaves the search index in the same transaction: to be stored is all that is left to it, and a count of hits, a facet
or an excerpt would be a use.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.documents import visible_document, visible_documents
from records.errors import InvalidInput, WrongState
from records.ids import utc_now
from records.models import Document
from records.terms import DocumentState, Role
from retention.models import Restriction

PERSON = "person"
Reindex = Callable[[Session, Document], None]
"""Brings the search index in line with a document as it stands now: out of it where it is restricted."""


def restricted_documents(actor: Actor) -> Select[Document]:
    """What is restricted now, for those who decide on its retention."""
    actor.require(Role.ARCHIVIST, Role.APPROVER)
    return visible_documents(actor, restricted=True).where(
        Document.restricted_at.is_not(None), Document.state == DocumentState.FILED
    )


def restrict(session: Session, actor: Actor, document_id: str, *, reason: str, reindex: Reindex) -> Document:
    """Hide a record from everybody; its period, holds and destruction go on."""
    actor.require(Role.ARCHIVIST, Role.APPROVER)
    document = _filed(session, actor, document_id)
    if not reason.strip() or document.restricted_at is not None:
        raise WrongState("A record is restricted once, with a reason.", document_id=document_id)
    apply_restriction(session, actor, document, reason=reason, source=PERSON)
    reindex(session, document)
    audit.record(session, actor, "document.restricted", f"document:{document_id}")
    return document


def apply_restriction(session: Session, actor: Actor, document: Document, *, reason: str, source: str) -> None:
    """Mark a locked record; one that is restricted already stays so for its first reason."""
    if document.restricted_at is not None:
        return
    document.restricted_at, document.version = utc_now(), document.version + 1
    session.add(Restriction(document_id=document.id, reason=reason, source=source, placed_by=actor.id))


def lift_restriction(session: Session, actor: Actor, document_id: str, *, reason: str, reindex: Reindex) -> Document:
    """Show a record again, by an approver who did not restrict it."""
    actor.require(Role.APPROVER)
    document = _filed(session, actor, document_id)
    open_ones = select(Restriction).where(Restriction.document_id == document_id, Restriction.lifted_at.is_(None))
    found = session.scalars(open_ones).one_or_none()
    if found is None:
        raise WrongState("The record is not restricted.", document_id=document_id)
    if not reason.strip() or found.placed_by == actor.id:
        raise InvalidInput("A restriction is lifted with a reason, by somebody who did not place it.")
    found.lifted_by, found.lifted_at, found.lift_reason = actor.id, utc_now(), reason
    document.restricted_at, document.version = None, document.version + 1
    reindex(session, document)
    audit.record(session, actor, "document.restriction_lifted", f"document:{document_id}")
    return document


def _filed(session: Session, actor: Actor, document_id: str) -> Document:
    document = visible_document(session, actor, document_id, lock=True, restricted=True)
    if document.state != DocumentState.FILED:
        raise WrongState(document_id=document_id, state=document.state)
    return document
