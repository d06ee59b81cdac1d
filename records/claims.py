"""Claims: a waiting document is in one person's hands at a time.

A claim is a lease. It is renewed while somebody works and lapses when he leaves without a word; then the next person
gets the document. A decision of somebody else is refused while a claim lives.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, delete, exists, select
from sqlalchemy.orm import Session

from records.actors import Actor
from records.desk_models import Keying, SetAside, VerificationClaim
from records.documents import readable_document, visible_documents
from records.errors import ClaimedByAnother, WrongState
from records.ids import utc_now
from records.models import Document
from records.terms import DocumentState, Role, WaitingFor


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody would like to work on next. `after`: the document to go on from, in the order of the queue."""

    after: str | None = None
    waiting_for: WaitingFor | None = None


def claim_next(
    session: Session, actor: Actor, wish: Wish, lease: dt.timedelta
) -> tuple[Document, VerificationClaim] | None:
    """The oldest document that nobody has in hand and nobody set aside, now in the actor's; None: there is none."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    after = wish.after
    while True:
        free = free_documents(actor, wish.waiting_for)
        statement = free.where(Document.id > after) if after else free
        document = session.scalars(statement.limit(1).with_for_update(of=Document, skip_locked=True)).one_or_none()
        if document is None:
            return None
        # On PostgreSQL another may have claimed it between the snapshot and the lock: the row itself decides.
        claimed = take(session, actor, document.id, lease)
        if claimed is not None:
            return document, claimed
        after = document.id


def claim(session: Session, actor: Actor, document_id: str, lease: dt.timedelta) -> VerificationClaim:
    """Take a certain document, or keep it for longer.

    Raises:
        ClaimedByAnother: somebody else has it in hand.
        WrongState: it does not wait for a person.
    """
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = readable_document(session, actor, document_id, lock=True)
    if document.state != DocumentState.WAITING:
        raise WrongState(document_id=document_id, state=document.state)
    claimed = take(session, actor, document_id, lease)
    if claimed is None:
        raise ClaimedByAnother(document_id=document_id)
    return claimed


def release(session: Session, actor: Actor, document_id: str) -> None:
    """Give a document back to the queue; harmless where the actor has it not."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    mine = (VerificationClaim.document_id == document_id, VerificationClaim.user_id == actor.id)
    session.execute(delete(VerificationClaim).where(*mine))


def require_free(session: Session, actor: Actor, document_id: str) -> None:
    """Raises ClaimedByAnother while somebody else has the document in hand."""
    held = session.get(VerificationClaim, document_id)
    if held is not None and held.user_id != actor.id and held.until > utc_now():
        raise ClaimedByAnother(document_id=document_id)


def end(session: Session, document_id: str) -> None:
    """The document waits no longer: whoever had it, and whoever set it aside, is done with it."""
    session.execute(delete(VerificationClaim).where(VerificationClaim.document_id == document_id))
    session.execute(delete(SetAside).where(SetAside.document_id == document_id))
    session.execute(delete(Keying).where(Keying.document_id == document_id))


def claims_on(session: Session, document_ids: Sequence[str]) -> Mapping[str, VerificationClaim]:
    """The live claims on these documents."""
    live = select(VerificationClaim).where(
        VerificationClaim.document_id.in_(document_ids), VerificationClaim.until > utc_now()
    )
    return {claimed.document_id: claimed for claimed in session.scalars(live)}


def is_set_aside() -> ColumnElement[bool]:
    return exists().where(SetAside.document_id == Document.id).correlate(Document)


def free_documents(actor: Actor, waiting_for: WaitingFor | None = None) -> Select[Document]:
    """What waits for this actor, oldest first: in nobody else's hands, not set aside, not typed into by himself."""
    others = exists().where(
        VerificationClaim.document_id == Document.id,
        VerificationClaim.user_id != actor.id,
        VerificationClaim.until > utc_now(),
    )
    typed = exists().where(Keying.document_id == Document.id, Keying.by == actor.id)
    waiting = visible_documents(actor).where(Document.state == DocumentState.WAITING, ~others, ~is_set_aside(), ~typed)
    if waiting_for is not None:
        waiting = waiting.where(Document.waiting_for == waiting_for)
    return waiting.order_by(Document.id)


def take(session: Session, actor: Actor, document_id: str, lease: dt.timedelta) -> VerificationClaim | None:
    """None where somebody else has it. The caller holds the lock on the document."""
    now = utc_now()
    held = session.get(VerificationClaim, document_id, populate_existing=True)
    if held is None:
        held = VerificationClaim(document_id=document_id, user_id=actor.id, until=now + lease)
        session.add(held)
    elif held.user_id != actor.id and held.until > now:
        return None
    held.user_id, held.until = actor.id, now + lease
    session.flush()
    return held
