"""A closed customer file takes nothing by itself: what comes late waits for an archivist (K33). Both sets of parts."""

from __future__ import annotations

import datetime as dt

import pytest

from intake import jobs
from records.customers import end_customer, forget_customers
from records.errors import NotPermitted, WrongState
from records.models import Customer
from records.terms import DocumentState, Role, Step, WaitingFor
from records.verification import choose_customer
from retention.schedule import load_schedule
from tests.archives import SCHEDULE, Bench, actor, licence_lines

ENDED_ON = dt.date(2026, 1, 31)


def late_arrival(bench: Bench) -> tuple[str, str]:
    """A licence of a customer whose relationship has ended; gives the customer's id and the document's."""
    with bench.archive.transaction() as session:
        text = SCHEDULE.decode().replace("version: 1", "version: 2")
        load_schedule(session, actor("setup"), text.replace("trigger: filed", "trigger: relationship_ended").encode())
    (first,) = bench.file(licence_lines(1))
    customer_id = bench.document(first).customer_id
    assert customer_id is not None
    with bench.archive.transaction() as session:
        version = session.get_one(Customer, customer_id).version
        end_customer(session, actor("x", Role.ARCHIVIST), customer_id, ended_on=ENDED_ON, version=version)
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


def test_nothing_is_put_to_a_customer_of_whom_nothing_is_left(bench: Bench) -> None:
    customer_id, late = late_arrival(bench)
    with bench.archive.transaction() as session:
        forget_customers(session, [session.get_one(Customer, customer_id)])

    with pytest.raises(WrongState):
        choose(bench, late, customer_id, Role.ARCHIVIST)
