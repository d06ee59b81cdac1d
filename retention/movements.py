"""Where a paper was, from when until when, who moved it and why: received, moved, lent out, returned (R91).

A line for each movement, only ever added. The last one says where the paper is now; the next one's time is its end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.documents import visible_document
from records.errors import InvalidInput, WrongState
from records.models import Document
from records.terms import DocumentState, MovementKind, Role
from retention.holds import GONE
from retention.models import Paper, PaperMovement

_FOLLOWS: dict[MovementKind | None, frozenset[MovementKind]] = {
    None: frozenset({MovementKind.RECEIVED}),
    MovementKind.LENT: frozenset({MovementKind.RETURNED}),
}
_AT_HOME = frozenset({MovementKind.MOVED, MovementKind.LENT})


@dataclass(frozen=True, kw_only=True)
class Movement:
    """`place` is where the paper goes; of one lent out, whose hands it is in. `back_on`: until when it is lent."""

    kind: MovementKind
    place: str
    reason: str
    back_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A movement and until when it held; None: it holds."""

    movement: PaperMovement
    until: dt.datetime | None


def move_paper(session: Session, actor: Actor, document_id: str, movement: Movement) -> Paper:
    """Enter a movement of a paper.

    Raises:
        WrongState: the archive does not have this paper, or does; it is lent out, or is not; or it is destroyed. Of a
            destroyed document the paper may still be returned, to be destroyed too.
        InvalidInput: nothing is said of where it goes, or why, or a loan has no day of return.
    """
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    document = visible_document(session, actor, document_id, lock=True, restricted=True)
    _check_said(movement)
    paper, last = session.get(Paper, document_id), _last(session, document_id)
    _check_follows(document, paper, last, movement)
    if paper is None:
        paper = Paper(document_id=document_id, place=movement.place, noted_by=actor.id)
        session.add(paper)
    paper.place, paper.noted_by = movement.place, actor.id
    session.add(
        PaperMovement(
            document_id=document_id, movement_no=last.movement_no + 1 if last else 1, kind=movement.kind,
            place=movement.place, reason=movement.reason, back_on=movement.back_on, by=actor.id,
        )
    )  # fmt: skip
    audit.record(session, actor, f"paper.{movement.kind}", f"document:{document_id}")
    return paper


def note_paper(session: Session, actor: Actor, document_id: str, *, place: str, reason: str = "") -> Paper:
    """Say that the archive keeps the paper of a document, and where; again: that it is there now."""
    last = _last(session, document_id)
    kind = MovementKind.RECEIVED
    if last is not None:
        kind = MovementKind.RETURNED if last.kind == MovementKind.LENT else MovementKind.MOVED
    return move_paper(session, actor, document_id, Movement(kind=kind, place=place, reason=reason or kind))


def stays_of(session: Session, actor: Actor, document_id: str) -> list[Stay]:
    """The whole ledger of one paper, the latest first; empty where the archive keeps none."""
    may_see_all = actor.may(Role.ARCHIVIST, Role.APPROVER)
    visible_document(session, actor, document_id, restricted=may_see_all)
    lines = select(PaperMovement).where(PaperMovement.document_id == document_id)
    rows = session.scalars(lines.order_by(PaperMovement.movement_no)).all()
    ends: list[dt.datetime | None] = [*(row.at for row in rows[1:]), None]
    return [Stay(movement=row, until=until) for row, until in zip(rows, ends, strict=False)][::-1]


def lent_among(session: Session, document_ids: Collection[str]) -> set[str]:
    """Those of the documents whose paper is lent out."""
    last = (
        select(PaperMovement.document_id, func.max(PaperMovement.movement_no).label("movement_no"))
        .where(PaperMovement.document_id.in_(document_ids))
        .group_by(PaperMovement.document_id)
        .subquery()
    )
    lent = (
        select(PaperMovement.document_id)
        .join(
            last,
            (last.c.document_id == PaperMovement.document_id) & (last.c.movement_no == PaperMovement.movement_no),
        )
        .where(PaperMovement.kind == MovementKind.LENT)
    )
    return set(session.scalars(lent))


def papers_at(session: Session, document_ids: Sequence[str]) -> list[Paper]:
    """The papers the archive has, or had, of these documents."""
    return list(session.scalars(select(Paper).where(Paper.document_id.in_(document_ids))))


def may_follow(last: PaperMovement | None) -> list[MovementKind]:
    """What may be entered next."""
    kind = None if last is None else MovementKind(last.kind)
    return sorted(_FOLLOWS.get(kind, _AT_HOME))


def _last(session: Session, document_id: str) -> PaperMovement | None:
    lines = select(PaperMovement).where(PaperMovement.document_id == document_id)
    return session.scalars(lines.order_by(PaperMovement.movement_no.desc()).limit(1)).first()


def _check_said(movement: Movement) -> None:
    if not movement.place.strip() or not movement.reason.strip():
        raise InvalidInput("Say where the paper goes, and why.")
    if (movement.back_on is not None) != (movement.kind == MovementKind.LENT):
        raise InvalidInput("A paper that is lent out has a day on which it comes back, and no other has.")


def _check_follows(document: Document, paper: Paper | None, last: PaperMovement | None, movement: Movement) -> None:
    if paper is not None and paper.destroyed_on is not None:
        raise WrongState("The paper is destroyed.", document_id=document.id)
    if movement.kind not in may_follow(last):
        now = "not here" if last is None else last.kind
        raise WrongState(f"The paper is {now}: it cannot be {movement.kind}.", document_id=document.id)
    if document.state in GONE and movement.kind != MovementKind.RETURNED:
        raise WrongState(document_id=document.id, state=DocumentState(document.state))
