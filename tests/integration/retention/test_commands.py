"""A record to its end under six signatures by commands alone, each by the person it asks for. Both sets of parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from api.cli import app
from api.exit_codes import ExitCode
from api.passwords import Argon2Passwords
from records.errors import NotConfirmed, NotFound, NotPermitted
from records.ids import utc_now
from records.models import AuditEntry, User
from records.terms import DocumentKind, DocumentState
from retention.holds import holds_on
from retention.models import DestructionList
from tests.acceptance.processes import environment_of
from tests.archives import CLASSES, Bench, enact, licence_lines
from tests.integration.retention.office import SEATS, SUPERVISORS, furnish, look

PASSWORD = "a password of one's own"
Run = Callable[..., str]


def invoked(bench: Bench, *arguments: str, by: str | None) -> Result:
    whose = ["--as", by, "--password-stdin"] if by else []
    return CliRunner().invoke(
        app, ["retention", *arguments, *whose], input=f"{PASSWORD}\n", env=environment_of(bench.settings)
    )


@pytest.fixture
def run(bench: Bench) -> Run:
    """Runs a command as somebody; gives what it prints, and raises what it raises."""
    furnish(bench)
    with bench.archive.transaction() as session:
        session.execute(update(User).values(password_hash=Argon2Passwords().hash(PASSWORD), must_change_password=False))

    def run(*arguments: str, by: str | None = None) -> str:
        answer = invoked(bench, *arguments, by=by)
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        assert answer.exit_code == ExitCode.OK, answer.output
        return answer.stdout.strip()

    return run


def test_six_sign_two_watch_and_the_paper_goes_too(bench: Bench, run: Run, tmp_path: Path) -> None:
    (document_id,) = bench.file(licence_lines(1))
    code = bench.document(document_id).archival_code
    assert code is not None
    run("paper", "note", code, "--place", "A区 3架", by="clerk")
    run("paper", "lend", code, "--to", "法务部", "--back-on", "2100-01-01", "--reason", "取证", by="clerk")
    run("paper", "note", code, "--place", "A区 3架", "--reason", "归还", by="clerk")
    members = ("leader:leader", "archives:archives", "business:business")
    chosen = [word for member in members for word in ("--member", member)]
    number = run("appraisal", "open", "--title", "鉴定", *chosen, by="clerk")
    assert number in run("appraisal", "list")
    batch = f"licences/business_license/HD/{utc_now().year}"
    assert batch in run("appraisal", "show", number)
    for name in ("leader", "archives"):
        run("appraisal", "judge", number, "destroy", "--reason", "期满", "--batch", batch, by=name)
    run("appraisal", "judge", number, "destroy", "--reason", "期满", "--record", code, by="business")
    with pytest.raises(NotPermitted):
        run("appraisal", "conclude", number, by="archives")
    run("appraisal", "conclude", number, by="leader")
    assert json.loads(run("appraisal", "report", number))["counts"] == {"destroy": 1}
    run("appraisal", "report", number, "--out", str(tmp_path / "report.pdf"))

    listed = run("propose", code, by="clerk")
    run("print", listed, "--out", str(tmp_path / "list.pdf"))
    for name in SEATS:
        run("approve", listed, by=name)
    with pytest.raises(NotConfirmed):
        run("execute", listed, by="executor")
    run("confirm", listed, "--documents", "1", by="deputy")
    with bench.archive.reading() as session:
        list_id = session.query(DestructionList).one().id
    for name in SUPERVISORS:
        look(bench, list_id, name)
        run("supervise", "count", listed, "--documents", "1", by=name)
    assert "destroyed" in run("execute", listed, by="executor")
    today = utc_now().date().isoformat()
    run("paper", "shredded", listed, "--place", "碎纸间", "--witness", "watcher", "--on", today, by="executor")
    for name in SUPERVISORS:
        run("supervise", "sign", listed, by=name)

    assert bench.document(document_id).state == DocumentState.DESTROYED
    with bench.archive.reading() as session:
        assert session.query(DestructionList).one().closed_at is not None
    for name in ("list", "report"):
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF-1.4")


def test_who_signs_or_confirms_is_told_what_the_list_does_without(bench: Bench, run: Run) -> None:
    with bench.archive.transaction() as session:
        enact(session, CLASSES.replace(b"version: 1", b"version: 3") + "disposal: {waived: {appraisal: 试行}}".encode())
    bench.file(licence_lines(1))
    listed = run("propose", by="clerk")

    signed = [invoked(bench, "approve", listed, by=name) for name in ("leader", "office")]
    confirmed = invoked(bench, "confirm", listed, "--documents", "1", by="deputy")

    for each in (*signed, confirmed):
        assert each.exit_code == ExitCode.OK
        assert f"{listed} does without appraisal: 试行" in each.stderr
    with bench.archive.reading() as session:
        entry = session.scalars(select(AuditEntry.entry).where(AuditEntry.object == "schedule:3")).all()[-1]
    assert json.loads(entry)["details"]["waived"] == ["appraisal"]


def test_a_seat_is_signed_in_anothers_place_until_that_ends(bench: Bench, run: Run) -> None:
    days = ("--starts", "2026-01-01", "--ends", "2026-06-30", "--reason", "出差")
    made = run("delegation", "make", "--to", "archives", "--seat", "office_head", *days, by="office")

    assert made in run("delegation", "list")
    with pytest.raises(NotFound):
        run("delegation", "make", "--to", "nobody", "--seat", "office_head", *days, by="office")
    run("delegation", "end", made, by="office")


def test_a_hold_lies_on_all_that_a_query_finds(bench: Bench, run: Run) -> None:
    (before,) = bench.file(licence_lines(1))
    order = ("--case", "113", "--reason", "诉讼", "--authority", "法务部")

    run("hold", *order, "--region", "HD", "--kind", DocumentKind.BUSINESS_LICENSE)

    (later,) = bench.file(licence_lines(2))
    with bench.archive.reading() as session:
        for document_id in (before, later):
            assert [hold.case_no for hold in holds_on(session, bench.document(document_id))] == ["113"]
