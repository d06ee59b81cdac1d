from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ocr.textlayer import read_text_layer
from records.readings import Box, PageReading

DPI = 144.0
A4 = (595.0, 842.0)


@pytest.fixture(scope="module", autouse=True)
def _chinese_font() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))


def make_pdf(draw: Callable[[Canvas], object], *, rotate: int = 0) -> bytes:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setPageRotation(rotate)
    canvas.setFont("STSong-Light", 12)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def read(pdf: bytes) -> PageReading:
    reading = read_text_layer(pdf, 1, DPI)
    assert reading is not None
    return reading


def texts(pdf: bytes) -> list[str]:
    return [line.text for line in read(pdf).lines]


def rendered(pdf: bytes) -> np.ndarray:
    bitmap = pypdfium2.PdfDocument(pdf)[0].render(scale=DPI / 72)
    return np.array(bitmap.to_numpy())


def ink(page: np.ndarray, box: Box) -> float:
    """Share of dark pixels in the middle of the box."""
    (left, top), _, (right, bottom), _ = box
    cut = page[round(top) : round(bottom), round(left) : round(right)]
    return float((cut < 128).mean())


def form(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "客户登记表（单位）")
    canvas.drawString(72, 660, "单位名称")
    canvas.drawString(200, 660, "云杉纸业有限公司")
    canvas.drawString(72, 640, "Account No. 12345")


def test_lines_come_row_by_row_and_cells_are_parted_by_wide_gaps() -> None:
    assert texts(make_pdf(form)) == ["客户登记表（单位）", "单位名称", "云杉纸业有限公司", "Account No. 12345"]


def test_a_rule_between_two_cells_parts_them_however_close_they_stand() -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas)
        canvas.drawString(72, 600, "姓名")
        canvas.drawString(102, 600, "林小满")
        canvas.line(99, 590, 99, 620)

    assert texts(make_pdf(draw))[-2:] == ["姓名", "林小满"]


def test_blanks_typed_inside_a_label_do_not_part_it() -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas)
        canvas.drawString(72, 600, "名　　称")

    assert texts(make_pdf(draw))[-1] == "名称"


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_boxes_lie_on_the_ink_of_the_displayed_page(rotate: int) -> None:
    def draw(canvas: Canvas) -> None:
        # reportlab lays a turned page's sheet on its side, so that it is displayed as A4.
        width, height = A4
        canvas.translate(*{0: (0, 0), 90: (height, 0), 180: (width, height), 270: (0, width)}[rotate])
        canvas.rotate(rotate)
        form(canvas)

    pdf = make_pdf(draw, rotate=rotate)
    reading = read(pdf)
    page = rendered(pdf)

    assert (reading.height_px, reading.width_px) == page.shape[:2]
    assert len(reading.lines) == 4
    assert all(ink(page, line.box) > 0.03 for line in reading.lines)


def test_boxes_follow_the_crop_box() -> None:
    document = pypdfium2.PdfDocument(make_pdf(form))
    document[0].set_cropbox(50, 500, 500, 800)
    cropped = BytesIO()
    document.save(cropped)
    pdf = cropped.getvalue()
    reading = read(pdf)
    page = rendered(pdf)

    assert (reading.height_px, reading.width_px) == page.shape[:2]
    assert all(ink(page, line.box) > 0.03 for line in reading.lines)


def test_a_turned_page_with_a_crop_box_is_left_to_recognition() -> None:
    document = pypdfium2.PdfDocument(make_pdf(form))
    document[0].set_cropbox(50, 500, 500, 800)
    document[0].set_rotation(90)
    turned = BytesIO()
    document.save(turned)

    assert read_text_layer(turned.getvalue(), 1, DPI) is None


def test_a_page_with_a_pasted_copy_of_a_card_is_left_to_recognition() -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas)
        card = ImageReader(BytesIO(_png()))
        canvas.drawImage(card, 72, 300, width=243, height=153)

    assert read_text_layer(make_pdf(draw), 1, DPI) is None


def test_a_page_with_a_typed_form_field_is_left_to_recognition() -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas)
        canvas.acroForm.textfield(name="n", value="typed", x=72, y=500, width=100, height=20)

    assert read_text_layer(make_pdf(draw), 1, DPI) is None


def test_a_slanted_watermark_is_not_text_of_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas)
        canvas.rotate(30)
        canvas.drawString(300, 200, "仅供办理")

    assert "仅供办理" not in "".join(texts(make_pdf(draw)))


def test_text_that_stands_on_its_side_is_left_to_recognition() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rotate(90)
        canvas.translate(0, -500)
        form(canvas)

    assert read_text_layer(make_pdf(draw), 1, DPI) is None


@pytest.mark.parametrize("text", ["", "第 1 页"])
def test_a_page_with_next_to_no_text_has_no_text_layer(text: str) -> None:
    assert read_text_layer(make_pdf(lambda canvas: canvas.drawString(72, 72, text)), 1, DPI) is None


@pytest.mark.parametrize("length", [0, 40, 400])
def test_a_cut_file_has_no_text_layer(length: int) -> None:
    assert read_text_layer(make_pdf(form)[:length], 1, DPI) is None


def _png() -> bytes:
    import cv2

    encoded, png = cv2.imencode(".png", np.zeros((54, 86, 3), np.uint8))
    assert encoded
    return bytes(png)
