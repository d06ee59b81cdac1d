"""The ledger of a paper: received, moved, lent out, returned, until it is destroyed. Both sets of parts."""

from __future__ import annotations

import datetime as dt

import pytest

from records.errors import InvalidInput, NotFound, NotPermitted, WrongState
from records.terms import MovementKind, Role
from retention.models import Paper
from retention.movements import Movement, Stay, lent_among, move_paper, note_paper, stays_of
from retention.papers import Shredding, record_shredding
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention.test_destruction import approved_list, execute

KEEPER, OTHER = actor("a", Role.ARCHIVIST), actor("b", Role.VERIFIER)
BACK_ON = dt.date(2100, 2, 1)
RECEIVED, MOVED, LENT, RETURNED = MovementKind


def move(bench: Bench, document_id: str, kind: MovementKind, place: str, reason: str = "事由", by: str = "a") -> None:
    back_on = BACK_ON if kind == LENT else None
    movement = Movement(kind=kind, place=place, reason=reason, back_on=back_on)
    with bench.archive.transaction() as session:
        move_paper(session, actor(by, Role.ARCHIVIST), document_id, movement)


def stays(bench: Bench, document_id: str) -> list[Stay]:
    with bench.archive.reading() as session:
        return stays_of(session, KEEPER, document_id)


def test_no_earlier_place_is_lost(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    assert stays(bench, document_id) == []
    move(bench, document_id, RECEIVED, "A区 3架")
    move(bench, document_id, MOVED, "B区 1架", reason="库房调整")
    move(bench, document_id, LENT, "法务部", reason="诉讼取证", by="b")
    move(bench, document_id, RETURNED, "B区 1架")

    ledger = stays(bench, document_id)[::-1]

    lines = [stay.movement for stay in ledger]
    assert [(line.kind, line.place, line.by) for line in lines] == [
        ("received", "A区 3架", "a"), ("moved", "B区 1架", "a"), ("lent", "法务部", "b"), ("returned", "B区 1架", "a"),
    ]  # fmt: skip
    assert [line.reason for line in lines][1:3] == ["库房调整", "诉讼取证"]
    assert [line.back_on for line in lines] == [None, None, BACK_ON, None]
    assert [stay.until for stay in ledger] == [*(line.at for line in lines[1:]), None]
    with bench.archive.reading() as session:
        assert session.get_one(Paper, document_id).place == "B区 1架"


def test_noting_a_place_is_a_movement_too(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    for place in ("A区", "B区"):
        with bench.archive.transaction() as session:
            note_paper(session, OTHER, document_id, place=place)
    move(bench, document_id, LENT, "财务部")
    with bench.archive.transaction() as session:
        note_paper(session, OTHER, document_id, place="B区", reason="归还，完好")

    kinds = [(stay.movement.kind, stay.movement.place) for stay in stays(bench, document_id)[::-1]]
    assert kinds == [("received", "A区"), ("moved", "B区"), ("lent", "财务部"), ("returned", "B区")]


def test_a_paper_goes_only_from_where_it_is(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    for kind in (MOVED, LENT, RETURNED):
        with pytest.raises(WrongState):
            move(bench, document_id, kind, "A区")
    move(bench, document_id, RECEIVED, "A区")
    for kind in (RECEIVED, RETURNED):
        with pytest.raises(WrongState):
            move(bench, document_id, kind, "A区")
    move(bench, document_id, LENT, "法务部")
    for kind in (RECEIVED, MOVED, LENT):
        with pytest.raises(WrongState):
            move(bench, document_id, kind, "A区")

    assert len(stays(bench, document_id)) == 2


def test_a_movement_says_where_why_and_until_when(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    move(bench, document_id, RECEIVED, "A区")
    wrong = [
        Movement(kind=MOVED, place=" ", reason="x"),
        Movement(kind=MOVED, place="B区", reason=" "),
        Movement(kind=LENT, place="法务部", reason="x"),
        Movement(kind=MOVED, place="B区", reason="x", back_on=BACK_ON),
    ]
    for movement in wrong:
        with bench.archive.transaction() as session, pytest.raises(InvalidInput):
            move_paper(session, KEEPER, document_id, movement)
    moved = Movement(kind=MOVED, place="B区", reason="x")
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        move_paper(session, actor("c", Role.APPROVER), document_id, moved)
    elsewhere = actor("c", Role.ARCHIVIST, regions=frozenset({"HB"}))
    with bench.archive.transaction() as session, pytest.raises(NotFound):
        move_paper(session, elsewhere, document_id, moved)
    with bench.archive.reading() as session, pytest.raises(NotFound):
        stays_of(session, elsewhere, document_id)


def test_a_paper_that_is_lent_out_is_not_destroyed_before_it_is_back(bench: Bench) -> None:
    first, second = bench.file(licence_lines(1), licence_lines(2))
    for document_id in (first, second):
        move(bench, document_id, RECEIVED, "A区")
    move(bench, first, LENT, "法务部")
    list_id = approved_list(bench, first, second)
    execute(bench, list_id)
    shredding = Shredding(method="shredded", place="碎纸间", witness_id="b", on=dt.date(2100, 1, 1))
    with bench.archive.reading() as session:
        assert lent_among(session, [first, second]) == {first}
    with bench.archive.transaction() as session, pytest.raises(WrongState):
        record_shredding(session, KEEPER, list_id, shredding, dt.date(2100, 1, 1))

    move(bench, first, RETURNED, "碎纸间")
    with bench.archive.transaction() as session:
        assert record_shredding(session, KEEPER, list_id, shredding, dt.date(2100, 1, 1)).closed_at is not None

    with pytest.raises(WrongState):
        move(bench, first, MOVED, "A区")
