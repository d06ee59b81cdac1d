"""Rounds of appraisal on both sets of parts: what is collected, who judges, what is kept longer, and the report."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest

from records.errors import BeyondBound, InvalidInput, NotAppraised, NotDue, NotFound, NotPermitted, WrongState
from records.models import User
from records.terms import AppraisalPart, Verdict
from retention import terms
from retention.appraisal import Member, batches_of, open_round
from retention.appraisal_report import lines_of
from retention.lists import propose_list
from retention.models import Appraisal, AppraisedDocument
from tests.archives import Bench, licence_lines
from tests.integration.retention.office import GROUP, TODAY, finish, furnish, judge, opened, release, who

KEPT_UNTIL = TODAY + dt.timedelta(days=300)


@pytest.fixture
def office(bench: Bench) -> Bench:
    return furnish(bench)


def judge_all(bench: Bench, appraisal_id: str, ids: list[str], **opinion: object) -> None:
    for member in GROUP:
        judge(bench, appraisal_id, member.user_id, document_ids=ids, **opinion)


def propose(bench: Bench, *document_ids: str, today: dt.date = TODAY) -> None:
    with bench.archive.transaction() as session:
        propose_list(session, who("clerk"), title="x", document_ids=document_ids, today=today)


def near(bench: Bench, *ids: str) -> None:
    """Make the period start late enough for the class's bound to leave room on the day of the test."""
    with bench.archive.transaction() as session:
        for document_id in ids:
            document = session.get_one(type(bench.document(document_id)), document_id)
            document.due_on = TODAY - dt.timedelta(days=30)


def test_nothing_is_listed_that_was_not_appraised(office: Bench) -> None:
    (document_id,) = office.file(licence_lines(1))
    with pytest.raises(NotAppraised):
        propose(office, document_id)
    appraisal_id = opened(office)
    with pytest.raises(NotDue):  # it is under appraisal
        propose(office, document_id)
    judge_all(office, appraisal_id, [document_id])
    finish(office, appraisal_id)

    propose(office, document_id)


def test_what_one_member_wants_kept_is_kept_until_the_latest_day_and_says_why(office: Bench) -> None:
    first, second = office.file(licence_lines(1), licence_lines(2))
    near(office, first, second)
    appraisal_id = opened(office)
    judge_all(office, appraisal_id, [first, second])
    day = TODAY + dt.timedelta(days=9)
    keep = {"verdict": Verdict.KEEP, "document_ids": [first]}
    judge(office, appraisal_id, "business", **keep, keep_until=day, reason="诉讼时效未过")
    judge(office, appraisal_id, "archives", **keep, keep_until=KEPT_UNTIL, reason="具有利用价值")
    finish(office, appraisal_id)

    assert office.document(first).due_on == KEPT_UNTIL
    with office.archive.reading() as session:
        (change,) = terms.changes_of(session, first)
        assert terms.changes_of(session, second) == []
    assert change.reason in ("诉讼时效未过；具有利用价值", "具有利用价值；诉讼时效未过")
    with pytest.raises(NotDue):
        propose(office, first)
    propose(office, second)
    with pytest.raises(NotAppraised):  # once it is due again it is judged again
        propose(office, first, today=KEPT_UNTIL)


def test_a_batch_is_judged_at_once(office: Bench) -> None:
    ids = office.file(*(licence_lines(n) for n in range(4)))
    appraisal_id = opened(office)
    with office.archive.reading() as session:
        (batch,) = batches_of(session, appraisal_id)
    assert (batch.documents, batch.judged_by) == (4, {})

    assert judge(office, appraisal_id, "leader", batch=batch.name) == 4

    with office.archive.reading() as session:
        (batch,) = batches_of(session, appraisal_id)
    assert batch.judged_by == {"leader": 4}
    with pytest.raises(NotFound):
        judge(office, appraisal_id, "leader", batch="another")
    with pytest.raises(NotFound):
        judge(office, appraisal_id, "leader", document_ids=[*ids, "another"])


