"""Changing the schedule: drafted by one, looked at record by record, put in force by another (R93, K34, K38).

A draft changes nothing. Its preview names every record it would move, and how. When it comes into force the records
move, each with a mark that says so – but none to an earlier day: what would fall due sooner keeps class and day. A copy
of an ID card that was kept for ever by an earlier version is the exception: its period starts (K22).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.errors import NotFound, NotPermitted, StaleVersion, WrongState
from records.filing import Term
from records.ids import utc_now
from records.models import Document, Part
from records.terms import Disposition, DocumentKind, DocumentState, MoveEffect, Role, ScheduleState
from retention.facts import DATED, Dated, DatedRecord, asked_for, facts_of_many, kinds_of_many
from retention.models import RetentionSchedule
from retention.policies import from_data
from retention.rules import UNSCHEDULED, Rule, Schedule
from retention.schedule import add_schedule, current_schedule, rule_of, schedule_of
from retention.terms import change_term

BATCH = 500
_Record = TypeVar("_Record", Document, DatedRecord)


@dataclass(frozen=True, kw_only=True)
class Move:
    """What a draft does to one record. `due_after` is what the draft says; `SHORTER` is not applied."""

    document_id: str
    archival_code: str | None
    class_before: str | None
    class_after: str
    due_before: dt.date | None
    due_after: dt.date | None
    effect: MoveEffect


def draft_schedule(session: Session, actor: Actor, source: bytes) -> int:
    """Put a new version beside the one in force, for somebody else to approve."""
    actor.require(Role.ARCHIVIST)
    version = add_schedule(session, actor, source, ScheduleState.DRAFT)
    audit.record(session, actor, "schedule.drafted", f"schedule:{version}")
    return version


def discard_schedule(session: Session, actor: Actor, version: int, *, reason: str) -> RetentionSchedule:
    actor.require(Role.ARCHIVIST, Role.APPROVER)
    discarded = _draft(session, version)
    discarded.state, discarded.decided_by, discarded.decided_at = ScheduleState.DISCARDED, actor.id, utc_now()
    audit.record(session, actor, "schedule.discarded", f"schedule:{version}", reason=reason)
    return discarded


def moves_of(session: Session, version: int, *, after: str = "") -> Iterator[Move]:
    """Every record the draft would move, in the order of their ids, beginning after one of them."""
    _draft(session, version)
    draft = schedule_of(session, version)
    for ids in _affected(session, draft, after=after):
        read = select(*DATED).where(Document.id.in_(ids), Document.state == DocumentState.FILED).order_by(Document.id)
        records = [DatedRecord._make(row) for row in session.execute(read)]
        yield from (move for _, _, move in _moves(session, draft, records))


def summary_of(moves: Iterator[Move]) -> Counter[tuple[str, str, MoveEffect]]:
    """How many records go from which class to which, and how."""
    return Counter((move.class_before or UNSCHEDULED, move.class_after, move.effect) for move in moves)


def approve_schedule(session: Session, actor: Actor, version: int, *, expected_moves: int) -> RetentionSchedule:
    """Put a draft in force and move the records it moves.

    Args:
        expected_moves: how many records the preview named, so that nobody approves what he has not seen.

    Raises:
        NotPermitted: the actor drafted it.
        StaleVersion: by now it would move another number of records.
    """
    actor.require(Role.APPROVER)
    approved = _draft(session, version, lock=True)
    if approved.loaded_by == actor.id:
        raise NotPermitted("Whoever drafted a schedule cannot approve it.", version=version)
    in_force = current_schedule(session).version
    if version <= in_force:
        raise StaleVersion("A later schedule is in force already.", in_force=in_force, found=version)
    counts = _apply(session, actor, schedule_of(session, version))
    if sum(counts.values()) != expected_moves:
        raise StaleVersion("The draft moves another number of records now. Look at its preview again.",
                           found=expected_moves, current=sum(counts.values()))  # fmt: skip
    approved.state, approved.decided_by, approved.decided_at = ScheduleState.IN_FORCE, actor.id, utc_now()
    waived = sorted(from_data(approved.disposal).waived)
    audit.record(session, actor, "schedule.approved", f"schedule:{version}", waived=waived, **counts)
    return approved


def _apply(session: Session, actor: Actor, draft: Schedule) -> Counter[str]:
    counts: Counter[str] = Counter()
    for ids in _affected(session, draft, after=""):
        filed = select(Document).where(Document.id.in_(ids), Document.state == DocumentState.FILED)
        documents = session.scalars(filed.order_by(Document.id).with_for_update()).all()
        for document, term, move in _moves(session, draft, documents):
            counts[move.effect] += 1
            if move.effect == MoveEffect.SHORTER:
                continue
            source = f"schedule:{draft.version}"
            change_term(session, actor, document, term.due_on, source=source, reason=f"{move.class_after}")
            document.retention_class, document.schedule_version = term.class_name, draft.version
        session.flush()
    return counts


def _moves(session: Session, draft: Schedule, documents: Sequence[_Record]) -> Iterator[tuple[_Record, Term, Move]]:
    kinds, facts = kinds_of_many(session, documents), facts_of_many(session, documents, draft.named_fields)
    asked = asked_for(session, documents)
    for document in documents:
        term = draft.term(kinds[document.id], facts[document.id], is_asked_for=document.id in asked)
        effect = effect_of(document.retention_class, document.due_on, term)
        if effect == MoveEffect.SHORTER and _was_kept_for_ever(session, document, kinds[document.id]):
            effect = MoveEffect.STARTS
        if effect is not None:
            move = Move(
                document_id=document.id,
                archival_code=document.archival_code,
                class_before=document.retention_class,
                class_after=term.class_name,
                due_before=document.due_on,
                due_after=term.due_on,
                effect=effect,
            )
            yield document, term, move


def _was_kept_for_ever(session: Session, document: Dated, kinds: Sequence[DocumentKind]) -> bool:
    """A copy of an ID card that an archive kept for ever with what was scanned beside it, as none is now."""
    if document.due_on is not None or DocumentKind.ID_CARD not in kinds:
        return False
    rule = rule_of(session, document)
    return rule is not None and rule.disposition == Disposition.RETAIN


def effect_of(class_before: str | None, due_before: dt.date | None, term: Term) -> MoveEffect | None:
    """How a record moves; None where neither its day nor its class changes.

    No day is the longest of all – a period that has not begun, or for ever – but for a record no class covered before.
    """
    if due_before == term.due_on:
        return MoveEffect.RECLASSED if class_before != term.class_name else None
    if due_before is None and class_before in (None, UNSCHEDULED):
        return MoveEffect.STARTS
    if term.due_on is None:
        return MoveEffect.LATER if term.class_name != UNSCHEDULED else MoveEffect.SHORTER
    return MoveEffect.LATER if due_before is not None and term.due_on > due_before else MoveEffect.SHORTER


def _affected(session: Session, draft: Schedule, *, after: str) -> Iterator[Sequence[str]]:
    """Documents of a kind that a changed rule speaks of, some at a time: the rest cannot move."""
    kinds = changed_kinds(current_schedule(session).rules, draft.rules)
    while kinds:
        ids = session.scalars(next_of_kinds(kinds, after)).all()
        if not ids:
            return
        yield ids
        after = ids[-1]


def next_of_kinds(kinds: Sequence[str], after: str) -> Select[str]:
    """The next documents with a part of one of these kinds, each kind walked in its own index."""
    each = [
        select(Part.document_id.label("document_id"))
        .where(Part.kind == kind, Part.document_id > after)
        .order_by(Part.document_id)
        .limit(BATCH)
        .subquery()
        for kind in kinds
    ]
    found = union(*(select(some.c.document_id) for some in each)).subquery()
    return select(found.c.document_id).order_by(found.c.document_id).limit(BATCH)


def changed_kinds(before: Sequence[Rule], after: Sequence[Rule]) -> list[str]:
    """Kinds of documents of which two schedules do not say the same."""
    changed = set(before) ^ set(after)
    return sorted({kind.value for rule in changed for kind in rule.kinds})


def _draft(session: Session, version: int, *, lock: bool = False) -> RetentionSchedule:
    statement = select(RetentionSchedule).where(RetentionSchedule.version == version)
    found = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound(version=version)
    if found.state != ScheduleState.DRAFT:
        raise WrongState("This schedule is no draft.", version=version, state=found.state)
    return found
