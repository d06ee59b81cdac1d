"""Pages of a PDF as pixels: the only file that imports pypdfium2.

PDFium is built without a script engine and without XFA, so scripts and embedded files are never touched. It may die
on a hostile file or take long: see `intake/formats/pages.py` for the process it wants.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pypdfium2
from pypdfium2 import raw

from intake.formats.inspection import Limits, MediaType, check_page_count
from intake.formats.page_image import PageImage, PageSource, Pixels
from records.errors import DamagedFile, EncryptedFile, NoPages, Rejected, TooDemanding, TooManyPixels

# It tells developers how to build it with XFA, which we do not want.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)

_POINTS_PER_INCH = 72.0
_DEFAULT_DPI = 200.0
_RENDERED_PIXELS_AT_MOST = 40_000_000
"""Of a page without a scan to take the resolution from: A4 at 540 dpi, or a 200-inch page at 31."""
_WHOLE_PAGE = 0.85
"""Share of the page that pictures cover on a scan; the rest is the scanner's margin."""
_OBJECTS_AT_MOST = 20_000
_FORM_DEPTH = 4
_INVISIBLE = 3


@dataclass(frozen=True, kw_only=True)
class _Content:
    """What lies on a page. `scan_dpi` is the resolution of its finest large picture."""

    is_scan: bool
    scan_dpi: float | None
    has_text: bool


def open_pdf(data: bytes, limits: Limits) -> Iterator[PageImage]:
    """Each page in order, rendered when it is asked for.

    Raises:
        Rejected: with the page number where a page is damaged.
    """
    with _opened(data) as document:
        count = len(document)
        check_page_count(count, limits)
        for page_no in range(1, count + 1):
            yield _rendered(document, page_no, limits)


def pdf_page_count(data: bytes) -> int:
    with _opened(data) as document:
        return len(document)


@contextmanager
def _opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        raise _opening_failure(exc.err_code) from exc
    with closing(document):
        with suppress(pypdfium2.PdfiumError):
            document.init_forms()  # what was typed into a form is drawn by it
        yield document


def _opening_failure(code: int | None) -> Rejected:
    if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        return EncryptedFile()
    return NoPages() if code == raw.FPDF_ERR_SUCCESS else DamagedFile()


def _rendered(document: pypdfium2.PdfDocument, page_no: int, limits: Limits) -> PageImage:
    try:
        with closing(document[page_no - 1]) as page:
            content = _content(page, page_no, limits)
            dpi = _resolution(page, content, limits)
            image = _pixels(page, dpi, page_no, limits)
    except MemoryError as exc:
        raise TooDemanding(page_no=page_no) from exc
    except (pypdfium2.PdfiumError, ValueError, ArithmeticError) as exc:
        raise DamagedFile(page_no=page_no) from exc
    source = PageSource.BORN_DIGITAL if content.has_text and not content.is_scan else PageSource.SCAN
    return PageImage(page_no=page_no, image=image, dpi=dpi, source=source, media_type=MediaType.PDF)


def _content(page: pypdfium2.PdfPage, page_no: int, limits: Limits) -> _Content:
    area = page.get_width() * page.get_height()
    covered, finest, has_text = 0.0, None, False
    for thing in islice(page.get_objects(max_depth=_FORM_DEPTH), _OBJECTS_AT_MOST):
        if thing.type == raw.FPDF_PAGEOBJ_TEXT:
            has_text = has_text or raw.FPDFTextObj_GetTextRenderMode(thing) != _INVISIBLE
        if thing.type != raw.FPDF_PAGEOBJ_IMAGE:
            continue
        share, dpi = _picture(thing, area, page_no, limits)
        covered += share
        if share >= 0.05:
            finest = max(dpi, finest or 0.0)
    return _Content(is_scan=covered >= _WHOLE_PAGE, scan_dpi=finest, has_text=has_text)


def _picture(picture: pypdfium2.PdfImage, page_area: float, page_no: int, limits: Limits) -> tuple[float, float]:
    """Share of the page it covers, and its resolution there."""
    width_px, height_px = picture.get_px_size()
    if width_px * height_px > limits.max_pixels:
        raise TooManyPixels(page_no=page_no, width_px=width_px, height_px=height_px, limit_px=limits.max_pixels)
    a, b, c, d, _, _ = picture.get_matrix().get()
    across, down = math.hypot(a, b), math.hypot(c, d)
    if across <= 0 or down <= 0 or page_area <= 0:
        return 0.0, 0.0
    return across * down / page_area, _POINTS_PER_INCH * max(width_px / across, height_px / down)


def _resolution(page: pypdfium2.PdfPage, content: _Content, limits: Limits) -> float:
    """Dots per inch to render at: every pixel of a scan, and no more than the limits allow."""
    width, height = page.get_width(), page.get_height()
    if width <= 0 or height <= 0:
        raise ValueError("page without area")
    wanted = content.scan_dpi if content.is_scan and content.scan_dpi else _DEFAULT_DPI
    if content.has_text:
        wanted = max(wanted, _DEFAULT_DPI)
    most = limits.max_pixels if content.is_scan else min(limits.max_pixels, _RENDERED_PIXELS_AT_MOST)
    # One pixel is kept back on each side, because sizes are rounded up.
    fitting = _POINTS_PER_INCH * math.sqrt(most / (width * height)) * (1 - 2 / math.sqrt(most))
    return min(wanted, fitting)


def _pixels(page: pypdfium2.PdfPage, dpi: float, page_no: int, limits: Limits) -> Pixels:
    # A hair less than the scale, so that 2479.9999 and 2480.0001 both become 2480 pixels when rounded up.
    scale = dpi / _POINTS_PER_INCH * (1 - 1e-6)
    width, height = math.ceil(page.get_width() * scale), math.ceil(page.get_height() * scale)
    with closing(pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR)) as bitmap:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        _draw(page, bitmap, page_no, limits.max_drawing_s)
        # The array holds the bitmap's memory, which is Python's; closing only ends PDFium's use of it.
        return np.asarray(bitmap.to_numpy(), dtype=np.uint8)


def _draw(page: pypdfium2.PdfPage, bitmap: pypdfium2.PdfBitmap, page_no: int, limit_s: float) -> None:
    """PDFium asks between objects whether to pause; once the time is over it is told so and not resumed."""
    deadline = time.monotonic() + limit_s
    pause = raw.IFSDK_PAUSE(version=1)
    pypdfium2.internal.set_callback(pause, "NeedToPauseNow", lambda _: int(time.monotonic() > deadline))
    flags = raw.FPDF_ANNOT | raw.FPDF_RENDER_LIMITEDIMAGECACHE
    area = (0, 0, bitmap.width, bitmap.height, 0, flags)
    try:
        status = raw.FPDF_RenderPageBitmap_Start(bitmap, page, *area, pause)
    finally:
        raw.FPDF_RenderPage_Close(page)
    if status == raw.FPDF_RENDER_TOBECONTINUED:
        raise TooDemanding(page_no=page_no, limit_s=limit_s)
    if status != raw.FPDF_RENDER_DONE:
        raise DamagedFile(page_no=page_no)
    if page.formenv:
        raw.FPDF_FFLDraw(page.formenv, bitmap, page, *area)
