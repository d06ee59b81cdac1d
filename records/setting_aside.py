"""A place for what a clerk cannot settle: set aside with a note, until somebody else takes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records import audit, claims
from records.actors import Actor
from records.desk_models import SetAside
from records.documents import readable_document, visible_documents
from records.errors import InvalidInput, NotFound, WrongState
from records.ids import utc_now
from records.models import Document
from records.sealing import Keyring, document_subject
from records.terms import DocumentState, Role

NOTE_CONTEXT = "set_asides.note"
LONGEST_NOTE = 1000


@dataclass(frozen=True, kw_only=True)
class Note:
    """Why somebody could not settle a document."""

    document_id: str
    by: str
    at: dt.datetime
    text: str | None


def set_aside(session: Session, keyring: Keyring, actor: Actor, document_id: str, note: str) -> SetAside:
    """Put a waiting document aside for somebody who knows more. The claim on it ends."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = _waiting(session, actor, document_id)
    text = note.strip()
    if not 0 < len(text) <= LONGEST_NOTE:
        raise InvalidInput(f"A note of 1 to {LONGEST_NOTE} characters says what is wanted.")
    claims.release(session, actor, document_id)
    sealed = keyring.seal(document_subject(document.id), text.encode(), NOTE_CONTEXT)
    row = session.merge(SetAside(document_id=document.id, by=actor.id, at=utc_now(), note_sealed=sealed))
    session.flush()
    audit.record(session, actor, "document.set_aside", f"document:{document_id}")
    return row


def give_back(session: Session, actor: Actor, document_id: str) -> None:
    """Put a document that was set aside back into the queue."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    _waiting(session, actor, document_id)
    row = session.get(SetAside, document_id)
    if row is None:
        raise NotFound("The document is not set aside.", document_id=document_id)
    session.delete(row)
    session.flush()
    audit.record(session, actor, "document.given_back", f"document:{document_id}")


def set_aside_documents(actor: Actor) -> Select[Document]:
    """Those set aside, oldest first."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    waiting = visible_documents(actor).where(Document.state == DocumentState.WAITING, claims.is_set_aside())
    return waiting.order_by(Document.id)


def notes_on(session: Session, keyring: Keyring, document_ids: Sequence[str]) -> list[Note]:
    """The notes in the clear, for somebody who may read these documents."""
    rows = list(session.scalars(select(SetAside).where(SetAside.document_id.in_(document_ids))))
    opened = keyring.open_many((document_subject(row.document_id), row.note_sealed, NOTE_CONTEXT) for row in rows)
    return [
        Note(document_id=row.document_id, by=row.by, at=row.at, text=plain.decode() if plain else None)
        for row, plain in zip(rows, opened, strict=True)
    ]


def _waiting(session: Session, actor: Actor, document_id: str) -> Document:
    document = readable_document(session, actor, document_id, lock=True)
    if document.state != DocumentState.WAITING:
        raise WrongState(document_id=document_id, state=document.state)
    claims.require_free(session, actor, document_id)
    return document
