"""What waits too long climbs to a higher role, and a calendar of what falls due (K42).

What is due and everything under way is first the archivists' business, after 30 days also the approvers', and after 90
also the auditors'.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import case, func, select, text
from sqlalchemy.orm import Session

from records.actors import Actor
from records.customers import visible_customers
from records.documents import visible_documents
from records.models import UNSCHEDULED, Customer, Document
from records.terms import DocumentState, ListState, ReminderKind, RequestState, Role, ScheduleState
from retention.due import due_documents
from retention.models import Appraisal, DestructionList, RetentionSchedule, SubjectRequest
from retention.notices import unnoticed

LADDER = ((0, Role.ARCHIVIST), (30, Role.APPROVER), (90, Role.AUDITOR))
"""From how many days of waiting on something is whose business, those below included."""
MOST_MONTHS = 120
_WAITING = {
    ListState.PROPOSED: ReminderKind.LIST_UNSIGNED,
    ListState.RETURNED: ReminderKind.LIST_RETURNED,
    ListState.APPROVED: ReminderKind.LIST_NOT_EXECUTED,
    ListState.EXECUTING: ReminderKind.LIST_INTERRUPTED,
    ListState.EXECUTED: ReminderKind.LIST_NOT_CLOSED,
}


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """Something that waits since a day. `subject` as `noun:id`; `number` as people name it; `count` of documents."""

    kind: ReminderKind
    since: dt.date
    days: int
    roles: tuple[Role, ...]
    subject: str | None = None
    number: str | None = None
    count: int | None = None


def roles_after(days: int) -> tuple[Role, ...]:
    """Whose business something is that has waited so long.

    >>> [role.value for role in roles_after(29)], [role.value for role in roles_after(30)]
    (['archivist'], ['archivist', 'approver'])
    """
    return tuple(role for from_days, role in LADDER if days >= from_days)


def reminders_for(session: Session, actor: Actor, today: dt.date) -> list[Reminder]:
    """What waits and is this person's business by now, longest first."""
    actor.require(Role.ARCHIVIST, Role.APPROVER, Role.AUDITOR)
    found = [*_due(session, actor, today), *_lists(session, today), *_rounds(session, today)]
    found += [*_requests(session, actor, today), *_drafts(session, today), *_notices(session, actor, today)]
    found += _unscheduled(session, actor, today)
    own = [reminder for reminder in found if actor.may(*reminder.roles)]
    return sorted(own, key=lambda reminder: (-reminder.days, reminder.kind, reminder.number or ""))


def calendar(session: Session, actor: Actor, first: dt.date, months: int) -> dict[str, Counter[str]]:
    """How many records fall due in each month (`2026-07`), by class, beginning with the month of a day.

    It costs in proportion to what falls due in these months.
    """
    actor.require(Role.ARCHIVIST, Role.APPROVER, Role.AUDITOR)
    begin = first.replace(day=1)
    end = _months_later(begin, min(months, MOST_MONTHS))
    days = (
        visible_documents(actor, restricted=True)
        .where(Document.due_on >= begin, Document.due_on < end, Document.state == DocumentState.FILED)
        .with_only_columns(Document.due_on, Document.retention_class, func.count())
        .group_by(Document.due_on, Document.retention_class)
    )
    found: dict[str, Counter[str]] = {
        _months_later(begin, number).isoformat()[:7]: Counter() for number in range(min(months, MOST_MONTHS))
    }
    for day, name, count in session.execute(days):
        assert day is not None  # it lies between two
        found[day.isoformat()[:7]][name or "-"] += count
    return found


