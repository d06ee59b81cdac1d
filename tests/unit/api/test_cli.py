from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from api import cli
from api.cli import app
from api.exit_codes import ExitCode, exit_code_of
from records import chain, errors
from records.errors import ArchiveError, NotPermitted

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: str, data: Path | None = None, stdin: str = "") -> Result:
    before = ["--data", str(data)] if data else []
    return CliRunner().invoke(app, [*before, *arguments], input=stdin)


def every_command() -> Iterator[list[str]]:
    def walk(group: typer.Typer, path: list[str]) -> Iterator[list[str]]:
        for command in group.registered_commands:
            assert command.callback is not None
            yield [*path, command.name or command.callback.__name__]
        for below in group.registered_groups:
            assert below.typer_instance is not None
            assert below.name is not None
            yield from walk(below.typer_instance, [*path, below.name])

    return walk(app, [])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data directory of an archive that is ready."""
    directory = tmp_path / "data"
    assert run("migrate", data=directory).exit_code == 0
    return directory


@pytest.mark.parametrize("command", list(every_command()), ids=" ".join)
def test_the_help_of_every_command_gives_an_example(command: list[str]) -> None:
    answer = run(*command, "--help")

    assert answer.exit_code == 0
    assert re.search(rf"Example:.*guidang.*{command[-1]}", answer.output, re.S)


def test_the_help_has_every_command_in_a_section() -> None:
    shown = run("--help").output
    sections = [name for names in cli.SECTIONS.values() for name in names]

    assert sorted(sections) == sorted({command[0] for command in every_command()})
    assert all(re.search(rf"^  {name} ", shown, re.M) for name in sections)


def test_an_error_is_a_sentence_and_a_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["guidang", "station", "send", str(tmp_path / "none"), "--server", "http://x", "--token", "t"]
    )

    with pytest.raises(SystemExit) as left:
        cli.main()

    assert left.value.code == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "There is no folder" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.SettingInvalid(), ExitCode.SETTINGS),
        (errors.InvalidInput(), ExitCode.USAGE),
        (errors.NotFound(), ExitCode.NOT_FOUND),
        (errors.StaleVersion(), ExitCode.CONFLICT),
        (errors.NotAuthenticated(), ExitCode.NOT_PERMITTED),
        (errors.ServerUnreachable(), ExitCode.UNAVAILABLE),
        (errors.SealBroken(), ExitCode.BROKEN),
        (errors.EmptyFile(), ExitCode.REFUSED),
        (ArchiveError(), ExitCode.FAILED),
    ],
)
def test_each_error_has_its_status(error: ArchiveError, status: ExitCode) -> None:
    assert exit_code_of(error) == status


def test_every_status_is_documented() -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert {int(number) for number in re.findall(r"^\| (\d+) \|", table, re.M)} == set(ExitCode)


def test_a_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GUIDANG_WROKERS", "2")

    answer = run("migrate", data=tmp_path)

    assert isinstance(answer.exception, errors.SettingInvalid)
    assert "GUIDANG_WROKERS" in str(answer.exception)


def test_an_archive_that_was_not_migrated_says_what_to_do(tmp_path: Path) -> None:
    answer = run("fsck", data=tmp_path / "data")

    assert isinstance(answer.exception, errors.SettingInvalid)
    assert "guidang migrate" in str(answer.exception)


def test_a_new_archive_is_in_order(data: Path) -> None:
    assert run("fsck", "--deep", data=data).exit_code == ExitCode.OK
    assert run("index", "rebuild", data=data).exit_code == ExitCode.OK
    assert run("audit", "verify", data=data).exit_code == ExitCode.OK
    assert run("search", "公司", data=data).exit_code == ExitCode.FAILED


def test_tables_are_loaded_and_loading_again_is_harmless(data: Path) -> None:
    for _ in range(2):
        assert run("regions", "load", str(ROOT / "samples" / "regions.yaml"), data=data).exit_code == 0
        assert run("retention", "load", str(ROOT / "samples" / "retention.yaml"), data=data).exit_code == 0


def test_a_later_schedule_is_not_put_in_force_by_one(data: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    later.write_bytes((ROOT / "samples" / "retention.yaml").read_bytes().replace(b"version: 1", b"version: 2"))
    assert run("retention", "load", str(ROOT / "samples" / "retention.yaml"), data=data).exit_code == 0

    refused = run("retention", "load", str(later), data=data)

    assert isinstance(refused.exception, NotPermitted)
    assert "guidang retention draft" in str(refused.exception)


def test_users_and_stations_come_and_go(data: Path) -> None:
    password = run("user", "add", "李核", "--role", "verifier", "--region", "HD", data=data).output.strip()
    token = run("station", "add", "一号", "--region", "HD", data=data).output.strip()
    run("user", "disable", "李核", data=data)
    run("station", "withdraw", "一号", data=data)

    assert len(password) >= 20
    assert len(token) >= 20
    assert re.search(r"李核.*verifier.*HD.*disabled", run("user", "list", data=data).output)
    assert re.search(r"一号.*HD.*\d{4}-\d\d-\d\d.*\d{4}-\d\d-\d\d", run("station", "list", data=data).output)


def test_destruction_asks_for_a_person_and_a_password(data: Path) -> None:
    run("user", "add", "张管", "--role", "archivist", data=data)

    nobody = run("retention", "propose", data=data)
    wrong = run("retention", "propose", "--as", "张管", "--password-stdin", data=data, stdin="wrong\n")

    assert nobody.exit_code == ExitCode.USAGE
    assert isinstance(wrong.exception, errors.NotAuthenticated)


def test_a_one_time_password_does_not_destroy(data: Path) -> None:
    password = run("user", "add", "张管", "--role", "archivist", data=data).output.strip()

    answer = run("retention", "propose", "--as", "张管", "--password-stdin", data=data, stdin=f"{password}\n")

    assert isinstance(answer.exception, errors.NotPermitted)


def test_an_exported_chain_is_verified_without_the_archive(data: Path, tmp_path: Path) -> None:
    run("station", "add", "一号", data=data)
    run("user", "add", "李核", "--role", "verifier", data=data)
    file = tmp_path / "audit.jsonl"
    assert run("audit", "export", str(file), data=data).exit_code == 0

    assert run("audit", "verify", str(file)).exit_code == 0


@pytest.mark.parametrize("at", [0.1, 0.5, 0.95])
def test_one_changed_byte_of_an_export_is_found(data: Path, tmp_path: Path, at: float) -> None:
    run("station", "add", "一号", data=data)
    file = tmp_path / "audit.jsonl"
    run("audit", "export", str(file), data=data)
    content = bytearray(file.read_bytes())
    content[int(len(content) * at)] ^= 1
    file.write_bytes(content)

    answer = run("audit", "verify", str(file))

    assert isinstance(answer.exception, errors.ChainBroken)


def test_what_is_no_chain_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps({"seq": 1, "entry": "é\ud800", "previous_hash": chain.GENESIS, "hash": "é"}))

    assert isinstance(run("audit", "verify", str(file)).exception, errors.ChainBroken)


def test_reading_reports_a_bad_file_and_goes_on(tmp_path: Path) -> None:
    bad, missing = tmp_path / "bad.jpg", tmp_path / "missing.jpg"
    bad.write_bytes(b"this is no picture")

    answer = run("read", str(bad), str(missing), "--json")

    assert answer.exit_code == ExitCode.FAILED
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [row["file"] for row in rows] == [str(bad), str(missing)]
    assert [row["error"]["code"] for row in rows] == ["unknown_type", "file_not_readable"]
