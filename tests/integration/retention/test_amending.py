"""Changing the schedule and reporting events, on both sets of parts: what moves, how, and what never does."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete

from records.errors import InvalidInput, NotPermitted, StaleVersion, WrongState
from records.models import Customer, Document, Part
from records.terms import MoveEffect, Role, ScheduleState, Trigger
from retention import terms
from retention.amending import approve_schedule, discard_schedule, draft_schedule, moves_of, summary_of
from retention.due import due_documents, start_periods_of
from retention.events import Happening, report_event
from retention.models import RetentionClass, RetentionSchedule
from retention.schedule import current_schedule, load_schedule
from tests.archives import CLASSES, SCHEDULE, Bench, actor, enact, licence_lines
from tests.integration.retention.office import SIX

NOW = dt.date(2100, 1, 1)
DRAFTER, DECIDER = actor("a", Role.ARCHIVIST), actor("b", Role.APPROVER)


def version(number: int, *, trigger: str = "filed", years: int = 0, name: str = "licences") -> bytes:
    text = CLASSES.decode().replace("version: 1", f"version: {number}").replace("name: licences", f"name: {name}")
    return text.replace(
        "trigger: filed,\n     period_days: 0", f"trigger: {trigger},\n     period_years: {years}"
    ).encode()


def draft(bench: Bench, source: bytes) -> int:
    with bench.archive.transaction() as session:
        return draft_schedule(session, DRAFTER, source)


def moves(bench: Bench, number: int) -> dict[str, MoveEffect]:
    with bench.archive.reading() as session:
        return {move.document_id: move.effect for move in moves_of(session, number)}


def approve(bench: Bench, number: int, expected: int) -> None:
    with bench.archive.transaction() as session:
        approve_schedule(session, DECIDER, number, expected_moves=expected)


def later(day: dt.date | None, years: int) -> dt.date:
    assert day is not None
    return day.replace(year=day.year + years)


def test_a_draft_changes_nothing_and_names_what_it_would_move(bench: Bench) -> None:
    ids = bench.file(licence_lines(1), licence_lines(2))
    before = [bench.document(each).due_on for each in ids]

    number = draft(bench, version(2, years=10))

    assert moves(bench, number) == dict.fromkeys(ids, MoveEffect.LATER)
    assert [bench.document(each).due_on for each in ids] == before
    with bench.archive.reading() as session:
        assert current_schedule(session).version == 1
        counts = summary_of(moves_of(session, number))
        assert list(moves_of(session, number, after=max(ids))) == []
    assert counts == {("licences", "licences", MoveEffect.LATER): 2}


def test_an_approved_draft_moves_the_records_and_says_so(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    before = bench.document(document_id).due_on
    number = draft(bench, version(2, years=10, name="papers"))
    with pytest.raises(StaleVersion):
        approve(bench, number, 2)
    approve(bench, number, 1)

    document = bench.document(document_id)
    assert document.due_on == later(before, 10)
    assert (document.retention_class, document.schedule_version) == ("papers", 2)
    with bench.archive.reading() as session:
        (change,) = terms.changes_of(session, document_id)
        assert current_schedule(session).version == 2
    assert (change.due_before, change.due_on, change.source) == (before, document.due_on, "schedule:2")
    with pytest.raises(WrongState):
        approve(bench, number, 1)


def test_nothing_is_brought_forward(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    approve(bench, draft(bench, version(2, years=10)), 1)
    long = bench.document(document_id).due_on
    number = draft(bench, version(3, years=1))
    assert moves(bench, number) == {document_id: MoveEffect.SHORTER}
    approve(bench, number, 1)

    document = bench.document(document_id)
    assert (document.due_on, document.schedule_version) == (long, 2)


def test_a_trigger_that_has_not_happened_is_later_than_any_day(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    trigger = "{latest: [filed, deregistered]}"
    number = draft(bench, version(2, trigger=trigger, years=1))
    assert moves(bench, number) == {document_id: MoveEffect.LATER}
    approve(bench, number, 1)
    assert bench.document(document_id).due_on is None

    number = draft(bench, version(3, years=1))
    assert moves(bench, number) == {document_id: MoveEffect.SHORTER}


def test_only_somebody_else_approves(bench: Bench) -> None:
    number = draft(bench, version(2, years=1))
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        approve_schedule(session, DRAFTER, number, expected_moves=0)
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        approve_schedule(session, actor("a", Role.APPROVER), number, expected_moves=0)
    with bench.archive.transaction() as session:
        assert discard_schedule(session, DECIDER, number, reason="x").state == ScheduleState.DISCARDED
    with pytest.raises(WrongState):
        approve(bench, number, 0)
    with pytest.raises(StaleVersion):
        draft(bench, version(2, years=1))


def test_nobody_puts_a_later_schedule_in_force_alone(bench: Bench) -> None:
    with bench.archive.transaction() as session:
        assert load_schedule(session, DRAFTER, SCHEDULE) == 1  # the one that is in force already
    with bench.archive.transaction() as session, pytest.raises(NotPermitted, match="retention draft"):
        load_schedule(session, DRAFTER, version(2))
    number, both = draft(bench, version(2)), actor("a", Role.ARCHIVIST, Role.APPROVER)
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        approve_schedule(session, both, number, expected_moves=0)

    approve(bench, number, 0)


def test_the_first_schedule_of_an_archive_that_holds_something_is_approved_too(bench: Bench) -> None:
    bench.file(licence_lines(1))
    with bench.archive.transaction() as session:
        session.execute(delete(RetentionClass))
        session.execute(delete(RetentionSchedule))
    with bench.archive.transaction() as session, pytest.raises(NotPermitted, match="empty archive"):
        load_schedule(session, DRAFTER, SCHEDULE)

    approve(bench, draft(bench, SCHEDULE), 0)


def test_an_event_starts_the_period_and_a_later_report_only_prolongs(bench: Bench) -> None:
    with bench.archive.transaction() as session:
        enact(session, version(2, trigger="{earliest: [deregistered, lease_ended]}", years=1))
    first, second = bench.file(licence_lines(1), licence_lines(2))
    assert bench.document(first).due_on is None
    customer_id = bench.document(first).customer_id

    def report(subject: str, kind: Trigger, day: dt.date) -> int:
        happening = Happening(subject=subject, kind=kind, happened_on=day, evidence="公告")
        with bench.archive.transaction() as session:
            return report_event(session, DRAFTER, happening, NOW)[1]

    assert report(f"customer:{customer_id}", Trigger.DEREGISTERED, dt.date(2099, 3, 1)) == 1
    assert bench.document(first).due_on == dt.date(2100, 3, 1)
    assert bench.document(second).due_on is None
    assert report(f"document:{first}", Trigger.LEASE_ENDED, dt.date(2099, 1, 1)) == 0
    assert bench.document(first).due_on == dt.date(2100, 3, 1)
    assert report(f"document:{second}", Trigger.LEASE_ENDED, dt.date(2098, 2, 28)) == 1
    assert bench.document(second).due_on == dt.date(2099, 2, 28)
    (third,) = bench.file([*licence_lines(1), "副本"])  # of a customer who is gone already
    assert bench.document(third).due_on == dt.date(2100, 3, 1)
    for kind, day in ((Trigger.FILED, NOW), (Trigger.LEASE_ENDED, NOW + dt.timedelta(days=1))):
        with pytest.raises(InvalidInput):
            report(f"document:{second}", kind, day)


def test_the_end_of_a_relationship_starts_periods_and_never_shortens(bench: Bench) -> None:
    with bench.archive.transaction() as session:
        enact(session, version(2, trigger="relationship_ended", years=2))
    (document_id,) = bench.file(licence_lines(1))
    for ended_on, due_on in ((dt.date(2099, 5, 1), dt.date(2101, 5, 1)), (dt.date(2098, 5, 1), dt.date(2101, 5, 1))):
        with bench.archive.transaction() as session:
            customer = session.get_one(Customer, bench.document(document_id).customer_id)
            customer.ended_on = ended_on
            start_periods_of(session, customer)

        assert bench.document(document_id).due_on == due_on


def test_a_schedule_that_says_nothing_of_signatures_takes_none_away(bench: Bench) -> None:
    with bench.archive.transaction() as session:
        enact(session, SIX)
    with bench.archive.transaction() as session, pytest.raises(InvalidInput, match="disposal"):
        draft_schedule(session, DRAFTER, version(3))

    assert draft(bench, version(3) + b"disposal: two\n") == 3  # said, it is for the approver to see


FOR_EVER = version(2).replace(b"upper_bound_years: 30, disposition: review", b"disposition: retain")


def with_a_card(bench: Bench) -> str:
    """A licence kept for ever, with a card on the same sheet; as an archive filed it that kept both for ever."""
    with bench.archive.transaction() as session:
        enact(session, FOR_EVER)
    (document_id,) = bench.file(licence_lines(1))
    with bench.archive.transaction() as session:
        session.add(Part(document_id=document_id, part_no=2, kind="id_card", page_nos=[1], confidence=1.0))
        assert session.get_one(Document, document_id).due_on is None
    return document_id


def end(bench: Bench, document_id: str, day: dt.date) -> int:
    with bench.archive.transaction() as session:
        customer = session.get_one(Customer, session.get_one(Document, document_id).customer_id)
        customer.ended_on = day
        return start_periods_of(session, customer)


def test_a_card_beside_what_is_kept_for_ever_is_due_by_its_own_class(bench: Bench) -> None:
    document_id = with_a_card(bench)
    (other,) = bench.file([*licence_lines(1), "副本"])

    assert end(bench, document_id, dt.date(2090, 1, 1)) == 1

    document = bench.document(document_id)
    assert (document.retention_class, document.due_on) == ("id_copies", dt.date(2093, 1, 1))
    assert bench.document(other).due_on is None
    with bench.archive.reading() as session:
        assert terms.bound_of(session, session.get_one(Document, document_id)) == dt.date(2095, 1, 1)
        assert [each.id for each in session.scalars(due_documents(DRAFTER, NOW))] == [document_id]


def test_a_card_that_was_kept_for_ever_starts_with_the_next_version(bench: Bench) -> None:
    document_id = with_a_card(bench)
    with bench.archive.transaction() as session:
        session.get_one(Customer, session.get_one(Document, document_id).customer_id).ended_on = dt.date(2090, 1, 1)
    number = draft(
        bench, FOR_EVER.replace(b"version: 2", b"version: 3").replace(b"period_years: 3", b"period_years: 4")
    )

    assert moves(bench, number) == {document_id: MoveEffect.STARTS}
    approve(bench, number, 1)
    assert bench.document(document_id).due_on == dt.date(2094, 1, 1)
