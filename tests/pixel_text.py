"""Recognition that costs nothing, for tests of everything around it: pages that carry their text in their pixels.

`page_png` writes lines of text into the pixels of an image; `PixelTextEngine` reads them back exactly. It is a real
engine as far as the line can tell, and works in worker processes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from ocr.engine import Channel, Image, UprightPage
from records.errors import EngineFailed
from records.readings import Box, Line, PageReading

WIDTH_PX, HEIGHT_PX = 480, 640
LINE_HEIGHT_PX = 20
_MAGIC = b"GDTXT"


def page_png(lines: Sequence[str], *, confidence: float = 0.9999) -> bytes:
    """A PNG whose pixels say `lines`, one below the other from the left edge."""
    encoded, png = cv2.imencode(".png", page_image(lines, confidence=confidence))
    assert encoded
    return bytes(png)


def page_image(lines: Sequence[str], *, confidence: float = 0.9999) -> Image:
    image = np.full((HEIGHT_PX, WIDTH_PX, 3), 255, dtype=np.uint8)
    said = json.dumps({"lines": list(lines), "confidence": confidence}, ensure_ascii=False).encode()
    payload = _MAGIC + len(said).to_bytes(4, "big") + said
    image.reshape(-1)[: len(payload)] = np.frombuffer(payload, dtype=np.uint8)
    return image


class PixelTextEngine:
    """An `OcrEngine` for pages of `page_png`; other pages have no text."""

    name = "pixel-text 1"

    def read_page(self, image: Image, *, page_no: int, dpi: float | None = None) -> UprightPage:
        height_px, width_px = image.shape[:2]
        reading = PageReading(
            page_no=page_no, width_px=width_px, height_px=height_px, lines=_lines(image), dpi=dpi, engine=self.name
        )
        return UprightPage(reading=reading, image=image)

    def reread_lines(
        self, image: Image, boxes: Sequence[Box], *, better: bool = True, channel: Channel = Channel.COLOUR
    ) -> list[Line]:
        by_top = {line.box[0][1]: line for line in _lines(image)}
        empty = Line(text="", confidence=0.0, box=boxes[0]) if boxes else None
        return [replace(by_top.get(box[0][1], empty), box=box) for box in boxes if empty]

    def read_issue_date(self, image: Image, boxes: Sequence[Box], year: int) -> Line:
        return Line(text="", confidence=0.0, box=boxes[0])


class CrashingEngine(PixelTextEngine):
    """Fails on pages that say so: an engine error, a death in native code, or a hang."""

    def read_page(self, image: Image, *, page_no: int, dpi: float | None = None) -> UprightPage:
        page = super().read_page(image, page_no=page_no, dpi=dpi)
        said = page.reading.text
        if "engine fails" in said:
            raise EngineFailed(page_no=page_no)
        if "engine dies" in said:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGSEGV)
        if "engine hangs" in said:
            import time

            time.sleep(3600)
        return page


def _lines(image: Image) -> tuple[Line, ...]:
    flat = image.reshape(-1)
    start = len(_MAGIC) + 4
    if bytes(flat[: len(_MAGIC)]) != _MAGIC:
        return ()
    size = int.from_bytes(bytes(flat[len(_MAGIC) : start]), "big")
    said = json.loads(bytes(flat[start : start + size]))
    return tuple(
        Line(text=text, confidence=said["confidence"], box=_box(row, text)) for row, text in enumerate(said["lines"])
    )


def _box(row: int, text: str) -> Box:
    top, bottom = 10.0 + row * LINE_HEIGHT_PX, 26.0 + row * LINE_HEIGHT_PX
    right = min(float(WIDTH_PX - 10), 10.0 + 16.0 * len(text))
    return ((10.0, top), (right, top), (right, bottom), (10.0, bottom))
