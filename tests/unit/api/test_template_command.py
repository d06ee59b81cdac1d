from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from records.errors import SettingInvalid

ROOT = Path(__file__).parents[3]
FORM = ROOT / "ocr" / "templates" / "customer_registration_form.yaml"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["template", *map(str, arguments)])


def test_a_template_in_order_passes() -> None:
    answer = run("check", FORM)

    assert answer.exit_code == 0
    assert "in order" in answer.output


def test_a_problem_is_printed_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "form.yaml"
    file.write_text(FORM.read_text("utf-8").replace("rule: sex", "rule: gender"), "utf-8")
    answer = run("check", file)

    assert answer.exit_code == 1
    assert f"{file}:10: This rule does not exist" in answer.output


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "form.yaml"
    if content is not None:
        file.write_bytes(content)

    assert isinstance(run("check", file).exception, SettingInvalid)


def test_a_template_with_problems_is_not_tried(tmp_path: Path) -> None:
    file = tmp_path / "form.yaml"
    file.write_text("kind: invoice\n", "utf-8")

    assert run("try", file, ROOT / "samples" / "form-company.jpg").exit_code == 1


def test_trying_a_template_prints_and_draws_what_it_finds(tmp_path: Path) -> None:
    target = tmp_path / "found.png"
    answer = run("try", FORM, ROOT / "samples" / "form-born-digital.pdf", "--draw", target)

    assert answer.exit_code == 0, answer.output
    assert "客户名称" in answer.output
    assert target.stat().st_size > 10_000
