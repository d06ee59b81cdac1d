"""A customer's request goes the way of all destruction; what a law still keeps is restricted. On both sets of parts."""

from __future__ import annotations

import datetime as dt

import pytest

from index.entry import SearchQuery
from intake.fsck import check
from intake.indexing import reindexer
from intake.reindexing import rebuild
from records.customers import visible_customers
from records.documents import readable_document, visible_documents
from records.errors import InvalidInput, NotFound, NotPermitted, WrongState
from records.terms import DocumentState, RequestGround, RequestState, Role, Trigger
from retention import terms
from retention.due import due_documents
from retention.events import Happening, report_event
from retention.models import SubjectRequest
from retention.requests import Asked, Decision, decide_request, file_request
from retention.restrictions import lift_restriction, restrict, restricted_documents
from tests.archives import SCHEDULE, Bench, actor, enact, licence_lines
from tests.integration.retention.test_destruction import approved_list, execute

CLERK, DECIDER, READER = actor("a", Role.ARCHIVIST), actor("b", Role.APPROVER), actor("c", Role.VERIFIER)
TODAY = dt.date(2090, 1, 1)


def schedule(bench: Bench, version: int, *, minimum: int, trigger: str = "filed") -> None:
    period = f"trigger: {trigger},\n     period_years: 200, minimum_years: {minimum}"
    text = SCHEDULE.decode().replace("version: 1", f"version: {version}")
    text = text.replace("trigger: filed,\n     period_days: 0", period).replace("upper_bound_years: 30", "x: 0")
    with bench.archive.transaction() as session:
        enact(session, text.encode())


def ask(bench: Bench, document_id: str) -> str:
    customer_id = bench.document(document_id).customer_id
    assert customer_id is not None
    asked = Asked(customer_id=customer_id, ground=RequestGround.PURPOSE_MET, note="来函", received_on=TODAY)
    with bench.archive.transaction() as session:
        return file_request(session, CLERK, asked, TODAY).id


def decide(bench: Bench, request_id: str, *, is_granted: bool = True, today: dt.date = TODAY) -> SubjectRequest:
    decision = Decision(is_granted=is_granted, reason="已核实")
    with bench.archive.transaction() as session:
        return decide_request(session, DECIDER, request_id, decision, today, reindexer(bench.archive))


def due(bench: Bench, today: dt.date = TODAY) -> list[str]:
    with bench.archive.reading() as session:
        return [document.id for document in session.scalars(due_documents(CLERK, today))]


def test_what_no_law_keeps_is_due_and_destroyed_by_the_usual_way(bench: Bench) -> None:
    schedule(bench, 2, minimum=5)
    (document_id,) = bench.file(licence_lines(1))
    assert due(bench) == []

    decided = decide(bench, ask(bench, document_id))

    assert (decided.state, decided.documents_due, decided.documents_restricted) == (RequestState.GRANTED, 1, 0)
    assert due(bench) == [document_id]
    with bench.archive.reading() as session:
        (change,) = terms.changes_of(session, document_id)
    assert change.source == f"request:{decided.id}"
    assert execute(bench, approved_list(bench, document_id)) == {document_id: "destroyed"}


def test_what_a_law_still_keeps_is_restricted_until_that_day(bench: Bench) -> None:
    schedule(bench, 2, minimum=100)
    (document_id,) = bench.file(licence_lines(1))
    filed_at = bench.document(document_id).filed_at
    assert filed_at is not None

    decided = decide(bench, ask(bench, document_id))

    assert (decided.documents_due, decided.documents_restricted) == (0, 1)
    document = bench.document(document_id)
    free_on = filed_at.date().replace(year=filed_at.year + 100)
    assert document.due_on == free_on
    with bench.archive.reading() as session:
        assert session.scalars(visible_documents(READER)).all() == []
        with pytest.raises(NotFound):
            readable_document(session, READER, document_id)
        assert [each.id for each in session.scalars(restricted_documents(CLERK))] == [document_id]
    assert due(bench) == []
    assert due(bench, free_on) == [document_id]


