"""Destruction on both sets of parts: interrupted at every step, held at the last moment, and what is left behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from intake import fsck
from intake.jobs import enqueue
from records import audit
from records.customers import visible_customers
from records.errors import KeyDestroyed, NotPermitted, StoreUnavailable, WrongState
from records.models import AuditEntry, Document, Part
from records.sealing import customer_subject, document_subject
from records.terms import CustomerState, DocumentState, Role, Step
from records.verification import settle_duplicate
from retention import register
from retention.destruction import execute_list
from retention.erasing import Means
from retention.holds import HoldOrder, place_hold
from retention.lists import decide_list, propose_list
from retention.models import ListedDocument
from tests.archives import Bench, actor, licence_lines
from tests.pixel_text import page_png

TODAY = dt.date(2100, 1, 1)
EXECUTOR = actor("d", Role.ARCHIVIST)


def approved_list(bench: Bench, *document_ids: str) -> str:
    with bench.archive.transaction() as session:
        author = actor("a", Role.ARCHIVIST)
        proposed = propose_list(session, author, title="到期", document_ids=document_ids, today=TODAY)
    for name in ("b", "c"):
        with bench.archive.transaction() as session:
            decide_list(session, actor(name, Role.APPROVER), proposed.id, is_approved=True, opinion="同意")
    return proposed.id


def execute(bench: Bench, list_id: str, means: Means | None = None) -> dict[str, str]:
    return dict(execute_list(means or bench.archive.destruction_means(), EXECUTOR, list_id, TODAY))


def test_the_register_tells_beginning_and_end_with_the_eight_columns(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    execute(bench, approved_list(bench, document_id))

    with bench.archive.reading() as session:
        entries = register.entries_of(session, document_id)
        assert register.verify(session)[0] == len(entries) == 2
        assert audit.verify(session)[0] > 5
    assert [entry.event for entry in entries] == ["begun", "destroyed"]
    for column in ("档号", "文号", "责任者", "题名", "形成时间", "应保管期限", "已保管时间", "销毁时间"):
        assert f'"{column}":' in entries[0].entry
    assert "青禾" not in entries[0].entry


def test_nothing_but_the_tombstone_is_left(bench: Bench) -> None:
    kept_id, document_id = bench.file(licence_lines(1), licence_lines(2))
    execute(bench, approved_list(bench, document_id))

    assert list(fsck.check(bench.archive, deep=True)) == []
    assert bench.document(kept_id).state == DocumentState.FILED
    with pytest.raises(KeyDestroyed):
        bench.archive.keyring.seal(document_subject(document_id), b"x", "x")


def test_the_customer_goes_with_its_last_record_and_comes_back_as_another(bench: Bench) -> None:
    first, second = bench.file(licence_lines(1), [*licence_lines(1), "副本"])
    assert bench.document(first).customer_id == bench.document(second).customer_id
    execute(bench, approved_list(bench, first))
    with bench.archive.reading() as session:
        (customer,) = session.scalars(visible_customers(actor("x")))
    assert customer.state == CustomerState.PROPOSED

    execute(bench, approved_list(bench, second))
    (third,) = bench.file([*licence_lines(1), "再次"])

    with bench.archive.reading() as session:
        old, new = session.scalars(visible_customers(actor("x")).order_by("code"))
    assert (old.state, old.name_sealed) == (CustomerState.DESTROYED, None)
    assert bench.document(third).customer_id == new.id
    assert old.code != new.code


def test_a_hold_placed_after_approval_wins(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    list_id = approved_list(bench, document_id)
    with bench.archive.transaction() as session:
        order = HoldOrder(case_no="1", reason="诉讼", authority="法务部", subjects=[f"document:{document_id}"])
        place_hold(session, actor("e", Role.ARCHIVIST), order)

    outcomes = execute(bench, list_id)

    assert outcomes == {document_id: "under_hold"}
    assert bench.document(document_id).state == DocumentState.FILED


def test_a_duplicate_that_is_the_same_again_shares_the_fate_of_the_first(bench: Bench) -> None:
    page = page_png(licence_lines(1))
    (first,) = bench.send(page)
    bench.work()
    (copy,) = bench.send(page)
    assert bench.document(copy).duplicate_of == first
    with bench.archive.transaction() as session:
        settle_duplicate(session, actor("v"), copy, is_same=True, version=bench.document(copy).version)

    execute(bench, approved_list(bench, first))

    assert bench.document(copy).state == DocumentState.DESTROYED
    assert list(fsck.check(bench.archive, deep=True)) == []


def test_an_unsettled_duplicate_keeps_the_first_from_being_destroyed(bench: Bench) -> None:
    page = page_png(licence_lines(1))
    (first,) = bench.send(page)
    bench.work()
    bench.send(page)

    assert execute(bench, approved_list(bench, first)) == {first: "wrong_state"}


def test_a_copy_that_was_judged_different_goes_by_its_own_list_alone(bench: Bench) -> None:
    """Its list was interrupted when that of the first is carried out."""
    page = page_png(licence_lines(1))
    (first,) = bench.send(page)
    bench.work()
    (other,) = bench.send(page)
    with bench.archive.transaction() as session:
        settle_duplicate(session, actor("v"), other, is_same=False, version=bench.document(other).version)
        enqueue(session, Step.READ, other)
    bench.work()
    lists = {each: approved_list(bench, each) for each in (first, other)}
    with pytest.raises(StoreUnavailable):
        execute(bench, lists[other], interrupted(bench, "objects"))

    assert execute(bench, lists[first]) == {first: "destroyed"}
    assert bench.document(other).state == DocumentState.DESTROYING
    assert execute(bench, lists[other]) == {other: "destroyed"}
    with bench.archive.reading() as session:
        told = [[(e.event, e.list_id) for e in register.entries_of(session, each)] for each in lists]
    assert told == [[("begun", each), ("destroyed", each)] for each in lists.values()]


@pytest.mark.parametrize("who", ["a", "b", "c"])
def test_author_and_approvers_cannot_carry_out(bench: Bench, who: str) -> None:
    (document_id,) = bench.file(licence_lines(1))
    list_id = approved_list(bench, document_id)

    with pytest.raises(NotPermitted):
        list(execute_list(bench.archive.destruction_means(), actor(who, Role.ARCHIVIST), list_id, TODAY))


@pytest.mark.parametrize("stage", ["objects", "index", "key", "scrub", "verify"])
def test_an_interrupted_destruction_is_taken_up_and_finished(bench: Bench, stage: str) -> None:
    """Interrupted, the register says no more than `begun`; taken up, everything is gone and said once."""
    ids = bench.file(licence_lines(1), licence_lines(2))
    list_id = approved_list(bench, *ids)
    with pytest.raises(StoreUnavailable):
        execute(bench, list_id, interrupted(bench, stage))
    with bench.archive.reading() as session:
        assert not [e for i in ids for e in register.entries_of(session, i) if e.event == register.DESTROYED]

    outcomes = execute(bench, list_id)

    assert outcomes == dict.fromkeys(ids, "destroyed")
    with bench.archive.reading() as session:
        assert [[e.event for e in register.entries_of(session, i)] for i in ids] == [["begun", "destroyed"]] * 2
    assert list(fsck.check(bench.archive, deep=True)) == []


@pytest.mark.parametrize("what", ["objects", "key", "key of the customer", "index", "rows"])
def test_what_is_left_of_one_of_many_is_named_and_nothing_is_called_destroyed(bench: Bench, what: str) -> None:
    ids = bench.file(*(licence_lines(number) for number in range(5)))
    list_id, spared = approved_list(bench, *ids), sorted(ids)[2]
    with pytest.raises(WrongState) as caught:
        execute(bench, list_id, sparing(bench, spared, what))

    assert caught.value.facts == {"document_id": spared, "present": [what.split()[0]]}
    with bench.archive.reading() as session:
        assert {e.event for i in ids for e in register.entries_of(session, i)} == {register.BEGUN}

    assert execute(bench, list_id) == dict.fromkeys(ids, "destroyed")
    assert list(fsck.check(bench.archive, deep=True)) == []


def test_batches_settle_every_document_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among them one that is held, one whose copy shares its fate, and two of one customer in different batches."""
    monkeypatch.setattr("retention.destruction.BATCH", 2)
    page = page_png(licence_lines(9))
    papers = ([*licence_lines(number // 2), f"第{number}张"] for number in range(5))
    ids = [*bench.file(*papers), *bench.send(page)]
    bench.work()
    (copy,) = bench.send(page)
    with bench.archive.transaction() as session:
        settle_duplicate(session, actor("v"), copy, is_same=True, version=bench.document(copy).version)
    list_id = approved_list(bench, *ids)
    with bench.archive.transaction() as session:
        order = HoldOrder(case_no="1", reason="诉讼", authority="法务部", subjects=[f"document:{ids[3]}"])
        place_hold(session, actor("e", Role.ARCHIVIST), order)

    outcomes = list(execute_list(bench.archive.destruction_means(), EXECUTOR, list_id, TODAY))

    assert sorted(outcomes) == sorted((i, "under_hold" if i == ids[3] else "destroyed") for i in ids)
    with bench.archive.reading() as session:
        told = {i: [e.event for e in register.entries_of(session, i)] for i in [*ids, copy]}
        acts = [(a.action, a.object) for a in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]
        register.verify(session)
        audit.verify(session)
    assert told == {i: [] if i == ids[3] else ["begun", "destroyed"] for i in [*ids, copy]}
    assert [each for each in acts if each[0] == "document.kept"] == [("document.kept", f"document:{ids[3]}")]
    for action in ("destruction.begun", "document.destroyed"):
        assert sorted(each[1] for each in acts if each[0] == action) == sorted(
            f"document:{i}" for i in ids if i != ids[3]
        )
    assert list(fsck.check(bench.archive, deep=True)) == []


def test_what_another_run_settled_meanwhile_is_not_told_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two carry out one list; the second has read what waits, and goes on when the first is through."""
    monkeypatch.setattr("retention.destruction.BATCH", 1)
    ids = bench.file(licence_lines(1), licence_lines(2))
    list_id = approved_list(bench, *ids)
    means = bench.archive.destruction_means()
    with bench.archive.transaction() as session:
        order = HoldOrder(case_no="1", reason="诉讼", authority="法务部", subjects=[f"document:{min(ids)}"])
        place_hold(session, actor("e", Role.ARCHIVIST), order)
    second = execute_list(means, EXECUTOR, list_id, TODAY)
    assert next(second) == (min(ids), "under_hold")

    assert execute(bench, list_id) == {max(ids): "destroyed"}
    assert list(second) == []

    with bench.archive.reading() as session:
        assert [e.event for e in register.entries_of(session, max(ids))] == ["begun", "destroyed"]
        outcomes = select(ListedDocument.document_id, ListedDocument.outcome)
        assert dict(session.execute(outcomes).all()) == {min(ids): "under_hold", max(ids): "destroyed"}
        acts = select(AuditEntry.action).where(AuditEntry.object == f"document:{max(ids)}")
        assert "document.kept" not in session.scalars(acts).all()


def test_a_file_that_was_refused_after_it_was_kept_can_be_destroyed_too(bench: Bench) -> None:
    """It looks like a PNG from outside and does not open: refused by the worker, with its bytes in the store."""
    (document_id,) = bench.send(damaged_png())
    bench.work()
    assert bench.document(document_id).state == DocumentState.REFUSED

    outcomes = execute(bench, approved_list(bench, document_id))

    assert outcomes == {document_id: "destroyed"}
    assert list(fsck.check(bench.archive, deep=True)) == []


def damaged_png() -> bytes:
    whole = bytearray(page_png(licence_lines(1)))
    middle = whole.index(b"IDAT") + 40
    whole[middle : middle + 64] = bytes(64)
    return bytes(whole)


def sparing(bench: Bench, spared: str, what: str) -> Means:
    """The means of destruction, of which one passes over one document and says nothing of it."""
    means = bench.archive.destruction_means()
    with bench.archive.reading() as session:
        owner = session.get_one(Document, spared).customer_id
    subject = customer_subject(str(owner)) if what == "key of the customer" else document_subject(spared)
    prefix = means.prefix_of(spared)

    class Passes:
        def __init__(self, real: Any) -> None:
            self._real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def delete_each(self, prefixes: Sequence[str]) -> int:
            return int(self._real.delete_each([each for each in prefixes if each != prefix]))

        def destroy_keys(self, subjects: Sequence[str]) -> None:
            self._real.destroy_keys([each for each in subjects if each != subject])

        def remove(self, connection: Connection, document_ids: Sequence[str]) -> None:
            self._real.remove(connection, [each for each in document_ids if each != spared])

    def scrub() -> None:
        means.scrub()
        with bench.archive.transaction() as session:
            session.add(Part(document_id=spared, part_no=1, kind="contract", confidence=1.0, page_nos=[1]))

    return {
        "objects": lambda: replace(means, objects=Passes(means.objects)),
        "key": lambda: replace(means, keyring=Passes(means.keyring)),
        "key of the customer": lambda: replace(means, keyring=Passes(means.keyring)),
        "index": lambda: replace(means, index=Passes(means.index)),
        "rows": lambda: replace(means, scrub=scrub),
    }[what]()


def interrupted(bench: Bench, stage: str) -> Means:
    """The means of destruction, of which one stops working."""

    class Stops:
        def __init__(self, real: Any, method: str) -> None:
            self._real, self._method = real, method

        def __getattr__(self, name: str) -> Any:
            if name == self._method:
                return stop
            return getattr(self._real, name)

    def stop(*_: object, **__: object) -> None:
        raise StoreUnavailable(stage=stage)

    means = bench.archive.destruction_means()
    return {
        "objects": lambda: replace(means, objects=Stops(means.objects, "delete_each")),
        "index": lambda: replace(means, index=Stops(means.index, "remove")),
        "key": lambda: replace(means, keyring=Stops(means.keyring, "destroy_keys")),
        "scrub": lambda: replace(means, scrub=stop),
        "verify": lambda: replace(means, still_found=stop),
    }[stage]()
