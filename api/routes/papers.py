"""The paper the archive keeps of its documents, and every movement of it."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.orm import Session

from api.deps import Reading, TheActor, Writing, require
from api.once import OnlyOnce
from api.schemas.disposal import PaperBody, PaperView
from api.schemas.papers import MovementBody, MovementsView, MovementView
from records.actors import READERS, Actor
from records.terms import MovementKind
from retention import movements

router = APIRouter(tags=["retention"])


@router.post("/retention/papers", summary="Say where the paper of a document is kept")
def note_paper(body: PaperBody, actor: TheActor, session: Writing) -> PaperView:
    paper = movements.note_paper(session, actor, body.document_id, place=body.place, reason=body.reason)
    return PaperView.model_validate(paper)


@router.get(
    "/retention/papers/{document_id}/movements",
    summary="Where a paper was, from when until when, and why",
    dependencies=[require(*READERS)],
)
def list_movements(document_id: str, actor: TheActor, session: Reading) -> MovementsView:
    return _movements_view(session, actor, document_id)


@router.post(
    "/retention/papers/{document_id}/movements",
    status_code=201,
    summary="Enter that a paper was received, moved, lent out or returned",
)
def move_paper(
    document_id: str, body: MovementBody, actor: TheActor, session: Writing, once: OnlyOnce
) -> MovementsView:
    def move() -> MovementsView:
        movements.move_paper(session, actor, document_id, movements.Movement(**body.model_dump()))
        session.flush()
        return _movements_view(session, actor, document_id)

    return once.answer(body, move, MovementsView)


def _movements_view(session: Session, actor: Actor, document_id: str) -> MovementsView:
    stays = movements.stays_of(session, actor, document_id)
    last = stays[0].movement if stays else None
    lines = [
        MovementView(
            kind=MovementKind(stay.movement.kind),
            place=stay.movement.place,
            reason=stay.movement.reason,
            back_on=stay.movement.back_on,
            by=stay.movement.by,
            since=stay.movement.at,
            until=stay.until,
        )
        for stay in stays
    ]
    return MovementsView(document_id=document_id, movements=lines, next=movements.may_follow(last))
