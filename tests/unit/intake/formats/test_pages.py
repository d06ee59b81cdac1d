from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from intake.formats.inspection import Limits, MediaType
from intake.formats.page_image import PageImage, PageSource
from intake.formats.pages import open_pages, page_count
from records.errors import DamagedFile, NoPages, TooManyPages, TooManyPixels, TruncatedFile
from tests.hostile import pdfs, tiffs
from tests.hostile.pictures import card, card_as, saved

LIMITS = Limits()


def only_page(data: bytes, limits: Limits = LIMITS) -> PageImage:
    (page,) = open_pages(data, limits)
    return page


def numbered_tiff(pages: int) -> bytes:
    return tiffs.multi_page(*(Image.new("L", (20, 10), number) for number in range(pages)), compression="tiff_lzw")


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP"])
@given(seed=st.integers(0, 10_000), width=st.integers(1, 40), height=st.integers(1, 40))
def test_lossless_pictures_come_back_exactly(file_format: str, seed: int, width: int, height: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)

    page = only_page(saved(Image.fromarray(pixels), file_format))

    assert page.image.dtype == np.uint8
    assert np.array_equal(page.image[..., ::-1], pixels)


@settings(deadline=None)
@given(quarters=st.integers(0, 3), width=st.integers(40, 300), height=st.integers(40, 300))
def test_a_scan_in_a_pdf_keeps_its_pixels_and_turns_as_it_asks(quarters: int, width: int, height: int) -> None:
    page = only_page(
        pdfs.picture_pdf(
            pdfs.image(card(width, height).tobytes(), width, height, b"/ColorSpace /DeviceRGB /BitsPerComponent 8"),
            box=b"0 0 %d %d" % (width * 72 // 24, height * 72 // 24),
            page=b"/Rotate %d" % (90 * quarters),
        )
    )

    assert sorted([page.width_px, page.height_px]) == sorted([width, height])
    assert page.dpi == pytest.approx(24, rel=0.01)
    turned = np.rot90(np.asarray(card(width, height)), -quarters)[..., ::-1]
    assert np.array_equal(page.image[3, 3], turned[3, 3])
    assert np.array_equal(page.image[-4, -4], turned[-4, -4])


def test_pages_come_in_order_and_only_when_asked_for() -> None:
    pages = open_pages(tiffs.second_page_damaged(), LIMITS)

    assert next(pages).page_no == 1
    with pytest.raises(DamagedFile) as refusal:
        next(pages)
    assert refusal.value.facts["page_no"] == 2


def test_every_page_is_its_own() -> None:
    pages = list(open_pages(numbered_tiff(12), LIMITS))

    assert [page.page_no for page in pages] == list(range(1, 13))
    assert [int(page.image[0, 0, 0]) for page in pages] == list(range(12))


def test_one_page_at_a_time_is_in_memory() -> None:
    side = 1500
    data = tiffs.multi_page(*(Image.new("L", (side, side), n) for n in range(8)), compression="tiff_lzw")
    page_bytes = side * side * 3
    tracemalloc.start()
    try:
        for page in open_pages(data, LIMITS):
            del page
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 3 * page_bytes


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF"])
def test_resolution_is_what_the_file_claims(file_format: str) -> None:
    assert only_page(card_as(file_format, dpi=(300, 300))).dpi == pytest.approx(300, abs=0.1)
    assert only_page(card_as("WEBP")).dpi is None


def test_nonsense_resolution_counts_as_not_stated() -> None:
    assert only_page(card_as("JPEG", dpi=(1, 1))).dpi is None


def test_fax_rows_are_stretched_to_square_pixels() -> None:
    page = only_page(tiffs.fax())

    assert (page.width_px, page.height_px, page.dpi) == (96, 64, 204)


def test_cmyk_is_read_with_and_without_adobes_inversion() -> None:
    adobe = only_page(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100))

    assert adobe.image[8, 8].tolist() == pytest.approx([0, 0, 255], abs=4)


def test_born_digital_pages_and_scans_are_told_apart() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, (200, 200))
    canvas.drawString(20, 100, "Typed")
    canvas.showPage()
    canvas.drawInlineImage(card(), 0, 0, 200, 200)
    canvas.drawString(20, 100, "Page 2 of 2")
    canvas.showPage()
    canvas.drawInlineImage(card(), 10, 10, 40, 40)
    canvas.drawString(20, 100, "With a small picture")
    canvas.showPage()
    canvas.rect(20, 20, 50, 50)
    canvas.showPage()
    canvas.save()

    pages = list(open_pages(out.getvalue(), LIMITS))

    assert [page.source for page in pages] == [
        PageSource.BORN_DIGITAL,
        PageSource.SCAN,
        PageSource.BORN_DIGITAL,
        PageSource.SCAN,
    ]
    assert {page.media_type for page in pages} == {MediaType.PDF}


def test_a_page_beyond_the_limit_of_pixels_is_drawn_smaller() -> None:
    page = only_page(pdfs.card_pdf(box=b"0 0 14400 14400"), Limits(max_pixels=1_000_000))

    assert 900_000 < page.width_px * page.height_px <= 1_000_000


def test_a_scan_beyond_the_limit_of_pixels_is_refused() -> None:
    with pytest.raises(TooManyPixels):
        only_page(pdfs.jpeg_scan(200, 200), Limits(max_pixels=39_999))


@pytest.mark.parametrize(
    ("data", "count"),
    [(pdfs.many_pages(7), 7), (numbered_tiff(5), 5), (card_as("JPEG"), 1)],
    ids=["pdf", "tiff", "jpeg"],
)
def test_pages_are_counted_without_being_decoded(data: bytes, count: int) -> None:
    assert page_count(data, LIMITS) == count
    with pytest.raises((TooManyPages, NoPages)):
        page_count(data, Limits(max_pages=count - 1))


def test_a_jpeg_whose_data_runs_out_is_truncated_but_a_grey_page_is_not() -> None:
    grey = Image.new("RGB", (64, 64), (128, 128, 128))
    whole = saved(card(640, 640), "JPEG", quality=95)

    assert only_page(saved(grey, "JPEG", quality=95)).page_no == 1
    with pytest.raises(TruncatedFile):
        only_page(whole[: len(whole) // 2] + b"\xff\xd9")