def test_nobody_concludes_before_all_have_judged_or_but_the_leader(office: Bench) -> None:
    (document_id,) = office.file(licence_lines(1))
    appraisal_id = opened(office)
    for name in ("leader", "archives"):
        judge(office, appraisal_id, name, document_ids=[document_id])
    with pytest.raises(WrongState):
        finish(office, appraisal_id)
    with pytest.raises(NotPermitted):
        judge(office, appraisal_id, "clerk", document_ids=[document_id])
    judge(office, appraisal_id, "business", document_ids=[document_id])
    with pytest.raises(NotPermitted):
        finish(office, appraisal_id, "archives")
    finish(office, appraisal_id)

    with pytest.raises(WrongState):
        judge(office, appraisal_id, "leader", document_ids=[document_id])
    with pytest.raises(WrongState):
        opened(office)


@pytest.mark.parametrize(
    "opinion",
    [
        {"verdict": Verdict.KEEP, "keep_until": KEPT_UNTIL, "reason": ""},
        {"verdict": Verdict.KEEP, "reason": "x"},
        {"verdict": Verdict.KEEP, "keep_until": TODAY, "reason": "x"},
        {"verdict": Verdict.DESTROY, "keep_until": KEPT_UNTIL, "reason": "x"},
    ],
)
def test_keeping_longer_needs_a_coming_day_and_a_reason(office: Bench, opinion: dict[str, object]) -> None:
    (document_id,) = office.file(licence_lines(1))
    appraisal_id = opened(office)

    with pytest.raises(InvalidInput):
        judge(office, appraisal_id, "leader", document_ids=[document_id], **opinion)


def test_nothing_is_kept_beyond_the_bound_of_its_class(office: Bench) -> None:
    """Licences may be kept for 30 years: the period of this one began long before the day of the test."""
    (document_id,) = office.file(licence_lines(1))
    due_on = office.document(document_id).due_on
    assert due_on is not None
    assert due_on.replace(year=due_on.year + 30) < TODAY
    appraisal_id = opened(office)

    with pytest.raises(BeyondBound):
        judge(
            office, appraisal_id, "leader", document_ids=[document_id], verdict=Verdict.KEEP,
            keep_until=KEPT_UNTIL, reason="x",
        )  # fmt: skip


def test_a_group_has_a_leader_the_archives_and_the_business(office: Bench) -> None:
    office.file(licence_lines(1))
    twice = Member(user_id="leader", part=AppraisalPart.EXPERT)
    for members in (GROUP[:2], [*GROUP, twice]):
        with office.archive.transaction() as session, pytest.raises(InvalidInput):
            open_round(session, who("clerk"), title="x", members=members, today=TODAY)
    nobody = Member(user_id="nobody", part=AppraisalPart.EXPERT)
    with office.archive.transaction() as session, pytest.raises(NotFound):
        open_round(session, who("clerk"), title="x", members=[*GROUP, nobody], today=TODAY)


def test_the_report_says_who_judged_what(office: Bench) -> None:
    (document_id,) = office.file(licence_lines(1))
    code = office.document(document_id).archival_code
    release(office)

    with office.archive.reading() as session:
        (row,) = session.query(AppraisedDocument).all()
        found = session.get_one(Appraisal, row.appraisal_id)
    assert found.report is not None
    assert hashlib.sha256(found.report.encode()).hexdigest() == found.report_sha256
    report = json.loads(found.report)
    assert report["counts"] == {"destroy": 1}
    assert [member["part"] for member in report["group"]] == ["leader", "archives", "business"]
    assert report["records"][0]["档号"] == code
    assert len(report["records"][0]["opinions"]) == 3
    assert "青禾" not in found.report
    assert f"{code}" in "\n".join(lines_of(report))


def test_a_member_who_does_not_see_every_record_cannot_sit_in_the_group(office: Bench) -> None:
    office.file(licence_lines(1))
    with office.archive.transaction() as session:
        session.get_one(User, "business").regions = ["HB"]
    with office.archive.transaction() as session, pytest.raises(InvalidInput, match="see"):
        open_round(session, who("clerk"), title="x", members=GROUP, today=TODAY)
    with office.archive.transaction() as session:
        session.get_one(User, "business").regions = ["HB", "HD"]

    assert opened(office)
