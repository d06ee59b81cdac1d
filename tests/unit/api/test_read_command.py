from __future__ import annotations

from pathlib import Path

import pdfplumber
from typer.testing import CliRunner

from api.cli import app

SAMPLES = Path(__file__).parents[3] / "samples"


def test_a_searchable_copy_holds_the_text_of_its_page(tmp_path: Path) -> None:
    target = tmp_path / "copy.pdf"
    answer = CliRunner().invoke(app, ["read", str(SAMPLES / "form-born-digital.pdf"), "--pdf", str(target)])

    assert answer.exit_code == 0, answer.output
    with pdfplumber.open(SAMPLES / "form-born-digital.pdf") as original, pdfplumber.open(target) as copy:
        assert len(copy.pages) == len(original.pages)
        assert set(original.pages[0].extract_text().split()) & set(copy.pages[0].extract_text().split())
        assert "客户名称" in copy.pages[0].extract_text()
        assert abs(copy.pages[0].width - original.pages[0].width) < 2


def test_one_copy_of_several_files_is_refused(tmp_path: Path) -> None:
    files = [str(SAMPLES / "id-front.jpg"), str(SAMPLES / "id-back.jpg")]

    assert CliRunner().invoke(app, ["read", *files, "--pdf", str(tmp_path / "copy.pdf")]).exit_code == 2
