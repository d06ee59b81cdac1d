"""What is printed is PDF/A-1b by the word of a validator that is not ours: Preflight, of Debian's libpdfbox2-java."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from PIL import Image, ImageCms
from sqlalchemy import event

from api.printing import font_file
from retention.appraisal_pdf import render_report
from retention.certificate import digest_of
from retention.certificate_content import Place, certificate_of
from retention.certificate_pdf import LISTED, render
from retention.list_pdf import render_list
from retention.models import Appraisal, DestructionList
from retention.pdfa import Sheet, srgb_profile
from retention.policies import SIX
from tests.archives import Bench, licence_lines
from tests.integration.retention.office import SUPERVISORS, TODAY, approved, furnish
from tests.integration.retention.test_destruction import approved_list
from tests.integration.retention.test_supervision import executed_with_paper, shred, watch

PROGRAM = "guidang test"
JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in (
        "preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io", "javax.activation", "jaxb-api",
    )
]  # fmt: skip


def violations(pdf: bytes, place: Path) -> str:
    """What Preflight says against a file; empty where it is valid."""
    if shutil.which("java") is None or not all(jar.is_file() for jar in JARS):
        pytest.skip("Preflight is not installed: apt-get install libpdfbox2-java libactivation-java libjaxb-api-java")
    (place / "printed.pdf").write_bytes(pdf)
    command = ["java", "-cp", ":".join(map(str, JARS)), "org.apache.pdfbox.preflight.Validator_A1b"]
    said = subprocess.run([*command, str(place / "printed.pdf")], capture_output=True, text=True, timeout=120)
    if said.returncode == 0 and "is a valid PDF/A-1b file" in said.stdout:
        return ""
    return said.stdout + said.stderr


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        return "".join(page.extract_text() for page in opened.pages).replace("\n", "")


@pytest.fixture
def carried_out(bench: Bench) -> tuple[Bench, str]:
    """A list to its very end: six signatures, two supervisors, its paper shredded."""
    office, list_id = executed_with_paper(bench)
    shred(office, list_id)
    for name in SUPERVISORS:
        watch(office, list_id, name)
    return office, list_id


@pytest.mark.parametrize("bench_settings", ["embedded"], indirect=True)
def test_certificate_list_and_report_are_pdf_a(carried_out: tuple[Bench, str], tmp_path: Path) -> None:
    office, list_id = carried_out
    with office.archive.reading() as session:
        of = session.get_one(DestructionList, list_id)
        certified = certificate_of(session, of.number, Place(archive="GD01", program=PROGRAM, key_backup_days=30))
        printed = render_list(session, of, PROGRAM, font_file(), TODAY)
        reported = session.query(Appraisal).one()
        assert reported.report is not None
        assert reported.report_sha256 is not None
        report = json.loads(reported.report)
    pdfs = {
        "certificate": render(certified, digest_of(certified), "certificate.json", font_file()),
        "list": printed,
        "report": render_report(report, reported.report_sha256, PROGRAM, font_file()),
    }

    assert render_report(report, reported.report_sha256, PROGRAM, font_file()) == pdfs["report"]
    assert reported.report_sha256 in text_of(pdfs["report"])
    for name in ("certificate", "list"):
        text = text_of(pdfs[name])
        assert all(column in text for column in LISTED)
        assert all(seat.title in text for seat in SIX.seats)
    assert {name: violations(pdf, tmp_path) for name, pdf in pdfs.items()} == dict.fromkeys(pdfs, "")


def test_a_list_not_signed_yet_has_room_for_hands(bench: Bench) -> None:
    office = furnish(bench)
    (document_id,) = office.file(licence_lines(1))
    list_id = approved(office, document_id)

    with office.archive.reading() as session:
        text = text_of(render_list(session, session.get_one(DestructionList, list_id), PROGRAM, font_file(), TODAY))

    assert text.count("监销人") == 2
    assert (office.document(document_id).archival_code or "?")[:14] in text


def test_a_long_list_is_printed_with_no_more_questions_than_a_short_one(bench: Bench) -> None:
    office = furnish(bench)
    ids = office.file(*(licence_lines(number) for number in range(1, 8)))
    short, long = approved(office, ids[0]), approved(office, *ids[1:])

    asked: list[str] = []
    with office.archive.reading() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda _c, _cursor, sql, *_rest: asked.append(sql))
        counts = []
        for list_id in (short, long):
            asked.clear()
            session.expire_all()
            render_list(session, session.get_one(DestructionList, list_id), PROGRAM, font_file(), TODAY)
            counts.append(len(asked))

    assert counts[0] == counts[1]


def test_a_printed_list_says_what_it_does_without_and_why(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))
    list_id = approved_list(bench, document_id)

    with bench.archive.reading() as session:
        text = text_of(render_list(session, session.get_one(DestructionList, list_id), PROGRAM, font_file(), TODAY))

    assert text.count("测试用档案") == 3
    assert "监销人" not in text


def sheet(**given: Any) -> Sheet:
    return Sheet(**{"title": "x", "program": PROGRAM, "footer": "脚注", "font": font_file()} | given)


def test_a_long_table_has_its_header_on_each_page_and_loses_nothing(tmp_path: Path) -> None:
    made = sheet()
    made.table(("编号", "说明"), (1, 3), [(f"N{number:03d}", "长" * (number % 90)) for number in range(120)])
    pdf = made.done()

    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        pages = [page.extract_text() for page in opened.pages]
    assert len(pages) > 2
    assert all("编号" in page and "脚注" in page for page in pages)
    assert all(f"N{number:03d}" in "".join(pages) for number in range(120))
    assert "".join(pages).count("长") == sum(number % 90 for number in range(120))
    assert violations(pdf, tmp_path) == ""


def test_a_broken_rule_is_seen(tmp_path: Path) -> None:
    """The validator is no ornament: a title that is not that of the metadata is refused."""
    written, other = (f'<rdf:li xml:lang="x-default">{title}'.encode() for title in ("清册", "请册"))
    pdf = sheet(title="清册").done().replace(written, other)

    assert "7.2" in violations(pdf, tmp_path)


def test_the_colours_are_those_of_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    ours = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    for colour in ((0, 0, 0), (255, 255, 255), (200, 30, 90), (12, 128, 250)):
        shown = ImageCms.applyTransform(Image.new("RGB", (1, 1), colour), ours)
        assert shown is not None
        assert all(abs(a - b) <= 1 for a, b in zip(shown.getpixel((0, 0)), colour, strict=True))
