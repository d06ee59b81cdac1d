"""What a natural person was told is noted in his file; where it is not, somebody is reminded. On both sets of parts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import update

from records.errors import InvalidInput, NotPermitted
from records.ids import utc_now
from records.models import Customer
from records.terms import CustomerKind, CustomerState, DocumentState, ReminderKind, Role, WaitingFor
from retention.notices import Told, note_notice, notices_of
from retention.reminders import reminders_for
from tests.archives import Bench, actor, licence_lines

CLERK = actor("a", Role.ARCHIVIST)
FRONT = ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 女 民族 汉", "出生 1949年12月31日",
         "住址 北京市朝阳区青禾路1号", "公民身份号码 11010519491231002X"]  # fmt: skip
TODAY = utc_now().date()


def told(**given: object) -> Told:
    return Told(**({"given_on": TODAY, "purpose": "核验身份", "keeping": "三年"} | given))  # type: ignore[arg-type]


@pytest.fixture
def person(bench: Bench) -> str:
    """A customer who is a natural person, with one record."""
    (document_id,) = bench.file(licence_lines(1))
    customer_id = bench.document(document_id).customer_id
    assert customer_id is not None
    with bench.archive.transaction() as session:
        session.execute(update(Customer).values(kind=CustomerKind.INDIVIDUAL))
    return customer_id


def missing(bench: Bench, role: Role, days: int = 0) -> list[int | None]:
    with bench.archive.reading() as session:
        found = reminders_for(session, actor("x", role), TODAY + dt.timedelta(days=days))
    return [each.count for each in found if each.kind == ReminderKind.NOTICE_MISSING]


def test_a_missing_notice_climbs_until_it_is_noted(bench: Bench, person: str) -> None:
    assert [missing(bench, Role.ARCHIVIST), missing(bench, Role.APPROVER)] == [[1], []]
    assert [missing(bench, Role.APPROVER, days) for days in (29, 30)] == [[], [1]]
    assert [missing(bench, Role.AUDITOR, days) for days in (89, 90)] == [[], [1]]

    with bench.archive.transaction() as session:
        note_notice(session, CLERK, person, told(), TODAY)

    assert missing(bench, Role.ARCHIVIST, 90) == []
    with bench.archive.reading() as session:
        assert [each.keeping for each in notices_of(session, person)] == ["三年"]


def test_a_company_needs_none(bench: Bench) -> None:
    bench.file(licence_lines(1))

    assert missing(bench, Role.ARCHIVIST) == []


def test_a_notice_says_what_for_and_lies_in_the_past_and_in_the_right_file(bench: Bench, person: str) -> None:
    (elsewhere,) = bench.file(licence_lines(2))
    wrong = (
        told(purpose=" "), told(keeping=""), told(given_on=TODAY + dt.timedelta(days=1)), told(document_id=elsewhere),
    )  # fmt: skip

    for each in wrong:
        with bench.archive.transaction() as session, pytest.raises(InvalidInput):
            note_notice(session, CLERK, person, each, TODAY)
    with bench.archive.transaction() as session, pytest.raises(NotPermitted):
        note_notice(session, actor("s", Role.SCANNER), person, told(), TODAY)


def strict(bench: Bench) -> Bench:
    """Notices are noted here and nowhere else."""
    bench.archive = replace(bench.archive, notices_are_here=True)
    return bench


def where(bench: Bench, document_id: str) -> tuple[str, str | None]:
    document = bench.document(document_id)
    return document.state, document.waiting_for


def test_no_other_paper_waits_for_a_notice(bench: Bench) -> None:
    (document_id,) = strict(bench).file(licence_lines(1))

    assert where(bench, document_id) == (DocumentState.FILED, None)


def test_where_notices_are_kept_elsewhere_no_copy_waits(bench: Bench) -> None:
    (document_id,) = bench.file(FRONT)

    assert where(bench, document_id) == (DocumentState.FILED, None)


def test_a_copy_whose_file_was_closed_meanwhile_is_put_in_by_an_archivist(bench: Bench) -> None:
    (document_id,) = strict(bench).file(FRONT)
    customer_id = bench.document(document_id).customer_id or ""
    with bench.archive.transaction() as session:
        session.execute(update(Customer).values(state=CustomerState.ENDED, ended_on=TODAY))
    with bench.archive.transaction() as session:
        assert note_notice(session, CLERK, customer_id, told(), TODAY).freed == []

    assert where(bench, document_id) == (DocumentState.WAITING, WaitingFor.CUSTOMER)
    assert bench.document(document_id).customer_id is None
