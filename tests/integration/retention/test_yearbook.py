"""The yearly numbers: held against the register, and those of a past year the same whatever is destroyed."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from records import audit, ledger
from records.errors import NotPermitted
from records.ids import utc_now
from records.terms import RescanReason, Role, Verdict
from records.terms import YearlyNumber as Number
from records.verification import SendingBack, send_back
from retention import register
from retention.amending import approve_schedule, draft_schedule, moves_of, summary_of
from retention.concluding import conclude
from retention.holds import HoldOrder, place_hold, release_hold
from retention.yearbook import Yearbook, yearbook_of, years_of
from tests.archives import SCHEDULE, Bench, actor, licence_lines
from tests.integration.retention.office import furnish, judge, opened, who
from tests.integration.retention.test_appraisal import near
from tests.integration.retention.test_destruction import approved_list, execute

READER = actor("r", Role.AUDITOR)
Clock = Callable[[int], None]
ID_LINES = ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 女 民族 汉", "出生 1949年12月31日",
            "住址 北京市朝阳区青禾路1号", "公民身份号码 11010519491231002X"]  # fmt: skip


@pytest.fixture
def year_is(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the chains take for the present year."""

    def set_year(year: int) -> None:
        monkeypatch.setattr(ledger, "utc_now", lambda: dt.datetime(year, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC))

    return set_year


def book(bench: Bench, year: int, reader: object = READER) -> Yearbook:
    with bench.archive.reading() as session:
        return yearbook_of(session, reader, year)  # type: ignore[arg-type]


def by_place(found: Yearbook, number: Number) -> dict[tuple[str, str], int]:
    return {
        (line.region_code, line.retention_class): line.numbers[number] for line in found.lines if line.numbers[number]
    }


def register_by_class(bench: Bench, year: int) -> tuple[Counter[str], int]:
    """Documents and pages destroyed in a year, from the hashed entries alone."""
    with bench.archive.reading() as session:
        entries = [json.loads(link.entry) for link in register.links(session)]
    begun = {entry["document"]: entry for entry in entries if entry["event"] == register.BEGUN}
    destroyed = [
        begun[entry["document"]]
        for entry in entries
        if entry["event"] == register.DESTROYED and entry["at"].startswith(str(year))
    ]
    return Counter(each["retention_class"] for each in destroyed), sum(each["page_count"] for each in destroyed)


def test_the_sums_are_those_of_the_register_and_past_years_stay(bench: Bench, year_is: Clock) -> None:
    year_is(2024)
    first, second, third = bench.file(licence_lines(1), licence_lines(2), ID_LINES)
    execute(bench, approved_list(bench, first))
    past = book(bench, 2024)

    year_is(2025)
    fourth, fifth = bench.file(licence_lines(3), licence_lines(4))
    execute(bench, approved_list(bench, second, fourth))

    assert book(bench, 2024) == past
    assert by_place(past, Number.FILED) == {("HD", "licences"): 2, ("HB", "id_copies"): 1}
    for year, count in ((2024, 1), (2025, 2)):
        classes, pages = register_by_class(bench, year)
        found = book(bench, year)
        assert found.total[Number.DESTROYED] == classes.total() == count
        assert found.total[Number.DESTROYED_PAGES] == pages > 0
        assert by_place(found, Number.DESTROYED) == {("HD", name): number for name, number in classes.items()}
    assert [book(bench, year).total[Number.FILED] for year in (2023, 2024, 2025, 2026)] == [0, 3, 2, 0]
    assert {bench.document(each).state for each in (third, fifth)} == {"filed"}
    now = utc_now().year
    with bench.archive.reading() as session:
        assert years_of(session, now + 1) == [now + 1, now]  # since the archive's first act


