"""The chains in the database: the columns beside an entry, and the entry, cannot be changed unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from records import audit
from records.errors import ChainBroken
from records.models import Document
from retention import register
from tests.archives import Bench, actor

ODD = '张"三\\\n'
"""A name that JSON must escape."""


def record_acts(bench: Bench) -> int:
    with bench.archive.transaction() as session:
        audit.record(session, actor(ODD), "thing.done", "thing:1", note=ODD)
        return audit.record(session, actor("somebody"), "thing.done", "thing:2", number=1)


def test_what_was_recorded_verifies(bench: Bench) -> None:
    last = record_acts(bench)

    with bench.archive.reading() as session:
        assert audit.verify(session)[0] == last


@pytest.mark.parametrize(
    "change",
    ["actor = 'b'", "action = 'a.b'", "object = 'thing:1'", "entry = entry || ' '", "entry = '?'", "entry = '[1]'"],
)
def test_a_change_is_located(bench: Bench, change: str) -> None:
    last = record_acts(bench)
    with bench.archive.transaction() as session:
        session.execute(text(f"UPDATE audit_entries SET {change} WHERE seq = :seq"), {"seq": last})

    with bench.archive.reading() as session, pytest.raises(ChainBroken) as broken:
        audit.verify(session)

    assert broken.value.facts["seq"] == last


@pytest.mark.parametrize("change", ["document_id = 'b'", "archival_code = 'b'", "list_id = 'b'", "event = 'b'"])
def test_a_change_beside_the_register_is_located(bench: Bench, change: str) -> None:
    with bench.archive.transaction() as session:
        for event in (register.BEGUN, register.DESTROYED):
            register.append(session, Document(id="a", archival_code="HD-1"), list_id="1", event=event, facts={})
        assert register.verify(session) == register.end(session)
        session.execute(text(f"UPDATE destruction_register SET {change} WHERE seq = 2"))

    with bench.archive.reading() as session, pytest.raises(ChainBroken) as broken:
        register.verify(session)

    assert broken.value.facts["seq"] == 2


def test_a_lost_head_is_noticed(bench: Bench) -> None:
    record_acts(bench)
    with bench.archive.transaction() as session:
        session.execute(text("DELETE FROM audit_head"))

    with bench.archive.reading() as session, pytest.raises(ChainBroken):
        audit.verify(session)


def test_what_is_recorded_meanwhile_does_not_break_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each statement of PostgreSQL sees its own moment: the head that is compared may be newer than the entries."""
    before, ledger = record_acts(bench), audit._ledger
    whole_end = ledger.end

    def end_after_others(session: Session) -> tuple[int, str]:
        record_acts(bench)
        return whole_end(session)

    monkeypatch.setattr(ledger, "end", end_after_others)
    with bench.archive.reading() as session:
        reached = audit.verify(session)[0]

    assert reached == (before if bench.archive.engine.dialect.name == "sqlite" else before + 2)


def test_entries_after_the_head_are_noticed(bench: Bench) -> None:
    last = record_acts(bench)
    with bench.archive.transaction() as session:
        session.execute(text("UPDATE audit_head SET seq = seq - 1"))

    with bench.archive.reading() as session, pytest.raises(ChainBroken) as broken:
        audit.verify(session)

    assert broken.value.facts == {"seq": last, "head": last - 1}
