"""An event that was reported wrongly is taken back by another, and what is due follows. Both sets of parts."""

from __future__ import annotations

import datetime as dt

import pytest

from intake.orders import read_orders, write_orders
from records import audit
from records.errors import InvalidInput, NotFound, NotPermitted, WrongState
from records.models import Customer, Document
from records.terms import CustomerState, Role, Trigger
from records.volumes import reopen_customer
from retention.due import due_documents
from retention.events import End, Happening, end_relationship, events_of, report_event
from retention.models import EventRetraction, RetentionEvent, TermChange
from retention.retracting import Outcome, retract_event
from retention.terms import change_term, changes_of
from tests.archives import LIGHT, Bench, actor, enact, licence_lines
from tests.integration.retention.test_amending import version
from tests.integration.retention.test_destruction import approved_list, execute

REPORTER, OTHER = actor("a", Role.ARCHIVIST), actor("b", Role.ARCHIVIST)
GONE_ON, TODAY = dt.date(2020, 3, 1), dt.date(2100, 1, 1)


def schedule(bench: Bench, trigger: str, years: int = 1) -> None:
    with bench.archive.transaction() as session:
        enact(session, version(2, trigger=trigger, years=years) + LIGHT)


def filed(bench: Bench, *numbers: int) -> list[str]:
    return bench.file(*(licence_lines(number) for number in numbers))


def report(bench: Bench, document_id: str, day: dt.date = GONE_ON, evidence: str = "注销公告 2026-07") -> str:
    """That the document's customer is deregistered; gives the event's id."""
    subject = f"customer:{bench.document(document_id).customer_id}"
    told = Happening(subject=subject, kind=Trigger.DEREGISTERED, happened_on=day, evidence=evidence)
    with bench.archive.transaction() as session:
        return report_event(session, REPORTER, told, TODAY)[0].id


def end(bench: Bench, document_id: str, day: dt.date = GONE_ON) -> str:
    """That the relationship with the document's customer ended; gives the event's id."""
    with bench.archive.transaction() as session:
        customer = session.get_one(Customer, session.get_one(Document, document_id).customer_id)
        ended = End(ended_on=day, evidence="终止协议")
        end_relationship(session, REPORTER, customer.id, ended, today=TODAY, version=customer.version)
        session.flush()
        return events_of(session, REPORTER, customer.id)[0].id


def retract(bench: Bench, event_id: str, by: str = "b") -> Outcome:
    with bench.archive.transaction() as session:
        return retract_event(session, actor(by, Role.ARCHIVIST), event_id, reason="登记错误")


def due(bench: Bench) -> list[str]:
    with bench.archive.reading() as session:
        return [document.id for document in session.scalars(due_documents(REPORTER, TODAY))]


def test_without_the_event_the_period_does_not_run(bench: Bench) -> None:
    schedule(bench, "deregistered")
    first, other = filed(bench, 1, 2)
    event_id = report(bench, first)
    (later,) = bench.file([*licence_lines(1), "副本"])  # its day came with filing, not with the report
    report(bench, other)
    assert set(due(bench)) == {first, other, later}

    outcome = retract(bench, event_id)

    assert (outcome.changed, outcome.destroyed, outcome.lists) == (2, 0, [])
    assert due(bench) == [other]
    assert bench.document(first).due_on is None
    with bench.archive.reading() as session:
        event, change = session.get_one(RetentionEvent, event_id), changes_of(session, first)[-1]
        assert (event.reported_by, event.happened_on, event.evidence) == ("a", GONE_ON, "注销公告 2026-07")
        retraction = session.get_one(EventRetraction, event_id)
        assert (retraction.retracted_by, retraction.reason) == ("b", "登记错误")
        assert (change.source, change.due_on, change.reason) == (f"retraction:{event_id}", None, "登记错误")
        told = [link.entry for link in audit.links(session) if '"event.retracted"' in link.entry]
    assert len(told) == 1
    (again,) = bench.file([*licence_lines(1), "副本二"])
    assert bench.document(again).due_on is None


def test_an_earlier_report_counts_again(bench: Bench) -> None:
    schedule(bench, "deregistered")
    (document_id,) = filed(bench, 1)
    report(bench, document_id)
    wrong = report(bench, document_id, GONE_ON.replace(year=2040))
    assert bench.document(document_id).due_on == GONE_ON.replace(year=2041)

    assert retract(bench, wrong).changed == 1

    assert bench.document(document_id).due_on == GONE_ON.replace(year=2021)


