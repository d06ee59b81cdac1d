"""A period that runs from a day the paper states: filed, corrected, previewed, taken out later, destroyed."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from typer.testing import CliRunner

from api.cli import app
from intake import jobs
from intake.backup import make_backup
from ocr.rechecking import recheck
from records import audit
from records.errors import NotPermitted, WrongState
from records.form_templates import keep_template
from records.models import Customer, Document, Field, RecordDate
from records.terms import DocumentState, FieldState, MoveEffect, NoDay, Role, Step, WaitingFor
from records.verification import FieldDecision, Rules, decide_field
from retention import amending
from retention.amending import approve_schedule, moves_of
from retention.due import due_documents
from retention.erasing import verify_absent
from retention.events import End, end_relationship
from retention.stated import NOT_STATED, Lack, lacking, take_days
from retention.terms import changes_of
from tests.acceptance.processes import environment_of
from tests.archives import CLASSES, LIGHT, Bench, actor, credit_code, enact, licence_lines
from tests.integration.retention import test_backup, test_requests
from tests.integration.retention.test_amending import DECIDER, DRAFTER, draft, version
from tests.integration.retention.test_destruction import approved_list, execute
from tests.integration.retention.test_orders_of_customers import Restore, restored

__all__ = ["backup", "new_settings", "restored"]
backup, new_settings = test_backup.backup, test_backup.new_settings

TODAY = dt.date(2100, 1, 1)
END = dt.date(2039, 3, 18)
TERM = "{field: business_term}"
ARCHIVIST = actor("x", Role.ARCHIVIST)


def licence(number: int, term: str = "2019年03月19日至2039年03月18日") -> list[str]:
    return [f"营业期限 {term}" if line.startswith("营业期限") else line for line in licence_lines(number)]


def schedule(bench: Bench, trigger: str, number: int = 2, years: int = 1) -> None:
    with bench.archive.transaction() as session:
        enact(session, version(number, trigger=trigger, years=years).replace(b", registration_form", b"") + LIGHT)


def lacks(bench: Bench, document_id: str) -> list[Lack]:
    with bench.archive.reading() as session:
        return lacking(session, session.get_one(Document, document_id))


def stated(bench: Bench, document_id: str) -> dict[str, dt.date | str | None]:
    with bench.archive.reading() as session:
        rows = session.scalars(select(RecordDate).where(RecordDate.document_id == document_id))
        return {row.field: row.day or row.no_day for row in rows}


def take(bench: Bench, after: str = "") -> tuple[int, int]:
    """How many days were taken out, and how many records have another due date."""
    with bench.archive.transaction() as session:
        taken = take_days(session, bench.archive.keyring, ARCHIVIST, after=after)
    return taken.days, taken.changed


def filed_before(bench: Bench, *document_ids: str) -> None:
    """As if there had been no such days when they were filed."""
    with bench.archive.transaction() as session:
        session.execute(delete(RecordDate).where(RecordDate.document_id.in_(document_ids)))


def test_the_period_runs_from_the_end_that_the_licence_states(bench: Bench) -> None:
    schedule(bench, TERM)

    document_id, endless = bench.file(licence(1), licence_lines(2))

    assert bench.document(document_id).due_on == END.replace(year=2040)
    assert lacks(bench, document_id) == []
    days = {"established_on": dt.date(2019, 3, 19), "issued_on": dt.date(2019, 3, 20)}
    assert stated(bench, document_id) == days | {"business_term": END}
    assert stated(bench, endless) == days | {"business_term": NoDay.ENDLESS}
    assert bench.document(endless).due_on is None  # 长期: it does not run, and that is said
    assert lacks(bench, endless) == [Lack(field="business_term", why="endless")]


def test_what_a_clerk_corrects_is_what_counts(bench: Bench) -> None:
    schedule(bench, TERM)
    doubtful, hidden = bench.file(licence(1, "2019年03月19日至"), licence(2, "2019年03月19日至"))
    assert bench.document(doubtful).waiting_for == WaitingFor.FIELDS

    decide(bench, doubtful, FieldState.CORRECTED, "2019年03月19日至2039年03月18日")
    decide(bench, hidden, FieldState.UNREADABLE)

    assert bench.document(doubtful).due_on == END.replace(year=2040)
    assert (bench.document(hidden).state, bench.document(hidden).due_on) == (DocumentState.FILED, None)
    assert lacks(bench, hidden) == [Lack(field="business_term", why="unreadable")]


def decide(bench: Bench, document_id: str, state: FieldState, value: str | None = None) -> None:
    rules = Rules(recheck=partial(recheck, today=TODAY))
    with bench.archive.transaction() as session:
        field = session.scalars(
            select(Field).where(Field.document_id == document_id, Field.name == "business_term")
        ).one()
        said = FieldDecision(part_no=field.part_no, name=field.name, state=state, value=value, version=field.version)
        decide_field(session, bench.archive.keyring, actor("y", Role.VERIFIER), document_id, said, rules)
        jobs.enqueue(session, Step.FILE, document_id)
    bench.work()


@pytest.mark.parametrize(
    ("choice", "before", "after"),
    [("latest", None, END.replace(year=2040)), ("earliest", END.replace(year=2040), END.replace(year=2040))],
)
def test_with_the_end_of_the_relationship(bench: Bench, choice: str, before: dt.date, after: dt.date) -> None:
    """An end that comes before the day the paper states brings nothing forward that has a day already (K38)."""
    schedule(bench, f"{{{choice}: [relationship_ended, {TERM}]}}")
    document_id, endless = bench.file(licence(1), licence_lines(2))
    ended_on = dt.date(2024, 1, 1)
    assert (bench.document(document_id).due_on, bench.document(endless).due_on) == (before, None)

    for each in (document_id, endless):
        with bench.archive.transaction() as session:
            customer = session.get_one(Customer, session.get_one(Document, each).customer_id)
            end = End(ended_on=ended_on, evidence="终止协议")
            end_relationship(session, ARCHIVIST, customer.id, end, today=TODAY, version=customer.version)

    assert bench.document(document_id).due_on == after
    assert bench.document(endless).due_on == (None if choice == "latest" else ended_on.replace(year=2025))


def test_a_draft_that_names_a_day_is_previewed_record_by_record(bench: Bench) -> None:
    document_id, endless = bench.file(licence(1), licence_lines(2))
    number = draft(bench, version(2, trigger=TERM, years=1).replace(b", registration_form", b"") + LIGHT)

    with bench.archive.reading() as session:
        moves = {move.document_id: (move.effect, move.due_after) for move in moves_of(session, number)}

    assert moves == {
        document_id: (MoveEffect.LATER, END.replace(year=2040)),
        endless: (MoveEffect.LATER, None),
    }


def test_days_of_what_was_filed_before_are_taken_out_with_the_key(bench: Bench) -> None:
    schedule(bench, TERM)
    document_id, endless = bench.file(licence(1), licence_lines(2))
    with bench.archive.transaction() as session:
        session.get_one(Document, document_id).due_on = None
    filed_before(bench, document_id, endless)
    assert lacks(bench, document_id) == [Lack(field="business_term", why=NOT_STATED)]

    assert take(bench) == (6, 1)

    assert bench.document(document_id).due_on == END.replace(year=2040)
    assert bench.document(endless).due_on is None
    assert stated(bench, endless)["business_term"] == NoDay.ENDLESS
    assert take(bench) == (0, 0)  # harmless when repeated
    with bench.archive.reading() as session:
        (change,) = changes_of(session, document_id)
        acts = [link.entry for link in audit.links(session) if '"records.days_taken"' in link.entry]
    assert (change.source, change.due_before, change.reason) == ("stated:days", None, "stated_days")
    assert len(acts) == 2
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        take_days(session, bench.archive.keyring, actor("y", Role.VERIFIER))


def test_taking_days_out_brings_nothing_forward(bench: Bench) -> None:
    schedule(bench, TERM)
    (document_id,) = bench.file(licence(1))
    later = dt.date(2090, 1, 1)
    filed_before(bench, document_id)
    with bench.archive.transaction() as session:
        session.get_one(Document, document_id).due_on = later

    assert take(bench) == (3, 0)

    assert bench.document(document_id).due_on == later


FORM = """kind: registration_form
titles: [供应商准入登记表]
fields:
  - { name: 供应商名称, labels: [供应商名称], rule: party, lines: 1 }
  - { name: 统一社会信用代码, labels: [统一社会信用代码], rule: credit_code, lines: 1 }
  - { name: 协议到期日, labels: [协议到期日], rule: date, lines: 1 }
