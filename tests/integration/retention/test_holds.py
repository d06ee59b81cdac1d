"""Holds on both sets of parts: what they lie on, what releases them, and that none is missed at the last moment."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading
import time

import pytest
from sqlalchemy import select

from records.errors import ArchiveError, InvalidInput, NotDue, NotPermitted, WrongState
from records.models import AuditEntry
from records.terms import DocumentKind, DocumentState, Role
from retention.due import due_documents
from retention.holds import HoldOrder, Scope, holds_on, place_hold, release_hold
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention.test_destruction import TODAY, approved_list, execute

LAWYER, JUDGE = actor("a", Role.ARCHIVIST), actor("b", Role.APPROVER)
CASES = itertools.count()


def hold(bench: Bench, *subjects: str, query: Scope | None = None) -> str:
    order = HoldOrder(case_no=f"沪01-{next(CASES)}", reason="诉讼", authority="法务部", subjects=subjects, query=query)
    with bench.archive.transaction() as session:
        return place_hold(session, LAWYER, order).id


def release(bench: Bench, hold_id: str) -> None:
    with bench.archive.transaction() as session:
        release_hold(session, JUDGE, hold_id, reason="结案")


def due(bench: Bench) -> list[str]:
    with bench.archive.reading() as session:
        return [document.id for document in session.scalars(due_documents(LAWYER, TODAY))]


def held(bench: Bench, document_id: str) -> list[str]:
    with bench.archive.reading() as session:
        return [each.id for each in holds_on(session, bench.document(document_id))]


QUERIES = {
    "region": Scope(region_code="HD"),
    "kind": Scope(kind=DocumentKind.BUSINESS_LICENSE),
    "class": Scope(retention_class="licences"),
    "from": Scope(received_from=dt.date(2020, 1, 1)),
    "before": Scope(received_before=dt.date(2100, 1, 1)),
    "all": Scope(region_code="HD", kind=DocumentKind.BUSINESS_LICENSE, received_from=dt.date(2020, 1, 1)),
}
ELSEWHERE = {
    "region": Scope(region_code="HB"),
    "kind": Scope(kind=DocumentKind.ID_CARD),
    "class": Scope(retention_class="id_copies"),
    "from": Scope(received_from=dt.date(2100, 1, 1)),
    "before": Scope(received_before=dt.date(2020, 1, 1)),
    "not all": Scope(region_code="HD", kind=DocumentKind.ID_CARD),
}


def test_a_query_holds_what_it_finds_and_what_is_still_to_come(bench: Bench) -> None:
    (first,) = bench.file(licence_lines(1))
    for query in ELSEWHERE.values():
        hold(bench, query=query)
    assert due(bench) == [first]
    assert held(bench, first) == []

    for query in QUERIES.values():
        hold_id = hold(bench, query=query)
        assert held(bench, first) == [hold_id]
        assert due(bench) == []
        release(bench, hold_id)

    hold_id = hold(bench, query=QUERIES["all"])
    (second,) = bench.file(licence_lines(2))
    assert held(bench, second) == [hold_id]
    with pytest.raises(NotDue):
        approved_list(bench, second)


def test_a_record_stays_until_all_its_holds_are_released(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    customer_id = bench.document(document_id).customer_id
    holds = [
        hold(bench, f"document:{document_id}"),
        hold(bench, f"customer:{customer_id}"),
        hold(bench, query=QUERIES["region"]),
        hold(bench, f"document:{document_id}", f"customer:{customer_id}", query=QUERIES["kind"]),
    ]
    assert held(bench, document_id) == holds
    for hold_id in holds:
        assert due(bench) == []
        release(bench, hold_id)

    assert due(bench) == [document_id]
    assert bench.document(document_id).state == DocumentState.FILED


def test_a_hold_lies_on_something(bench: Bench) -> None:
    for query in (None, Scope()):
        with pytest.raises(InvalidInput):
            hold(bench, query=query)
    order = HoldOrder(case_no="x", reason="x", authority="x", query=Scope(region_code="HB"))
    eastern = actor("a", Role.ARCHIVIST, regions=frozenset({"HD"}))
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        place_hold(session, eastern, order)


def test_what_is_destroyed_cannot_be_held(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    execute(bench, approved_list(bench, document_id))

    with pytest.raises(WrongState):
        hold(bench, f"document:{document_id}")


@pytest.mark.parametrize("scope", ["query", "customer", "document"])
def test_a_hold_committed_before_the_destruction_began_always_wins(bench: Bench, scope: str) -> None:
    """Placed and begun at the same time from two threads; the audit log has the order in which they committed."""
    chance = random.Random(7)
    outcomes = set()
    for number in range(8):
        (document_id,) = bench.file(licence_lines(number))
        list_id = approved_list(bench, document_id)
        subject = {
            "document": f"document:{document_id}",
            "customer": f"customer:{bench.document(document_id).customer_id}",
        }.get(scope)
        query = Scope(retention_class="licences") if scope == "query" else None
        placed: list[str] = []

        def place(delay_s: float = chance.uniform(0, 0.03), subject: str | None = subject,
                  query: Scope | None = query, placed: list[str] = placed) -> None:  # fmt: skip
            time.sleep(delay_s)
            try:
                placed.append(hold(bench, *([subject] if subject else []), query=query))
            except ArchiveError:
                return

        other = threading.Thread(target=place)
        other.start()
        time.sleep(chance.uniform(0, 0.03))
        (outcome,) = execute(bench, list_id).values()
        other.join()

        hold_seq = _seq(bench, "hold.placed", f"hold:{placed[0]}") if placed else None
        begun_seq = _seq(bench, "destruction.begun", f"document:{document_id}")
        if outcome == "destroyed":
            assert begun_seq is not None
            assert hold_seq is None or begun_seq < hold_seq
        else:
            assert outcome == "under_hold"
            assert begun_seq is None
            assert bench.document(document_id).state == DocumentState.FILED
        outcomes.add(outcome)
        for hold_id in placed:
            release(bench, hold_id)
    assert outcomes <= {"destroyed", "under_hold"}


def _seq(bench: Bench, action: str, subject: str) -> int | None:
    wanted = select(AuditEntry.seq).where(AuditEntry.action == action, AuditEntry.object == subject)
    with bench.archive.reading() as session:
        return session.scalar(wanted)


@pytest.mark.parametrize("name", ["document", "customer", "query"])
def test_a_hold_is_released_with_a_reason_by_who_sees_all_it_lies_on(bench: Bench, name: str) -> None:
    (document_id,) = bench.file(licence_lines(1))
    subject = {"document": document_id, "customer": bench.document(document_id).customer_id}.get(name)
    hold_id = hold(bench, f"{name}:{subject}") if subject else hold(bench, query=QUERIES["region"])
    for who, reason, refusal in (
        (actor("e", Role.APPROVER, regions=frozenset({"HB"})), "结案", NotPermitted),
        (actor("e", Role.APPROVER), " ", InvalidInput),
    ):
        with bench.archive.transaction() as session, pytest.raises(refusal):
            release_hold(session, who, hold_id, reason=reason)
    with bench.archive.transaction() as session:
        release_hold(session, actor("e", Role.APPROVER, regions=frozenset({"HD"})), hold_id, reason="结案")

    assert held(bench, document_id) == []
