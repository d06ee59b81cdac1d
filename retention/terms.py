"""Changing when a record is due: always with a reason that stays beside it, never beyond its class's upper bound."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.actors import Actor
from records.errors import BeyondBound
from records.models import Document
from retention.models import RetentionClass, TermChange
from retention.rules import years_later


def change_term(
    session: Session, actor: Actor, document: Document, due_on: dt.date | None, *, source: str, reason: str
) -> None:
    """Give a locked document another due date and say why; the same date again leaves no mark."""
    if due_on == document.due_on:
        return
    session.add(
        TermChange(
            document_id=document.id, due_before=document.due_on, due_on=due_on, source=source, reason=reason,
            changed_by=actor.id,
        )
    )  # fmt: skip
    document.due_on, document.version = due_on, document.version + 1


def check_bound(session: Session, document: Document, due_on: dt.date) -> None:
    """Raises BeyondBound where the class of the document may not be kept that long (K22)."""
    bound = bound_of(session, document)
    if bound is not None and due_on > bound:
        raise BeyondBound(document_id=document.id, until=bound.isoformat())


def bound_of(session: Session, document: Document) -> dt.date | None:
    """The last day a document may be kept: as much later than it fell due by its class as the bound is longer.

    None: its class has no bound, or its period has not begun.
    """
    known = (document.schedule_version, document.retention_class)
    rule = session.get(RetentionClass, known) if None not in known else None
    first_due = first_due_on(session, document)
    if rule is None or rule.upper_bound_years is None or first_due is None:
        return None
    return years_later(first_due, rule.upper_bound_years - rule.period_years) - dt.timedelta(days=rule.period_days)


def first_due_on(session: Session, document: Document) -> dt.date | None:
    """When the document fell due by its schedule, before any appraisal prolonged it."""
    prolonged = (
        select(TermChange.due_before)
        .where(TermChange.document_id == document.id, TermChange.source.startswith("appraisal:"))
        .order_by(TermChange.id)
        .limit(1)
    )
    return session.scalar(prolonged) or document.due_on


def changes_of(session: Session, document_id: str) -> list[TermChange]:
    return list(
        session.scalars(select(TermChange).where(TermChange.document_id == document_id).order_by(TermChange.id))
    )