"""


def test_a_day_of_the_companys_own_form_is_taken_out_once_a_schedule_names_it(bench: Bench) -> None:
    code, day = f"统一社会信用代码 {credit_code(1)}", "协议到期日 2024年05月06日"
    paper = ["供应商准入登记表", "供应商名称 上海青禾贸易有限公司", code, day]
    with bench.archive.transaction() as session:
        keep_template(session, ARCHIVIST, "supplier", FORM)
    (before,) = bench.file(paper)
    assert stated(bench, before) == {}
    own = b"registration_form], trigger: {field: " + "协议到期日".encode() + b"}"
    forms = CLASSES.replace(b"version: 1", b"version: 2").replace(b"registration_form], trigger: filed", own)
    number = draft(bench, forms.replace(b"business_license, ", b"") + LIGHT)

    assert take(bench) == (1, 0)  # the draft names it, so that its preview can be right

    with bench.archive.reading() as session:
        (move,) = moves_of(session, number)
    assert (move.effect, move.due_after) == (MoveEffect.SHORTER, dt.date(2024, 5, 6))
    with bench.archive.transaction() as session:
        approve_schedule(session, DECIDER, number, expected_moves=1)
    (after,) = bench.file([*paper, "副本"])
    assert stated(bench, after) == {"协议到期日": dt.date(2024, 5, 6)}
    assert bench.document(after).due_on == dt.date(2024, 5, 6)


def test_what_the_law_keeps_from_that_day_on_is_kept_though_its_customer_asks(bench: Bench) -> None:
    schedule(bench, TERM)
    document_id, endless = bench.file(licence(1), licence_lines(2))
    asked, of_endless = test_requests.ask(bench, document_id), test_requests.ask(bench, endless)

    decided = test_requests.decide(bench, asked, today=dt.date(2030, 1, 1))
    test_requests.decide(bench, of_endless, today=dt.date(2030, 1, 1))

    assert (decided.documents_due, decided.documents_restricted) == (0, 1)
    assert bench.document(document_id).due_on == END.replace(year=2040)
    assert (bench.document(endless).due_on, bench.document(endless).restricted_at is None) == (None, False)


def test_destruction_leaves_no_day(bench: Bench) -> None:
    schedule(bench, TERM)
    kept, gone = bench.file(licence(1), licence(2))
    list_id = approved_list(bench, gone)

    execute(bench, list_id)

    assert stated(bench, gone) == {}
    assert stated(bench, kept)["business_term"] == END
    with bench.archive.transaction() as session:
        session.add(RecordDate(document_id=gone, field="business_term", day=END))
        session.flush()
        with pytest.raises(WrongState) as caught:
            verify_absent(bench.archive.destruction_means(), session, [session.get_one(Document, gone)])
        session.rollback()
    assert caught.value.facts["present"] == ["rows"]


def test_days_come_back_with_a_backup_but_of_what_was_destroyed_since(
    bench: Bench, backup: Path, restored: Restore
) -> None:
    schedule(bench, TERM)
    kept, gone = bench.file(licence(1), licence(2))
    make_backup(bench.archive, backup)
    execute(bench, approved_list(bench, gone))

    new = restored()

    assert stated(new, kept)["business_term"] == END
    assert stated(new, gone) == {}
    with new.archive.reading() as session:
        assert [each.id for each in session.scalars(due_documents(DRAFTER, TODAY))] == [kept]


def test_a_command_takes_the_days_out_and_goes_on_where_it_was_stopped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amending, "BATCH", 1)
    schedule(bench, TERM)
    ids = sorted(bench.file(licence(1), licence_lines(2), licence(3)))
    filed_before(bench, *ids)

    answer = CliRunner().invoke(
        app, ["retention", "dates", "--after", ids[0]], env=environment_of(bench.settings), catch_exceptions=False
    )

    assert "6 days were taken out of 2 records" in answer.stderr
    assert [stated(bench, each) == {} for each in ids] == [True, False, False]
