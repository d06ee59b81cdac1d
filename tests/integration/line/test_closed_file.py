"""A closed customer file takes nothing by itself; opened again it begins a volume (K33). Both sets of parts."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from sqlalchemy import select

from intake import jobs
from records import audit
from records.customers import end_customer, forget_customers
from records.desk_models import LateAddition
from records.errors import InvalidInput, NotPermitted, StaleVersion, WrongState
from records.models import Customer, Document
from records.terms import CustomerState, DocumentState, Role, Step, Trigger, WaitingFor
from records.verification import choose_customer
from records.volumes import Volume, reopen_customer, volumes_of
from retention.amending import approve_schedule, draft_schedule, moves_of, summary_of
from retention.due import start_periods_of
from retention.events import Happening, report_event
from retention.terms import changes_of
from tests.archives import SCHEDULE, Bench, actor, enact, licence_lines

ENDED_ON = dt.date(2026, 1, 31)
RETURNED_ON, ENDED_AGAIN_ON, TODAY = dt.date(2026, 3, 1), dt.date(2026, 5, 31), dt.date(2026, 6, 1)
ARCHIVIST = actor("x", Role.ARCHIVIST)
_SCOPES = itertools.count()
"""Each paper says something else, or it would be a duplicate."""


def late_arrival(bench: Bench) -> tuple[str, str]:
    """A licence of a customer whose relationship has ended; gives the customer's id and the document's."""
    with bench.archive.transaction() as session:
        text = SCHEDULE.decode().replace("version: 1", "version: 2")
        enact(session, text.replace("trigger: filed", "trigger: relationship_ended").encode())
    (first,) = bench.file(licence_lines(1))
    customer_id = bench.document(first).customer_id
    assert customer_id is not None
    with bench.archive.transaction() as session:
        version = session.get_one(Customer, customer_id).version
        end_customer(session, actor("x", Role.ARCHIVIST), customer_id, ended_on=ENDED_ON, today=TODAY, version=version)
    (late,) = bench.file(licence_lines(1, scope="新的经营范围。"))
    return customer_id, late


def choose(bench: Bench, document_id: str, customer_id: str, role: Role) -> None:
    with bench.archive.transaction() as session:
        version = bench.document(document_id).version
        choose_customer(session, actor("y", role), document_id, customer_id=customer_id, version=version)
        jobs.enqueue(session, Step.FILE, document_id)
    bench.work()


def test_what_comes_late_waits_and_only_an_archivist_puts_it_in(bench: Bench) -> None:
    customer_id, late = late_arrival(bench)

    waiting = bench.document(late)
    assert (waiting.state, waiting.waiting_for) == (DocumentState.WAITING, WaitingFor.CUSTOMER)
    assert waiting.archival_code is None
    with pytest.raises(NotPermitted):
        choose(bench, late, customer_id, Role.VERIFIER)
    choose(bench, late, customer_id, Role.ARCHIVIST)

    filed = bench.document(late)
    assert (filed.state, filed.customer_id) == (DocumentState.FILED, customer_id)
    assert filed.due_on == ENDED_ON  # its period ran from the end, as that of all the others


def chosen(bench: Bench, customer_id: str, role: Role = Role.VERIFIER) -> str:
    """A paper that a person has given to the customer and that is not filed yet."""
    (document_id,) = bench.file(["会议纪要", f"第{next(_SCOPES)}次"])
    with bench.archive.transaction() as session:
        version = session.get_one(Document, document_id).version
        choose_customer(session, actor("y", role), document_id, customer_id=customer_id, version=version)
        jobs.enqueue(session, Step.FILE, document_id)
    return document_id


def test_what_was_chosen_before_the_end_does_not_slip_into_the_closed_file(bench: Bench) -> None:
    customer_id, _first = file_one(bench)
    document_id = chosen(bench, customer_id)
    end(bench, customer_id, ENDED_ON)

    bench.work()

    waiting = bench.document(document_id)
    assert (waiting.state, waiting.waiting_for) == (DocumentState.WAITING, WaitingFor.CUSTOMER)
    assert (waiting.customer_id, waiting.archival_code) == (None, None)
    choose(bench, document_id, customer_id, Role.ARCHIVIST)
    assert bench.document(document_id).state == DocumentState.FILED
    with bench.archive.reading() as session:
        assert session.scalars(select(LateAddition)).all() == []


def test_what_was_put_into_a_closed_volume_goes_into_no_later_one(bench: Bench) -> None:
    customer_id, _first = file_one(bench)
    end(bench, customer_id, ENDED_ON)
    document_id = chosen(bench, customer_id, Role.ARCHIVIST)
    reopen(bench, customer_id)

    bench.work()

    assert bench.document(document_id).waiting_for == WaitingFor.CUSTOMER
    choose(bench, document_id, customer_id, Role.VERIFIER)
    assert bench.document(document_id).volume_no == 2


def test_what_was_chosen_for_a_customer_of_whom_nothing_is_left_waits(bench: Bench) -> None:
    customer_id, _first = file_one(bench)
    document_id = chosen(bench, customer_id)
    with bench.archive.transaction() as session:
        forget_customers(session, [session.get_one(Customer, customer_id)])

    bench.work()

    assert bench.document(document_id).waiting_for == WaitingFor.CUSTOMER


def test_nothing_is_put_to_a_customer_of_whom_nothing_is_left(bench: Bench) -> None:
    customer_id, late = late_arrival(bench)
    with bench.archive.transaction() as session:
        forget_customers(session, [session.get_one(Customer, customer_id)])

    with pytest.raises(WrongState):
        choose(bench, late, customer_id, Role.ARCHIVIST)


def trigger_is(bench: Bench, trigger: str) -> None:
    with bench.archive.transaction() as session:
        text = SCHEDULE.decode().replace("version: 1", "version: 2").replace("trigger: filed", f"trigger: {trigger}")
        enact(session, text.encode())


def file_one(bench: Bench) -> tuple[str, str]:
    """A record of the one customer there is; gives the customer's id and the document's."""
    (document_id,) = bench.file(licence_lines(1, scope=f"经营范围{next(_SCOPES)}。"))
    customer_id = bench.document(document_id).customer_id
    assert customer_id is not None
    return customer_id, document_id


def end(bench: Bench, customer_id: str, day: dt.date) -> None:
    with bench.archive.transaction() as session:
        version = session.get_one(Customer, customer_id).version
        customer = end_customer(session, ARCHIVIST, customer_id, ended_on=day, today=TODAY, version=version)
        start_periods_of(session, customer, ARCHIVIST)


def reopen(bench: Bench, customer_id: str, day: dt.date = RETURNED_ON, role: Role = Role.ARCHIVIST) -> None:
    with bench.archive.transaction() as session:
        version = session.get_one(Customer, customer_id).version
        reopen_customer(session, actor("x", role), customer_id, reopened_on=day, today=TODAY, version=version)


def test_a_customer_who_returns_gets_a_volume_with_periods_of_its_own(bench: Bench) -> None:
    trigger_is(bench, "relationship_ended")
    customer_id, first = file_one(bench)
    end(bench, customer_id, ENDED_ON)
    reopen(bench, customer_id)

    same_customer, second = file_one(bench)  # by itself: the file is open again
    assert same_customer == customer_id
    assert [bench.document(each).volume_no for each in (first, second)] == [1, 2]
    assert [bench.document(each).due_on for each in (first, second)] == [ENDED_ON, None]

    end(bench, customer_id, ENDED_AGAIN_ON)
    assert [bench.document(each).due_on for each in (first, second)] == [ENDED_ON, ENDED_AGAIN_ON]
    with bench.archive.reading() as session:
        customer = session.get_one(Customer, customer_id)
        opened_on = customer.opened_at.date()
        assert volumes_of(session, customer) == [
            Volume(volume_no=1, opened_on=opened_on, ended_on=ENDED_ON),
            Volume(volume_no=2, opened_on=RETURNED_ON, ended_on=ENDED_AGAIN_ON),
        ]
        assert len(changes_of(session, first)) == 1
        entries = [link.entry for link in audit.links(session) if '"customer.reopened"' in link.entry]
    assert len(entries) == 1
    assert '"volume":2' in entries[0]


def test_an_event_of_one_relationship_starts_no_period_of_another(bench: Bench) -> None:
    trigger_is(bench, "lease_ended")
    customer_id, first = file_one(bench)
    _same, forgotten = file_one(bench)

    def report(subject: str, day: dt.date, volume_no: int | None = None) -> int:
        with bench.archive.transaction() as session:
            told = Happening(
                subject=subject, kind=Trigger.LEASE_ENDED, happened_on=day, evidence="退租", volume_no=volume_no
            )
            return report_event(session, ARCHIVIST, told, TODAY)[1]

    assert report(f"document:{first}", ENDED_ON) == 1
    end(bench, customer_id, ENDED_ON)
    reopen(bench, customer_id)
    _same, second = file_one(bench)
    assert bench.document(second).due_on is None

    assert report(f"customer:{customer_id}", ENDED_AGAIN_ON) == 1
    dues = [bench.document(each).due_on for each in (first, forgotten, second)]
    assert dues == [ENDED_ON, None, ENDED_AGAIN_ON]
    _same, third = file_one(bench)
    assert bench.document(third).due_on == ENDED_AGAIN_ON

    later = ENDED_ON + dt.timedelta(days=1)
    assert report(f"customer:{customer_id}", later, volume_no=1) == 2  # known late, of the closed volume
    dues = [bench.document(each).due_on for each in (first, forgotten, second)]
    assert dues == [later, later, ENDED_AGAIN_ON]
    with pytest.raises(InvalidInput):
        report(f"customer:{customer_id}", later, volume_no=3)


def test_a_change_of_the_schedule_counts_each_volume_from_its_own_end(bench: Bench) -> None:
    trigger_is(bench, "relationship_ended")
    customer_id, first = file_one(bench)
    end(bench, customer_id, ENDED_ON)
    reopen(bench, customer_id)
    _same, second = file_one(bench)
    end(bench, customer_id, ENDED_AGAIN_ON)
    with bench.archive.transaction() as session:
        text = SCHEDULE.decode().replace("version: 1", "version: 3").replace("period_days: 0", "period_days: 10")
        text = text.replace("trigger: filed", "trigger: relationship_ended")
        draft_schedule(session, ARCHIVIST, text.encode())
    with bench.archive.transaction() as session:
        moved = summary_of(moves_of(session, 3)).total()
        approve_schedule(session, actor("z", Role.APPROVER), 3, expected_moves=moved)

    ten = dt.timedelta(days=10)
    assert [bench.document(each).due_on for each in (first, second)] == [ENDED_ON + ten, ENDED_AGAIN_ON + ten]


def test_a_relationship_ends_when_it_has_ended(bench: Bench) -> None:
    customer_id, _first = file_one(bench)
    with pytest.raises(InvalidInput):
        end(bench, customer_id, TODAY + dt.timedelta(days=1))


def test_only_a_closed_file_is_opened_again_by_an_archivist_after_its_end(bench: Bench) -> None:
    customer_id, _first = file_one(bench)
    with pytest.raises(WrongState):
        reopen(bench, customer_id)
    end(bench, customer_id, ENDED_ON)
    with pytest.raises(NotPermitted):
        reopen(bench, customer_id, role=Role.VERIFIER)
    for day in (ENDED_ON - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)):
        with pytest.raises(InvalidInput):
            reopen(bench, customer_id, day)
    with bench.archive.transaction() as session, pytest.raises(StaleVersion):
        reopen_customer(session, ARCHIVIST, customer_id, reopened_on=RETURNED_ON, today=TODAY, version=99)

    reopen(bench, customer_id)
    with bench.archive.reading() as session:
        assert session.get_one(Customer, customer_id).state == CustomerState.ACTIVE
