"""What waits climbs, and the calendar counts what falls due. On both sets of parts."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select, text

from records.errors import NotPermitted
from records.models import UNSCHEDULED as OF_NO_CLASS
from records.models import Document
from records.terms import DocumentState, ReminderKind, Role
from retention.reminders import Reminder, calendar, reminders_for
from retention.rules import UNSCHEDULED
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention.test_destruction import approved_list, execute

ARCHIVIST, APPROVER, AUDITOR = (actor("a", role) for role in (Role.ARCHIVIST, Role.APPROVER, Role.AUDITOR))


def reminded(bench: Bench, who: object, today: dt.date) -> list[Reminder]:
    with bench.archive.reading() as session:
        return reminders_for(session, who, today)  # type: ignore[arg-type]


def test_what_is_due_climbs_after_30_and_90_days(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    due_on = bench.document(document_id).due_on
    assert due_on is not None
    seen = {
        days: [len(reminded(bench, who, due_on + dt.timedelta(days=days))) for who in (ARCHIVIST, APPROVER, AUDITOR)]
        for days in (-1, 0, 29, 30, 89, 90)
    }

    assert seen == {-1: [0, 0, 0], 0: [1, 0, 0], 29: [1, 0, 0], 30: [1, 1, 0], 89: [1, 1, 0], 90: [1, 1, 1]}
    (reminder,) = reminded(bench, AUDITOR, due_on + dt.timedelta(days=90))
    assert (reminder.kind, reminder.count, reminder.since) == (ReminderKind.RECORDS_DUE, 1, due_on)


def test_a_list_is_waited_for_until_it_is_closed(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    today = dt.date(2100, 1, 1)
    list_id = approved_list(bench, document_id)
    (waiting,) = reminded(bench, ARCHIVIST, today)
    assert (waiting.kind, waiting.subject) == (ReminderKind.LIST_NOT_EXECUTED, f"list:{list_id}")

    execute(bench, list_id)

    assert reminded(bench, ARCHIVIST, today) == []


def test_the_calendar_counts_by_month_and_class_and_region(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    due_on = bench.document(document_id).due_on
    assert due_on is not None
    with bench.archive.reading() as session:
        months = calendar(session, ARCHIVIST, due_on, 14)
        elsewhere = calendar(session, actor("a", Role.ARCHIVIST, regions=frozenset({"HB"})), due_on, 1)

    assert len(months) == 14
    assert {month: dict(counts) for month, counts in months.items() if counts} == {
        due_on.isoformat()[:7]: {"licences": 1}
    }
    assert not any(elsewhere.values())


def test_a_verifier_is_reminded_of_nothing(bench: Bench) -> None:
    with pytest.raises(NotPermitted):
        reminded(bench, actor("v", Role.VERIFIER), dt.date(2100, 1, 1))


def test_a_record_of_which_the_schedule_does_not_speak_waits_for_one_that_does(bench: Bench) -> None:
    document_id, _covered = bench.file(licence_lines(1), licence_lines(2))
    with bench.archive.transaction() as session:
        document = session.get_one(Document, document_id)
        document.retention_class, document.due_on = UNSCHEDULED, None
        filed_on = (document.filed_at or document.received_at).date()
    elsewhere = actor("e", Role.ARCHIVIST, regions=frozenset({"HB"}))
    asked = {who: reminded(bench, who, filed_on) for who in (ARCHIVIST, elsewhere)}

    (waiting,) = (each for each in asked[ARCHIVIST] if each.kind == ReminderKind.UNSCHEDULED)
    assert (waiting.count, waiting.since) == (1, filed_on)
    assert asked[elsewhere] == []


@pytest.mark.parametrize("bench_settings", ["embedded"], indirect=True)
def test_asking_for_them_walks_no_other_record(bench: Bench) -> None:
    asked = select(func.min(Document.filed_at), func.count()).where(
        text(OF_NO_CLASS), Document.state == DocumentState.FILED
    )
    with bench.archive.reading() as session:
        compiled = asked.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()

    assert "ix_documents_unscheduled" in str(plan)
