"""The verify page: the queue, and the place where one document after the other is settled."""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.deps import Reading, TheArchive
from api.routes import grouping, verification
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import VERIFY
from records.actors import Actor
from records.claims import claims_on
from records.documents import visible_documents
from records.models import Document
from records.setting_aside import notes_on
from records.terms import DocumentState, RescanReason, Role

router = router_of(VERIFY)

MOST_SHOWN = 50
MOST_COUNTED = 1000
UNREAD = (DocumentState.RECEIVED, DocumentState.READ)


@router.get("/verify")
def get_queue(request: Request, who: Visitor, archive: TheArchive, session: Reading) -> Response:
    queue = verification.list_waiting(who.actor, session, limit=MOST_SHOWN)
    aside = verification.list_waiting(who.actor, session, set_aside=True, limit=MOST_SHOWN)
    notes = {note.document_id: note for note in notes_on(session, archive.keyring, [each.id for each in aside.items])}
    held = claims_on(session, [each.id for each in queue.items])
    names = names_of(session, [*(each.by for each in notes.values()), *(each.user_id for each in held.values())])
    waiting = [each for each in queue.items if each.id not in notes]
    return show(
        request, "queue.html", who=who, documents=waiting, has_more=queue.next_cursor is not None, aside=aside.items,
        notes=notes, held=held, names=names, on_the_way=0 if waiting else _on_the_way(session, who.actor),
    )  # fmt: skip


def _on_the_way(session: Session, actor: Actor) -> int:
    """Documents that are still being read; counted up to a limit."""
    unread = visible_documents(actor).where(Document.state.in_(UNREAD)).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(unread.with_only_columns(Document.id).subquery())) or 0


@router.get("/verify/group")
def get_groups(request: Request, who: Visitor, session: Reading, rules: verification.TheRules) -> Response:
    """One field of many documents at once; without a choice, what there is to choose from."""
    chosen = (request.query_params.get("kind"), request.query_params.get("name"))
    return show(request, "group.html", who=who, groups=grouping.list_groups(who.actor, session, rules), chosen=chosen)


@router.get("/verify/{document_id}")
def get_workplace(document_id: str, request: Request, who: Visitor, rules: verification.TheRules) -> Response:
    """The workplace itself; its script takes this document, or the `next` that nobody has, and one more ahead."""
    start = "" if document_id == "next" else document_id
    return show(request, "verify.html", who=who, document_id=start, reasons=list(RescanReason),
                has_blind=bool(rules.double_keyed), may_add_late=who.actor.may(Role.ARCHIVIST))  # fmt: skip
