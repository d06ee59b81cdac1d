"""Reading a file: bytes → upright pages with their lines → documents with their fields.

The line's workers and `guidang read` go the same way. Scans go through the recognition engine; a born-digital PDF page
gives its own text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from intake.formats.inspection import Limits, inspect
from intake.formats.page_image import PageImage, PageSource
from intake.formats.pages import open_pages
from intake.quality import advise
from ocr.cells import find_cells, passed_over
from ocr.classify import parts_of
from ocr.engine import Channel, Image, OcrEngine, UprightPage
from ocr.extraction import extract
from ocr.marks import find_marks
from ocr.perspective import find_sheet, flatten
from ocr.preprocess import reading_order, straighten, turn
from ocr.textlayer import read_text_layer
from records.readings import Box, DocumentReading, Line, PageReading
from records.terms import DocumentKind

LEGIBLE = 0.5
"""What the better model is less sure of, in a cell where detection saw nothing, is dirt or a stroke of a rule."""


@dataclass(frozen=True, kw_only=True)
class FileReading:
    """What reading a whole file gave; `seconds` is wall time."""

    pages: tuple[PageReading, ...]
    documents: tuple[DocumentReading, ...]
    seconds: float

    def as_json(self, file: str) -> dict[str, Any]:
        """One object of the reading format (docs/reading-format.md)."""
        return {
            "file": file,
            "pages": len(self.pages),
            "seconds": round(self.seconds, 3),
            "advice": {str(page.page_no): list(page.advice) for page in self.pages if page.advice},
            "documents": [document.as_json() for document in self.documents],
        }


class SecondLook:
    """Reads single boxes of a page again, for extraction where it doubts; pages are opened only if asked for."""

    def __init__(self, engine: OcrEngine, image_of: Callable[[int], Image]) -> None:
        self._engine, self._image_of = engine, image_of

    def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> list[Line]:
        """One line for each box, in the same order."""
        return self._engine.reread_lines(self._image_of(page_no), boxes, channel=channel)

    def issue_date(self, page_no: int, boxes: Sequence[Box], year: int) -> Line:
        """What the model of issue dates sees in these cuts of a strip."""
        return self._engine.read_issue_date(self._image_of(page_no), boxes, year)


_MAY_BE_RULED = frozenset({DocumentKind.REGISTRATION_FORM, DocumentKind.OTHER})
_MAY_HAVE_CODES = frozenset({DocumentKind.BUSINESS_LICENSE, DocumentKind.OTHER})
"""Cells and QR codes mean nothing elsewhere, and looking for them takes time; what is not told may be anything."""


def read_pages(data: bytes, engine: OcrEngine, limits: Limits) -> Iterator[UprightPage]:
    """Read a file page by page, one in memory at a time.

    Raises:
        Rejected: the file, or one of its pages, cannot be opened; names the page.
        EngineFailed: the engine failed on a page.
    """
    for page in open_pages(data, limits):
        own = _text_of(data, page)
        upright = own or _recognised(engine, page)
        kinds = {part.kind for part in parts_of(upright.reading)}
        if own is None and kinds & _MAY_BE_RULED:
            upright = _with_cells(engine, upright)
        seen = find_marks(upright.image, upright.reading.lines, may_have_codes=bool(kinds & _MAY_HAVE_CODES))
        marks = (*upright.reading.marks, *seen)
        yield replace(upright, reading=replace(upright.reading, advice=advise(page, upright.reading), marks=marks))


def _recognised(engine: OcrEngine, page: PageImage) -> UprightPage:
    """The page as the engine reads it; a sheet photographed at an angle is laid flat first."""
    sheet = find_sheet(page.image)
    flat = page.image if sheet is None else flatten(page.image, sheet)
    upright = engine.read_page(flat, page_no=page.page_no, dpi=page.dpi)
    return replace(upright, reading=replace(upright.reading, sheet=sheet))


def _with_cells(engine: OcrEngine, page: UprightPage) -> UprightPage:
    """The page with the cells of its form, and with the print in them that the engine passed over."""
    cells = find_cells(page.image)
    boxes = passed_over(page.image, cells, page.reading.lines)
    more = [line for line in engine.reread_lines(page.image, boxes) if line.confidence >= LEGIBLE] if boxes else []
    lines = (*page.reading.lines, *more)
    if more:
        lines = tuple(lines[i] for i in reading_order([np.array(line.box) for line in lines]))
    return replace(page, reading=replace(page.reading, lines=lines, marks=cells))


def read_file(data: bytes, engine: OcrEngine, limits: Limits) -> FileReading:
    """Read a file without storing anything.

    Raises:
        Rejected: the file is refused, with the reason.
    """
    started = time.perf_counter()
    inspect(data, limits)
    upright = list(read_pages(data, engine, limits))
    images = {page.reading.page_no: page.image for page in upright}
    readings = [page.reading for page in upright]
    documents = extract(readings, SecondLook(engine, images.__getitem__))
    return FileReading(pages=tuple(readings), documents=tuple(documents), seconds=time.perf_counter() - started)


def read_path(path: Path, engine: OcrEngine, limits: Limits) -> FileReading:
    return read_file(path.read_bytes(), engine, limits)


def upright_image(data: bytes, reading: PageReading, limits: Limits) -> Image:
    """The page of a reading as it stood when it was read, made again from the original."""
    return next(page.image for page in upright_pages(data, [reading], limits))


def upright_pages(data: bytes, readings: Sequence[PageReading], limits: Limits) -> Iterator[UprightPage]:
    """The pages of these readings as they stood when they were read, in one pass over the original."""
    wanted = {reading.page_no: reading for reading in readings}
    for page in open_pages(data, limits):
        if page.page_no in wanted:
            reading = wanted[page.page_no]
            yield UprightPage(reading=reading, image=_upright(page.image, reading))


def _upright(image: Image, reading: PageReading) -> Image:
    image = turn(image if reading.sheet is None else flatten(image, reading.sheet), reading.rotation_deg)
    return straighten(image, reading.skew_deg, [])[0] if reading.skew_deg else image


def _text_of(data: bytes, page: PageImage) -> UprightPage | None:
    """The page's own text where it was born digital and has some."""
    if page.source != PageSource.BORN_DIGITAL or page.dpi is None:
        return None
    reading = read_text_layer(data, page.page_no, page.dpi)
    return None if reading is None else UprightPage(reading=reading, image=page.image)
