from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.formats.inspection import MediaType
from intake.formats.page_image import PageImage, PageSource, Pixels
from intake.quality import advise, effective_dpi
from records.readings import Line, PageReading


def written_page(height: int = 1754, width: int = 1240, paper: int = 245) -> Pixels:
    page = np.full((height, width, 3), paper, dtype=np.uint8)
    for row in range(150, height - 150, 60):
        cv2.putText(page, "Ledger 0123456789", (120, row), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (30, 30, 30), 2, cv2.LINE_AA)
    return page


def page_of(image: Pixels, dpi: float | None = 300.0, source: PageSource = PageSource.SCAN) -> PageImage:
    return PageImage(page_no=1, image=image, dpi=dpi, source=source, media_type=MediaType.JPEG)


def reading_of(image: Pixels, *, text: str = "x", left: float = 100.0, skew_deg: float = 0.0) -> PageReading:
    box = ((left, 100.0), (400.0, 100.0), (400.0, 140.0), (left, 140.0))
    return PageReading(
        page_no=1,
        width_px=image.shape[1],
        height_px=image.shape[0],
        lines=(Line(text=text, confidence=0.9, box=box),),
        skew_deg=skew_deg,
    )


def test_a_good_page_needs_no_advice() -> None:
    image = written_page()

    assert advise(page_of(image), reading_of(image)) == ()


@pytest.mark.parametrize(
    ("dpi", "codes"), [(150.0, ("low_dpi",)), (200.0, ("advise_dpi",)), (299.99, ()), (None, ("low_dpi",))]
)
def test_too_few_dots(dpi: float | None, codes: tuple[str, ...]) -> None:
    assert advise(page_of(written_page(), dpi)) == codes


@pytest.mark.parametrize("sigma", [0.0, 6.0])
def test_blurred(sigma: float) -> None:
    image = written_page()
    if sigma:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.uint8)

    assert ("blurred" in advise(page_of(image))) is (sigma > 0)


def test_dark_but_still_sharp() -> None:
    assert advise(page_of(written_page(paper=100))) == ("dark",)


@given(paper=st.integers(60, 255), noise=st.integers(0, 6))
def test_an_empty_sheet_is_blank_whatever_its_paper(paper: int, noise: int) -> None:
    grain = np.random.default_rng(7).integers(-noise, noise + 1, (400, 300, 1))
    image = np.clip(np.full((400, 300, 3), paper) + grain, 0, 255).astype(np.uint8)

    assert advise(page_of(image)) == ("blank",)


def test_shadows_at_the_edge_do_not_hide_that_a_page_is_blank() -> None:
    image = np.full((1754, 1240, 3), 250, dtype=np.uint8)
    image[:, :40] = 10

    assert advise(page_of(image)) == ("blank",)


def test_one_line_of_text_or_one_seal_is_not_blank() -> None:
    line = np.full((1754, 1240, 3), 250, dtype=np.uint8)
    cv2.putText(line, "Received", (500, 800), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (30, 30, 30), 2)
    seal = np.full((1754, 1240, 3), 250, dtype=np.uint8)
    cv2.circle(seal, (800, 1200), 90, (40, 40, 220), 6)

    assert "blank" not in advise(page_of(line))
    assert "blank" not in advise(page_of(seal))


def test_seal_scanned_without_colour() -> None:
    grey = written_page()
    coloured = written_page()
    cv2.circle(coloured, (800, 1200), 90, (40, 40, 220), 12)

    assert advise(page_of(grey), reading_of(grey, text="（盖章）")) == ("grey_should_be_colour",)
    assert advise(page_of(coloured), reading_of(coloured, text="（盖章）")) == ()
    assert advise(page_of(grey), reading_of(grey, text="备注")) == ()


def two_tones(page: Pixels) -> Pixels:
    return np.where(page < 128, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("text", "copied"),
    [("营业执照", True), ("公民身份号码", True), ("开户许可证", True), ("（盖章）", False), ("备注", False)],
)
def test_a_paper_printed_in_colour_is_a_copy_where_it_has_none(text: str, copied: bool) -> None:
    grey = written_page()

    assert ("black_white_copy" in advise(page_of(grey), reading_of(grey, text=text))) is copied


def test_a_paper_printed_in_colour_is_no_copy_where_it_has_some() -> None:
    image = written_page()
    cv2.circle(image, (800, 1200), 90, (40, 40, 220), 12)

    assert advise(page_of(image), reading_of(image, text="营业执照")) == ()


def test_a_page_of_two_tones_is_a_copy_whatever_it_says() -> None:
    black_and_white = two_tones(written_page())

    assert advise(page_of(black_and_white), reading_of(black_and_white)) == ("black_white_copy",)


def test_text_at_the_very_edge_is_cut_off() -> None:
    image = written_page()

    assert advise(page_of(image), reading_of(image, left=0.0)) == ("cut_off",)


@pytest.mark.parametrize(("skew_deg", "codes"), [(-1.5, ("skewed",)), (0.9, ())])
def test_askew(skew_deg: float, codes: tuple[str, ...]) -> None:
    image = written_page()

    assert advise(page_of(image), reading_of(image, skew_deg=skew_deg)) == codes


def test_a_born_digital_page_is_not_judged_as_a_scan() -> None:
    assert advise(page_of(written_page(paper=90), 150.0, PageSource.BORN_DIGITAL)) == ()


@given(dpi=st.integers(100, 1200), turned=st.booleans())
def test_dots_are_counted_on_a_full_sheet_when_no_tag_can_be_trusted(dpi: int, turned: bool) -> None:
    sides = round(297 / 25.4 * dpi), round(210 / 25.4 * dpi)
    width, height = sides if turned else sides[::-1]

    assert effective_dpi(width, height, None) == pytest.approx(dpi, abs=1.5)
    assert effective_dpi(width, height, 72.0) == effective_dpi(width, height, None)
    assert effective_dpi(width, height, 97.0) == 97.0


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (30, 30)])
def test_the_smallest_pages_are_judged_too(shape: tuple[int, int]) -> None:
    image = np.zeros((*shape, 3), dtype=np.uint8)

    assert advise(page_of(image)) == ("blank",)