def _months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def _due(session: Session, actor: Actor, today: dt.date) -> Iterator[Reminder]:
    """What is due and on no list, by how long."""
    everyone = Actor(id=actor.id, roles=actor.roles | {Role.ARCHIVIST}, regions=actor.regions)
    waiting = due_documents(everyone, today).order_by(None)
    days = waiting.with_only_columns(Document.due_on, func.count()).group_by(Document.due_on)
    by_rung: dict[tuple[Role, ...], tuple[dt.date, int]] = {}
    for day, count in session.execute(days):
        assert day is not None  # it is due
        roles = roles_after((today - day).days)
        since, so_far = by_rung.get(roles, (day, 0))
        by_rung[roles] = (min(since, day), so_far + count)
    for since, count in by_rung.values():
        yield _reminder(ReminderKind.RECORDS_DUE, since, today, count=count)


def _lists(session: Session, today: dt.date) -> Iterator[Reminder]:
    waiting = select(DestructionList).where(
        DestructionList.state.in_(list(_WAITING)), DestructionList.closed_at.is_(None)
    )
    for each in session.scalars(waiting):
        since = (each.executed_at or each.confirmed_at or each.proposed_at).date()
        yield _reminder(_WAITING[ListState(each.state)], since, today, f"list:{each.id}", each.number)


def _rounds(session: Session, today: dt.date) -> Iterator[Reminder]:
    for each in session.scalars(select(Appraisal).where(Appraisal.concluded_at.is_(None))):
        subject = f"appraisal:{each.id}"
        yield _reminder(ReminderKind.APPRAISAL_OPEN, each.opened_at.date(), today, subject, each.number)


def _requests(session: Session, actor: Actor, today: dt.date) -> Iterator[Reminder]:
    seen = visible_customers(actor).where(Customer.id == SubjectRequest.customer_id).correlate(SubjectRequest)
    waiting = select(SubjectRequest).where(SubjectRequest.state == RequestState.RECEIVED, seen.exists())
    for each in session.scalars(waiting):
        yield _reminder(ReminderKind.REQUEST_UNDECIDED, each.received_on, today, f"request:{each.id}", each.number)


def _drafts(session: Session, today: dt.date) -> Iterator[Reminder]:
    for each in session.scalars(select(RetentionSchedule).where(RetentionSchedule.state == ScheduleState.DRAFT)):
        version = str(each.version)
        since = each.loaded_at.date()
        yield _reminder(ReminderKind.SCHEDULE_UNAPPROVED, since, today, f"schedule:{version}", version)


def _unscheduled(session: Session, actor: Actor, today: dt.date) -> Iterator[Reminder]:
    """Records that no class covers: they never fall due, so the schedule must come to speak of them."""
    # As the index has it, word for word: with values bound instead, neither database would use it.
    waiting = visible_documents(actor, restricted=True).where(text(UNSCHEDULED), Document.state == DocumentState.FILED)
    since, count = session.execute(waiting.with_only_columns(func.min(Document.filed_at), func.count())).one()
    if since is not None:
        yield _reminder(ReminderKind.UNSCHEDULED, since.date(), today, count=count)


def _notices(session: Session, actor: Actor, today: dt.date) -> Iterator[Reminder]:
    """Customers by the rung of the ladder they wait on; those proposed and not yet accepted too."""
    rung = case(*((Customer.opened_at >= _end_of(today, days), days) for days, _ in LADDER[1:]), else_=0)
    waiting = unnoticed(actor).where(Customer.opened_at < _end_of(today, 0)).order_by(None)
    for since, count in session.execute(
        waiting.with_only_columns(func.min(Customer.opened_at), func.count()).group_by(rung)
    ):
        yield _reminder(ReminderKind.NOTICE_MISSING, since.date(), today, count=count)


def _end_of(today: dt.date, days_ago: int) -> dt.datetime:
    return dt.datetime.combine(today - dt.timedelta(days=days_ago - 1), dt.time(), tzinfo=dt.UTC)


def _reminder(
    kind: ReminderKind,
    since: dt.date,
    today: dt.date,
    subject: str | None = None,
    number: str | None = None,
    *,
    count: int | None = None,
) -> Reminder:
    days = (today - since).days
    return Reminder(
        kind=kind, since=since, days=days, roles=roles_after(days), subject=subject, number=number, count=count
    )
