"""The files in the repository; only the last tests need fonts."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
import pytest
from PIL import Image
from stdnum.cn import ric, uscc

import samples
from records.regions import _parse as parse_regions
from records.terms import DocumentKind
from retention.schedule_file import parse_schedule
from samples.generate import files, id_cards, sample_set
from samples.generate.customers import invent_person
from samples.generate.names import AREAS

FOLDER = Path(samples.__file__).parent
LINES: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "truth.jsonl").read_text().splitlines()]
DOCUMENTS = [document for line in LINES for document in line["documents"]]


def _values(*names: str) -> list[str]:
    return [value for document in DOCUMENTS for name, value in document["fields"].items() if name in names and value]


def test_every_file_has_its_truth_and_its_row_in_the_readme() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix in (".jpg", ".png", ".tif", ".pdf")}
    readme = (FOLDER / "README.md").read_text()

    assert [line["file"] for line in LINES] == sorted(files)
    assert all(f"| {name} |" in readme for name in files)
    assert sum((FOLDER / name).stat().st_size for name in files) < 10 * 2**20


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["file"])
def test_every_page_belongs_to_one_document(line: dict[str, Any]) -> None:
    path = FOLDER / line["file"]
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        count = len(document)
        document.close()
    else:
        with Image.open(path) as image:
            image.load()
            count = getattr(image, "n_frames", 1)

    assert sorted(page for document in line["documents"] for page in document["pages"]) == list(range(1, count + 1))


def test_numbers_hold_and_id_numbers_are_of_nobody() -> None:
    codes = _values("unified_social_credit_code", "统一社会信用代码")
    numbers = _values("id_number", "身份证号码")

    assert len(codes) > 15
    assert all(uscc.is_valid(code) for code in codes)
    assert len(numbers) > 8
    assert all(ric.calc_check_digit(number) == number[-1] and 996 <= int(number[14:17]) <= 999 for number in numbers)


def test_every_kind_that_is_read_occurs() -> None:
    kinds = {document["kind"] for document in DOCUMENTS}

    assert kinds == {kind.value for kind in DocumentKind} - {DocumentKind.BANK_PERMIT.value}


def test_licence_and_form_of_a_customer_carry_the_same_code() -> None:
    licences = {line["file"]: line["documents"] for line in LINES}
    code = licences["licence-landscape.jpg"][0]["fields"]["unified_social_credit_code"]
    name = licences["licence-landscape.jpg"][0]["fields"]["name"]

    assert licences["form-company.jpg"][0]["fields"]["统一社会信用代码"] == code
    assert licences["form-company.jpg"][0]["fields"]["客户名称"] == name


def test_the_text_layer_holds_what_the_truth_says() -> None:
    line = next(line for line in LINES if line["file"] == sample_set.BORN_DIGITAL)
    with pdfplumber.open(FOLDER / line["file"]) as pdf:
        text = "".join((pdf.pages[0].extract_text() or "").split())

    for name, value in line["fields"].items():
        assert name in text
        assert value is None or len(value) > 40 or value in text


def test_regions_cover_every_area_once_and_the_schedule_every_kind() -> None:
    _, regions = parse_regions((FOLDER / "regions.yaml").read_bytes())
    prefixes = [prefix for region in regions for prefix in region["area_prefixes"]]
    _, _, rules = parse_schedule((FOLDER / "retention.yaml").read_bytes())

    assert len(prefixes) == len(set(prefixes)) == 34
    assert {area.code[:2] for area in AREAS} <= set(prefixes)
    assert {kind for rule in rules for kind in rule.kinds} == set(DocumentKind)


@pytest.mark.usefixtures("_fonts")
def test_the_generator_still_tells_the_committed_truth() -> None:
    lines = [sample_set.line_of(s, s.pages(random.Random(s.seed))) for s in sample_set.SAMPLES]
    lines.append(sample_set.line_of_born_digital(sample_set.born_digital_form()))

    assert sorted(lines, key=lambda line: str(line["file"])) == LINES


@pytest.mark.usefixtures("_fonts")
def test_files_are_written_byte_for_byte_the_same(tmp_path: Path) -> None:
    page = id_cards.draw_back(invent_person(random.Random(1)), random.Random(2)).image
    for name in ("a.jpg", "a.png", "a.tif", "a.pdf"):
        first, second = tmp_path / name, tmp_path / f"again-{name}"
        for path in (first, second):
            files.write(path, [page], dpi=250)

        assert first.read_bytes() == second.read_bytes()
