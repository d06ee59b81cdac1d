"""Reading a file in a process of its own, with nothing stored: what `guidang read` starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from intake.formats.inspection import Limits
from intake.reading import FileReading, read_path, upright_pages
from intake.searchable import searchable_pdf
from ocr.engine import Image, OcrEngine
from records.errors import ArchiveError, TooDemanding
from records.readings import Box, PageReading
from records.terms import FieldState

GREY, GREEN, ORANGE = (160, 160, 160), (60, 160, 0), (0, 120, 240)

_engine: OcrEngine | None = None
_limits = Limits()


@dataclass(frozen=True, kw_only=True)
class Order:
    path: Path
    draw: Path | None = None
    """Where to draw what was found."""
    pdf: Path | None = None
    """Where to write a searchable copy."""


def begin_reading(cache: Path, models: Path | None, limits: Limits) -> None:
    """Prepare this process: the engine loads its models with the first page."""
    from ocr.paddle import PaddleEngine

    global _engine, _limits
    _engine, _limits = PaddleEngine(cache, models), limits


def read_order(order: Order) -> dict[str, Any]:
    """One object of the reading format, or `{"file", "error": {"code", "message"}}`."""
    assert _engine is not None
    try:
        reading = read_path(order.path, _engine, _limits)
        if order.draw is not None:
            draw_reading(order.path.read_bytes(), reading, order.draw, _limits)
        if order.pdf is not None:
            write_searchable(order.path.read_bytes(), reading, order.pdf, _limits)
        return reading.as_json(str(order.path))
    except ArchiveError as error:
        return _failure(order, error.code, str(error))
    except MemoryError:
        return _failure(order, TooDemanding.code, TooDemanding().message)
    except OSError as error:
        return _failure(order, "file_not_readable", f"The file cannot be opened: {error.strerror}.")


def draw_reading(data: bytes, reading: FileReading, target: Path, limits: Limits) -> None:
    """Write each page upright with its lines in grey, sure fields in green, doubtful ones in orange."""
    for upright in upright_pages(data, reading.pages, limits):
        page, image = upright.reading, np.ascontiguousarray(upright.image)
        _draw_page(image, page, reading)
        ok, encoded = cv2.imencode(target.suffix or ".png", image)
        if not ok:
            raise OSError(0, "not an image format")
        name = target.name if page.page_no == 1 else f"{target.stem}-{page.page_no}{target.suffix}"
        target.with_name(name).write_bytes(bytes(encoded))


def write_searchable(data: bytes, reading: FileReading, target: Path, limits: Limits) -> None:
    """Write the pages upright as a PDF whose text can be found and selected."""
    pages = upright_pages(data, reading.pages, limits)
    target.write_bytes(searchable_pdf((page.image, page.reading) for page in pages))


def _draw_page(image: Image, page: PageReading, reading: FileReading) -> None:
    thickness = max(1, round(max(image.shape[:2]) / 800))
    for line in page.lines:
        _outline(image, line.box, GREY, thickness)
    for document in reading.documents:
        for field in document.fields.values():
            if field.page_no == page.page_no and field.box is not None:
                colour = GREEN if field.state == FieldState.SURE else ORANGE
                _outline(image, field.box, colour, 2 * thickness)
                if field.name.isascii():
                    _label(image, field.name, field.box, colour, thickness)


def _outline(image: Image, box: Box, colour: tuple[int, int, int], thickness: int) -> None:
    cv2.polylines(image, [np.array(box, dtype=np.int32)], isClosed=True, color=colour, thickness=thickness)


def _label(image: Image, name: str, box: Box, colour: tuple[int, int, int], thickness: int) -> None:
    place = (int(box[0][0]), max(0, int(box[0][1]) - 2 * thickness))
    cv2.putText(image, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45 * thickness, colour, thickness, cv2.LINE_AA)


def _failure(order: Order, code: str, message: str) -> dict[str, Any]:
    return {"file": str(order.path), "error": {"code": code, "message": message}}
