from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pdfplumber
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.searchable import searchable_pdf, text_for_search
from records.readings import Box, Line, PageReading

WIDTH, HEIGHT, DPI = 1000, 1400, 150
PIXELS_A_POINT = DPI / 72
PHRASES = (
    "统一社会信用代码",
    "91350100M000100Y43",
    "名称福州云杉科技有限公司",
    "Spruce Trading Co Ltd",
    "2019年03月19日",
    "𠮷田",
)


def rectangle(left: float, top: float, right: float, bottom: float) -> Box:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def line(text: str, box: Box) -> Line:
    return Line(text=text, confidence=1.0, box=box)


def page(*lines: Line, no: int = 1, dpi: float | None = DPI) -> PageReading:
    return PageReading(page_no=no, width_px=WIDTH, height_px=HEIGHT, lines=lines, dpi=dpi)


def copy_of(*pages: PageReading) -> bytes:
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    return searchable_pdf([(white, reading) for reading in pages])


def licence() -> PageReading:
    return page(
        line("统一社会 信用代码 91350100M000100Y43", rectangle(60, 100, 700, 136)),
        line("名   称 福州云杉科技有限公司", rectangle(60, 200, 640, 240)),
        line("Spruce Trading Co Ltd", rectangle(60, 300, 520, 330)),
        line("2019 年 03 月 19 日", rectangle(60, 400, 400, 436)),
        line("𠮷田", rectangle(60, 500, 140, 540)),
        line("经营范围", rectangle(900, 500, 940, 660)),
    )


def plumbed(pdf: bytes, page_no: int = 1) -> pdfplumber.page.Page:
    return pdfplumber.open(io.BytesIO(pdf)).pages[page_no - 1]


def pdfium_text(pdf: bytes, page_no: int = 1) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page_no - 1].get_textpage().get_text_bounded()
    finally:
        document.close()


@pytest.mark.parametrize("phrase", [*PHRASES, "经营范围"])
def test_pdfplumber_finds_a_phrase_as_it_is_typed(phrase: str) -> None:
    assert phrase in plumbed(copy_of(licence())).extract_text()


@pytest.mark.parametrize("phrase", [*PHRASES, "经营范围"])
def test_pdfium_finds_a_phrase_as_it_is_typed(phrase: str) -> None:
    assert phrase in pdfium_text(copy_of(licence()))


@pytest.mark.parametrize("phrase", PHRASES)
def test_poppler_finds_a_phrase_as_it_is_typed(phrase: str, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian: poppler-utils): NOT TESTED with poppler")
    (tmp_path / "copy.pdf").write_bytes(copy_of(licence()))
    said = subprocess.run(["pdftotext", "-q", tmp_path / "copy.pdf", "-"], capture_output=True, check=True)

    assert phrase in said.stdout.decode("utf-8")


def test_lines_come_in_reading_order() -> None:
    below = page(line("后读", rectangle(60, 100, 160, 130)), line("先读", rectangle(60, 30, 160, 60)))

    assert pdfium_text(copy_of(below)).split() == ["后读", "先读"]


def test_each_page_has_its_own_text() -> None:
    pdf = copy_of(
        page(line("第一页", rectangle(60, 60, 300, 100))), page(line("第二页", rectangle(60, 60, 300, 100)), no=2)
    )

    assert [pdfium_text(pdf, 1).strip(), pdfium_text(pdf, 2).strip()] == ["第一页", "第二页"]


boxes = st.builds(
    lambda x, y, w, h: rectangle(x, y, x + w, y + h),
    st.floats(0, 400), st.floats(0, 1300), st.floats(40, 590), st.floats(8, 90),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(box=boxes, text=st.text("归档客户信息登记表AZ019，。", min_size=3, max_size=30))
def test_text_stands_where_its_line_stands(box: Box, text: str) -> None:
    (left, top), _, (right, bottom), _ = box
    if bottom - top >= right - left:
        return
    characters = plumbed(copy_of(page(line(text, box)))).chars
    found = np.array(
        [
            min(c["x0"] for c in characters),
            min(c["top"] for c in characters),
            max(c["x1"] for c in characters),
            max(c["bottom"] for c in characters),
        ]
    )

    assert np.abs(found * PIXELS_A_POINT - (left, top, right, bottom)).max() < 2


def test_viewers_measure_the_same_place() -> None:
    document = pypdfium2.PdfDocument(copy_of(page(line("归档", rectangle(100, 200, 180, 240)))))
    left, bottom, right, top = document[0].get_textpage().get_charbox(1)
    document.close()

    assert np.abs(np.array([left, right]) * PIXELS_A_POINT - (140, 180)).max() < 2
    assert np.abs(HEIGHT - np.array([top, bottom]) * PIXELS_A_POINT - (200, 240)).max() < 2


def test_print_that_runs_down_is_marked_down() -> None:
    first, *_, last = plumbed(copy_of(page(line("经营范围", rectangle(900, 500, 940, 660))))).chars

    assert abs(first["top"] * PIXELS_A_POINT - 500) < 2
    assert abs(last["bottom"] * PIXELS_A_POINT - 660) < 2
    assert abs(last["x0"] * PIXELS_A_POINT - 900) < 2


def test_a_slightly_tilted_line_stays_in_one_piece() -> None:
    tilted = ((60.0, 100.0), (900.0, 112.0), (900.0, 142.0), (60.0, 130.0))
    text = "从事信息技术领域内的技术开发技术转让技术咨询技术服务"

    assert text in plumbed(copy_of(page(line(text, tilted)))).extract_text()


def test_nothing_of_the_text_is_painted() -> None:
    rendered = pypdfium2.PdfDocument(copy_of(licence()))
    pixels = rendered[0].render(scale=1).to_numpy()
    rendered.close()

    assert pixels.min() > 250


def test_the_page_keeps_its_size_on_paper() -> None:
    found = plumbed(copy_of(page(dpi=300)))

    assert (float(found.width), float(found.height)) == (240, 336)


def test_the_same_pages_give_the_same_bytes() -> None:
    assert copy_of(licence()) == copy_of(licence())


@pytest.mark.parametrize(
    ("read", "searched"),
    [
        ("名 称", "名称"),
        ("2019 年 3 月", "2019年3月"),
        ("Spruce Co Ltd", "Spruce Co Ltd"),
        ("电话 0591 8765", "电话0591 8765"),
        ("（ 副 本 ）", "（副本）"),
        ("坏\x00字", "坏字"),
        ("  ", ""),
    ],
)
def test_spaces_stay_between_latin_words_only(read: str, searched: str) -> None:
    assert text_for_search(read) == searched


def test_a_line_of_nothing_leaves_no_text() -> None:
    assert plumbed(copy_of(page(line(" ", rectangle(0, 0, 10, 10))))).chars == []


def test_more_characters_than_one_section_of_a_map_holds() -> None:
    many = "".join(chr(0x4E00 + i) for i in range(350))
    reading = page(
        *(line(many[i : i + 35], rectangle(50, 50 + 3 * i, 900, 80 + 3 * i)) for i in range(0, 350, 35)),
    )

    assert "".join(pdfium_text(copy_of(reading)).split()) == many
