"""Two supervisors count before and sign after; paper and electronic record are one unit. On both sets of parts."""

from __future__ import annotations

import datetime as dt

import pytest

from records import audit
from records.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotSupervised,
    SampleNotOpened,
    WrongState,
)
from records.ids import utc_now
from records.models import User
from records.terms import DocumentState, ListState, ShreddingMethod
from records.verification import settle_duplicate
from retention import register
from retention.models import DestructionList, Paper
from retention.movements import note_paper
from retention.papers import Shredding, record_shredding
from retention.supervision import count_list, draw_sample, sign_supervision
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention.office import (
    SUPERVISORS,
    approved,
    confirm,
    count,
    execute,
    furnish,
    look,
    ready,
    who,
)
from tests.pixel_text import page_png

ON = dt.date(2100, 1, 2)


@pytest.fixture
def office(bench: Bench) -> Bench:
    return furnish(bench)


def the_list(bench: Bench, list_id: str) -> DestructionList:
    with bench.archive.reading() as session:
        return session.get_one(DestructionList, list_id)


def keep_paper(bench: Bench, document_id: str) -> None:
    with bench.archive.transaction() as session:
        note_paper(session, who("clerk"), document_id, place="A区 3架 12盒")


def executed_with_paper(bench: Bench) -> tuple[Bench, str]:
    """Two records by six signatures, confirmed, counted and gone; the paper of the first is still there."""
    office = furnish(bench)
    ids = office.file(licence_lines(1), licence_lines(2))
    keep_paper(office, ids[0])
    list_id = approved(office, *ids)
    confirm(office, list_id, count=2)
    for name in SUPERVISORS:
        count(office, list_id, name, documents=2)
    execute(office, list_id)
    return office, list_id


def shred(
    bench: Bench,
    list_id: str,
    *document_ids: str,
    by: str = "executor",
    witness: str = "watcher",
    on: dt.date | None = None,
) -> None:
    shredding = Shredding(
        method=ShreddingMethod.SHREDDED, place="碎纸间", witness_id=witness, on=on or ON, document_ids=document_ids
    )
    with bench.archive.transaction() as session:
        record_shredding(session, who(by), list_id, shredding, ON)


def watch(bench: Bench, list_id: str, name: str) -> None:
    with bench.archive.transaction() as session:
        sign_supervision(session, who(name), list_id, remark="已现场监销")


def test_nothing_is_carried_out_before_both_have_counted(office: Bench) -> None:
    list_id = approved(office, *office.file(licence_lines(1)))
    confirm(office, list_id)
    with pytest.raises(NotSupervised):
        execute(office, list_id)
    count(office, list_id, "watcher")
    with pytest.raises(NotSupervised):
        execute(office, list_id)
    count(office, list_id, "observer")
    with pytest.raises(NotPermitted):
        execute(office, list_id, "watcher")

    assert set(execute(office, list_id).values()) == {"destroyed"}


def test_a_supervisor_opens_the_sample_and_counts_right(office: Bench) -> None:
    first, second = office.file(licence_lines(1), licence_lines(2))
    list_id = approved(office, first, second)
    assert the_list(office, list_id).sample == sorted([first, second])

    with office.archive.transaction() as session, pytest.raises(SampleNotOpened):
        count_list(session, who("watcher"), list_id, documents=2)
    look(office, list_id, "watcher")
    with office.archive.transaction() as session, pytest.raises(InvalidInput):
        count_list(session, who("watcher"), list_id, documents=3)