def test_what_an_appraisal_prolonged_is_not_brought_forward(bench: Bench) -> None:
    schedule(bench, "{earliest: [deregistered, filed]}")
    (document_id,) = filed(bench, 1)
    prolonged = dt.date(2099, 1, 1)
    schedule_day = bench.document(document_id).due_on
    event_id = report(bench, document_id)
    with bench.archive.transaction() as session:
        document = session.get_one(Document, document_id)
        change_term(session, REPORTER, document, prolonged, source="appraisal:x", reason="续存")

    retract(bench, event_id)

    assert schedule_day is not None
    assert schedule_day < prolonged
    assert bench.document(document_id).due_on == prolonged


def test_another_person_retracts_once_with_a_reason(bench: Bench) -> None:
    schedule(bench, "deregistered")
    (document_id,) = filed(bench, 1)
    event_id = report(bench, document_id)
    with pytest.raises(NotPermitted):
        retract(bench, event_id, by="a")
    with bench.archive.transaction() as session, pytest.raises(InvalidInput):
        retract_event(session, OTHER, event_id, reason=" ")
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        retract_event(session, actor("c", Role.VERIFIER), event_id, reason="x")
    elsewhere = actor("b", Role.ARCHIVIST, regions=frozenset({"HB"}))
    with bench.archive.transaction() as session, pytest.raises(NotFound):
        retract_event(session, elsewhere, event_id, reason="x")
    assert bench.document(document_id).due_on is not None

    retract(bench, event_id)

    with pytest.raises(WrongState):
        retract(bench, event_id)
    with pytest.raises(NotFound):
        retract(bench, "f" * 32)


def test_an_event_says_what_it_rests_on(bench: Bench) -> None:
    (document_id,) = filed(bench, 1)
    customer_id = str(bench.document(document_id).customer_id)
    for evidence, error in ((" ", InvalidInput), ("document:nothing", NotFound)):
        ended = End(ended_on=GONE_ON, evidence=evidence)
        with pytest.raises(error):
            report(bench, document_id, evidence=evidence)
        with bench.archive.transaction() as session, pytest.raises(error):
            end_relationship(session, REPORTER, customer_id, ended, today=TODAY, version=1)

    assert report(bench, document_id, evidence=f"document:{document_id}")


def test_a_relationship_that_did_not_end_goes_on(bench: Bench) -> None:
    schedule(bench, "relationship_ended")
    (document_id,) = filed(bench, 1)
    event_id = end(bench, document_id)
    assert due(bench) == [document_id]

    assert retract(bench, event_id).changed == 1

    assert due(bench) == []
    with bench.archive.reading() as session:
        customer = session.get_one(Customer, bench.document(document_id).customer_id)
        assert (customer.state, customer.ended_on) == (CustomerState.ACTIVE, None)
    end(bench, document_id, GONE_ON.replace(year=2050))
    assert bench.document(document_id).due_on == GONE_ON.replace(year=2051)


def test_the_end_of_a_volume_that_another_followed_stands(bench: Bench) -> None:
    schedule(bench, "relationship_ended")
    (document_id,) = filed(bench, 1)
    event_id = end(bench, document_id)
    with bench.archive.transaction() as session:
        customer = session.get_one(Customer, session.get_one(Document, document_id).customer_id)
        reopen_customer(session, REPORTER, customer.id, reopened_on=GONE_ON, today=TODAY, version=customer.version)

    with pytest.raises(WrongState):
        retract(bench, event_id)

    assert due(bench) == [document_id]


def test_a_record_on_an_approved_list_is_kept_and_one_destroyed_is_counted(bench: Bench) -> None:
    schedule(bench, "deregistered")
    (gone,) = filed(bench, 1)
    (listed,) = bench.file([*licence_lines(1), "副本"])
    event_id = report(bench, gone)
    execute(bench, approved_list(bench, gone))
    list_id = approved_list(bench, listed)

    outcome = retract(bench, event_id)

    assert (outcome.changed, outcome.destroyed, len(outcome.lists)) == (1, 1, 1)
    assert execute(bench, list_id) == {listed: "not_due"}


def test_the_orders_carry_it_and_the_day_that_follows(bench: Bench) -> None:
    schedule(bench, "deregistered")
    (document_id,) = filed(bench, 1)
    report(bench, document_id)
    event_id = report(bench, document_id, GONE_ON.replace(year=2040))
    retract(bench, event_id)
    file = bench.settings.data / "orders.jsonl"
    write_orders(bench.archive, file)
    with bench.archive.reading() as session:
        (row,) = (
            {column.name: getattr(document, column.name) for column in Document.__table__.columns}
            for document in [session.get_one(Document, document_id)]
        )

    orders = read_orders(file)
    as_backed_up = row | {"due_on": GONE_ON.replace(year=2041)}
    (restored,) = orders.laid_over("documents", [as_backed_up])

    assert restored["due_on"] == GONE_ON.replace(year=2021)
    assert list(orders.rows[EventRetraction.__tablename__]) == [(event_id,)]
    assert orders.rows[TermChange.__tablename__]