def test_where_the_period_has_not_begun_nobody_can_say_when_the_law_lets_go(bench: Bench) -> None:
    schedule(bench, 2, minimum=5, trigger="relationship_ended")
    (document_id,) = bench.file(licence_lines(1))

    decided = decide(bench, ask(bench, document_id))

    assert (decided.documents_due, decided.documents_restricted) == (0, 1)
    assert bench.document(document_id).due_on is None


def test_when_the_period_begins_later_the_record_is_kept_no_longer_than_the_law_wants(bench: Bench) -> None:
    schedule(bench, 2, minimum=5, trigger="deregistered")
    (document_id,) = bench.file(licence_lines(1))
    decide(bench, ask(bench, document_id))
    customer_id = bench.document(document_id).customer_id
    day = dt.date(2089, 6, 1)
    gone = Happening(subject=f"customer:{customer_id}", kind=Trigger.DEREGISTERED, happened_on=day, evidence="公告")

    with bench.archive.transaction() as session:
        assert report_event(session, CLERK, gone, TODAY)[1] == 1

    assert bench.document(document_id).due_on == dt.date(2094, 6, 1)


def test_where_no_law_asks_for_a_period_the_request_counts_at_once(bench: Bench) -> None:
    schedule(bench, 2, minimum=0, trigger="relationship_ended")
    (document_id,) = bench.file(licence_lines(1))

    decide(bench, ask(bench, document_id))

    assert due(bench) == [document_id]


def test_one_files_and_another_decides_once(bench: Bench) -> None:
    schedule(bench, 2, minimum=5)
    (document_id,) = bench.file(licence_lines(1))
    request_id = ask(bench, document_id)
    both = actor("a", Role.APPROVER)
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        decide_request(
            session, both, request_id, Decision(is_granted=True, reason="x"), TODAY, reindexer(bench.archive)
        )
    assert decide(bench, request_id, is_granted=False).state == RequestState.REFUSED

    assert due(bench) == []
    assert bench.document(document_id).restricted_at is None
    with pytest.raises(WrongState):
        decide(bench, request_id)


def test_a_restriction_is_lifted_by_another_and_destruction_goes_on(bench: Bench) -> None:
    first, second = bench.file(licence_lines(1), licence_lines(2))
    for document_id in (first, second):
        with bench.archive.transaction() as session:
            restrict(session, CLERK, document_id, reason="异议处理中", reindex=reindexer(bench.archive))
    with bench.archive.transaction() as session, pytest.raises(InvalidInput):
        lift_restriction(session, actor("a", Role.APPROVER), first, reason="x", reindex=reindexer(bench.archive))
    with bench.archive.transaction() as session:
        lift_restriction(session, DECIDER, first, reason="异议不成立", reindex=reindexer(bench.archive))
    with bench.archive.reading() as session:
        assert [each.id for each in session.scalars(visible_documents(READER))] == [first]
        assert len(session.scalars(visible_customers(READER)).all()) == 2

    assert execute(bench, approved_list(bench, second)) == {second: "destroyed"}
    with bench.archive.reading() as session:  # the tombstone is for everybody
        states = {each.id: each.state for each in session.scalars(visible_documents(READER))}
    assert states == {first: DocumentState.FILED, second: DocumentState.DESTROYED}


def found(bench: Bench) -> int | None:
    with bench.archive.reading() as session:
        return bench.archive.index.search(session.connection(), SearchQuery(text="营业执照")).total_estimate


def test_what_is_restricted_is_not_even_counted_and_leaves_the_index_until_it_is_lifted(bench: Bench) -> None:
    schedule(bench, 2, minimum=100)
    asked, disputed, other = bench.file(*(licence_lines(number) for number in (1, 2, 3)))

    decide(bench, ask(bench, asked))
    with bench.archive.transaction() as session:
        restrict(session, CLERK, disputed, reason="异议处理中", reindex=reindexer(bench.archive))
    for _again in range(2):  # a rebuilt index holds no more, and fsck agrees
        with bench.archive.reading() as session:
            assert list(bench.archive.index.document_ids(session.connection())) == [other]
        assert found(bench) == 1
        assert [finding for finding in check(bench.archive) if "index" in finding.code] == []
        list(rebuild(bench.archive))

    with bench.archive.transaction() as session:
        lift_restriction(session, DECIDER, disputed, reason="异议不成立", reindex=reindexer(bench.archive))
    assert found(bench) == 2