def test_what_was_opened_after_the_approval_is_told_by_the_log_and_not_by_clocks(
    office: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read by a machine whose clock is behind, and before the approval by one whose clock is ahead."""
    (document_id,) = office.file(licence_lines(1))
    with monkeypatch.context() as ahead, office.archive.transaction() as session:
        ahead.setattr("records.ledger.utc_now", lambda: utc_now() + dt.timedelta(hours=1))
        audit.record(session, who("watcher"), "document.viewed", f"document:{document_id}")
    list_id = approved(office, document_id)
    with pytest.raises(SampleNotOpened), office.archive.transaction() as session:
        count_list(session, who("watcher"), list_id, documents=1)

    monkeypatch.setattr("records.ledger.utc_now", lambda: utc_now() - dt.timedelta(hours=1))
    count(office, list_id, "watcher")


def test_looking_before_the_approval_does_not_count(office: Bench) -> None:
    (document_id,) = office.file(licence_lines(1))
    list_id = approved(office, document_id)
    look(office, list_id, "watcher")
    later = approved(office, *office.file(licence_lines(2)))

    with office.archive.transaction() as session, pytest.raises(SampleNotOpened):
        count_list(session, who("watcher"), later, documents=1)


def test_supervisors_come_from_two_departments_and_are_not_the_author(office: Bench) -> None:
    list_id = approved(office, *office.file(licence_lines(1)))
    count(office, list_id, "watcher")

    with pytest.raises(Conflict):
        count(office, list_id, "archives")
    with pytest.raises(NotPermitted):
        count(office, list_id, "clerk")
    with pytest.raises(NotPermitted):
        count(office, list_id, "leader")  # belongs to no department
    count(office, list_id, "observer")
    with pytest.raises(Conflict):
        count(office, list_id, "office")


def test_a_list_closes_with_the_second_signature(office: Bench) -> None:
    list_id = ready(office, office.file(licence_lines(1)))
    with pytest.raises(WrongState):
        watch(office, list_id, "watcher")
    execute(office, list_id)
    with pytest.raises(NotPermitted):
        watch(office, list_id, "archives")
    for name in SUPERVISORS:
        assert the_list(office, list_id).closed_at is None
        watch(office, list_id, name)

    assert the_list(office, list_id).closed_at is not None
    with pytest.raises(WrongState):
        watch(office, list_id, "watcher")


def test_a_list_is_not_final_before_its_paper_is_shredded(office: Bench) -> None:
    first, second = office.file(licence_lines(1), licence_lines(2))
    keep_paper(office, first)
    keep_paper(office, second)
    list_id = ready(office, [first, second])
    with pytest.raises(WrongState):
        shred(office, list_id, first)
    execute(office, list_id)
    with pytest.raises(WrongState):
        watch(office, list_id, "watcher")
    with pytest.raises(NotPermitted):
        shred(office, list_id, first, witness="executor")
    with pytest.raises(NotPermitted):
        shred(office, list_id, first, witness="archives")
    shred(office, list_id, first)
    with pytest.raises(NotFound):
        shred(office, list_id, first)
    with pytest.raises(WrongState):
        watch(office, list_id, "watcher")
    shred(office, list_id)
    for name in SUPERVISORS:
        watch(office, list_id, name)

    assert the_list(office, list_id).closed_at is not None
    with office.archive.reading() as session:
        events = [entry.event for entry in register.entries_of(session, second)]
        assert register.verify(session)[0] == 6
        assert session.get_one(Paper, second).method == ShreddingMethod.SHREDDED
    assert events == ["begun", "destroyed", "paper_destroyed"]


def test_the_paper_of_a_copy_goes_with_it(office: Bench) -> None:
    page = page_png(licence_lines(1))
    (first,) = office.send(page)
    office.work()
    (copy,) = office.send(page)
    keep_paper(office, copy)
    with office.archive.transaction() as session:
        settle_duplicate(session, actor("v"), copy, is_same=True, version=office.document(copy).version)
    list_id = ready(office, [first])
    execute(office, list_id)
    assert the_list(office, list_id).state == ListState.EXECUTED

    shred(office, list_id, copy)

    with office.archive.reading() as session:
        assert register.entries_of(session, copy)[-1].event == register.PAPER_DESTROYED


def test_where_nobody_supervises_a_list_without_paper_closes_by_itself(bench: Bench) -> None:
    from tests.integration.retention.test_destruction import approved_list
    from tests.integration.retention.test_destruction import execute as carry_out

    first, second = bench.file(licence_lines(1), licence_lines(2))
    with bench.archive.transaction() as session:
        note_paper(session, actor("a"), second, place="1")
    without, with_paper = approved_list(bench, first), approved_list(bench, second)
    for list_id in (without, with_paper):
        carry_out(bench, list_id)
    assert the_list(bench, without).closed_at is not None
    assert the_list(bench, with_paper).closed_at is None
    with bench.archive.transaction() as session, pytest.raises(WrongState):
        note_paper(session, actor("a"), second, place="2")

    with bench.archive.transaction() as session:
        session.add(User(id="w", name="w", password_hash="!", roles=[]))
    with bench.archive.transaction() as session:
        seen = Shredding(method=ShreddingMethod.PULPED, place="纸厂", witness_id="w", on=ON)
        record_shredding(session, actor("d"), with_paper, seen, ON)

    assert the_list(bench, with_paper).closed_at is not None
    assert bench.document(second).state == DocumentState.DESTROYED


@pytest.mark.parametrize(("documents", "drawn"), [(1, 1), (5, 5), (6, 5), (100, 5), (101, 6), (10_000, 20)])
def test_the_sample_is_a_twentieth_between_five_and_twenty(documents: int, drawn: int) -> None:
    ids = [f"{n:05d}" for n in range(documents)]
    sample = draw_sample(ids)

    assert len(set(sample)) == drawn
    assert set(sample) <= set(ids)


def test_paper_is_not_destroyed_tomorrow_nor_before_its_list_was_approved(bench: Bench) -> None:
    office, list_id = executed_with_paper(bench)
    for wrong in (ON + dt.timedelta(days=1), utc_now().date() - dt.timedelta(days=1)):
        with pytest.raises(InvalidInput):
            shred(office, list_id, on=wrong)