def test_a_record_that_moved_to_another_class_stays_counted_where_it_was_filed(bench: Bench, year_is: Clock) -> None:
    year_is(2024)
    bench.file(licence_lines(1))
    past = book(bench, 2024)
    renamed = SCHEDULE.decode().replace("version: 1", "version: 2").replace("name: licences", "name: company_papers")
    with bench.archive.transaction() as session:
        draft_schedule(
            session, actor("a", Role.ARCHIVIST), renamed.replace("period_days: 0", "period_days: 9").encode()
        )
    with bench.archive.transaction() as session:
        moved = summary_of(moves_of(session, 2)).total()
        approve_schedule(session, actor("b", Role.APPROVER), 2, expected_moves=moved)

    assert moved == 1
    assert book(bench, 2024) == past
    assert by_place(past, Number.FILED) == {("HD", "licences"): 1}


def test_appraisals_and_holds_receipts_and_what_was_sent_back_are_counted(bench: Bench) -> None:
    furnish(bench)
    kept, released = bench.file(licence_lines(1), licence_lines(2))
    near(bench, kept)
    appraisal_id = opened(bench)
    for name in ("leader", "archives", "business"):
        judge(bench, appraisal_id, name, verdict=Verdict.DESTROY, reason="到期", document_ids=[released])
        judge(bench, appraisal_id, name, verdict=Verdict.KEEP, reason="诉讼", document_ids=[kept],
              keep_until=dt.date(2101, 1, 1))  # fmt: skip
    with bench.archive.transaction() as session:
        conclude(session, who("leader"), appraisal_id)
        order = HoldOrder(case_no="1", reason="诉讼", authority="法务", subjects=[f"document:{kept}"])
        held = place_hold(session, who("clerk"), order)
    (waiting,) = bench.file(["看不清的纸"])
    with bench.archive.transaction() as session:
        release_hold(session, who("office"), held.id, reason="结案")
        back = SendingBack(reason=RescanReason.BLURRED, version=None, refused_class="refused", kept_days=90)
        send_back(session, who("clerk"), waiting, back)

    found = book(bench, utc_now().year)
    expected = {Number.RECEIVED: 3, Number.SENT_BACK: 1, Number.FILED: 2, Number.APPRAISED_KEEP: 1,
                Number.APPRAISED_DESTROY: 1, Number.HOLDS_PLACED: 1, Number.HOLDS_RELEASED: 1}  # fmt: skip
    assert {number: found.total[number] for number in expected} == expected
    assert by_place(found, Number.APPRAISED_KEEP) == {("HD", "licences"): 1}
    assert by_place(found, Number.HOLDS_PLACED) == {("-", "-"): 1}


def test_nobody_counts_what_he_may_not_see(bench: Bench) -> None:
    bench.file(licence_lines(1), ID_LINES)
    local = actor("l", Role.ARCHIVIST, regions=frozenset({"HD"}))
    this_year = utc_now().year

    assert by_place(book(bench, this_year, local), Number.FILED) == {("HD", "licences"): 1}
    assert book(bench, this_year, actor("n", Role.ARCHIVIST, regions=frozenset())).total[Number.FILED] == 0
    with pytest.raises(NotPermitted):
        book(bench, this_year, actor("v", Role.VERIFIER))


@pytest.mark.parametrize("bench_settings", ["embedded"], indirect=True)
def test_the_command_prints_and_writes_a_table(bench: Bench, tmp_path: Path) -> None:
    bench.file(licence_lines(1))
    data = ["--data", str(bench.settings.data), "retention", "yearbook"]
    table = tmp_path / "year.csv"

    shown = CliRunner().invoke(app, data)
    written = CliRunner().invoke(app, [*data, "--csv", str(table)])

    assert (shown.exit_code, written.exit_code) == (0, 0), shown.output
    assert "licences" in shown.stdout
    head, *rows = table.read_text("utf-8-sig").splitlines()
    assert head.startswith("年度,区域,类别,接收,退回,归档")
    assert rows[-1].split(",")[1] == "合计"
    assert f"{utc_now().year},HD,licences,0,0,1,1" in rows[-2]
    with bench.archive.reading() as session:
        assert audit.verify(session)[0] > 0
