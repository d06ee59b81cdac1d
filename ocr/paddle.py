"""PaddleOCR behind the engine's port; the only file that imports it.

A page costs what it needs: every line is read by the quick model, and those it doubts once more by the better one.
"""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from ocr import preprocess
from ocr.agreement import together
from ocr.engine import Channel, Image, UprightPage
from ocr.issue_dates import HEIGHT_PX as STRIP_HEIGHT_PX
from ocr.issue_dates import IssueDateReader
from ocr.layout import is_watermarked
from ocr.line_ends import cover_line_ends
from ocr.models import BETTER_RECOGNITION, DETECTION, ORIENTATION, QUICK_RECOGNITION, ModelDirectories, find_models
from ocr.paling import uncovered, without_watermark
from ocr.preprocess import Points
from ocr.recognition import LINE_HEIGHT_PX, LineReader
from records.errors import EngineFailed
from records.readings import Box, Line, PageReading

log = logging.getLogger(__name__)

DETECTION_SIDE_PX = 1280
"""Longest side detection sees; more finds no more lines."""
SMALL_PAGE_PX = 1280
"""Images with a shorter long side are enlarged to it, at most threefold."""
DOUBT_BELOW = 0.9
"""Lines above it are read again only where a field in doubt rests on them: on generated pages a seventh less work for
the better model than with 0.96, and the same fields right."""
ORIENTATION_SURE = 0.85
"""Of pages that were turned right the classifier said 0.9 and more, of those that were not 0.58 and 0.68."""
LINES_THAT_TELL, LEGIBLE = 5, 0.8
ILLEGIBLE_BELOW = 0.3
"""Below this the quick and the better model both see only texture: emblems, QR codes, wood."""
ORNAMENT_BELOW = 0.7
STRAIGHT_WITHIN_DEG = 0.3

_ONNX = {"engine": "onnxruntime", "device": "cpu"}
_ONE_THREAD = {
    "intra_op_num_threads": 1,
    "inter_op_num_threads": 1,
    # Lines differ in width, so an arena grows for each new shape and gives nothing back; without it nothing is slower.
    "enable_cpu_mem_arena": False,
    "enable_mem_pattern": False,
}


class PaddleEngine:
    """Reads with the models found in `models_dir`, or in the wheel; loads each when it is first needed.

    One thread reads at a time: workers are processes, and each model computes on one core.
    """

    def __init__(self, cache_dir: Path, models_dir: Path | None = None) -> None:
        self._cache_dir = cache_dir
        self._models_dir = models_dir
        self._reading = threading.Lock()

    @cached_property
    def name(self) -> str:
        return (
            f"paddleocr {version('paddleocr')} onnxruntime {version('onnxruntime')} PP-OCRv6 tiny+small, issue dates 1"
        )

    def read_page(self, image: Image, *, page_no: int, dpi: float | None = None) -> UprightPage:
        _require_pixels(image)
        with self._reading:
            rotation_deg, upright, boxes = self._upright(image)
            skew_deg = round(preprocess.estimate_skew_deg(boxes), 2)
            if abs(skew_deg) > STRAIGHT_WITHIN_DEG:
                upright, boxes = preprocess.straighten(upright, skew_deg, boxes)
            else:
                skew_deg = 0.0
            boxes = cover_line_ends(upright, boxes)
            lines = self._read_lines(upright, [boxes[i] for i in preprocess.reading_order(boxes)])
            lines = self._under_watermark(upright, lines)
        height_px, width_px = upright.shape[:2]
        reading = PageReading(
            page_no=page_no,
            width_px=width_px,
            height_px=height_px,
            lines=tuple(line for line in lines if _is_legible(line)),
            rotation_deg=rotation_deg,
            skew_deg=skew_deg,
            dpi=dpi,
            engine=self.name,
        )
        return UprightPage(reading=reading, image=upright)

    def reread_lines(
        self, image: Image, boxes: Sequence[Box], *, better: bool = True, channel: Channel = Channel.COLOUR
    ) -> list[Line]:
        _require_pixels(image)
        corners = [np.array(box, dtype=np.float64) for box in boxes]
        with self._reading:
            return self._recognise(image, corners, better=better, channel=channel)

    def read_issue_date(self, image: Image, boxes: Sequence[Box], year: int) -> Line:
        _require_pixels(image)
        height_px, width_px = image.shape[:2]
        corners = [np.array(box, dtype=np.float64) for box in boxes]
        with self._reading, _own_errors():
            strips = [preprocess.cut_line(image, each, STRIP_HEIGHT_PX) for each in corners]
            text, chance = self._issue_dates.read(strips, year)
        placed = preprocess.as_box(corners[0], width_px, height_px)
        return Line(text=text.replace("-", " "), confidence=chance, box=placed)

    def _upright(self, image: Image) -> tuple[int, Image, list[Points]]:
        """By how much the page is turned clockwise to be upright, the page so turned, and its lines.

        The classifier says how far it has been turned. Where it is not sure, as of two pages side by side, the longest
        lines are read one way and the other.
        """
        result = _predict(self._orientation, image)
        rotation_deg, chance = (360 - int(result["label_names"][0])) % 360, float(np.ravel(result["scores"])[0])
        upright = preprocess.turn(image, rotation_deg)
        boxes = self._detect(upright)
        more_deg = self._turned_still(upright, boxes) if chance < ORIENTATION_SURE else 0
        if not more_deg:
            return rotation_deg, upright, boxes
        upright = preprocess.turn(upright, more_deg)
        return (rotation_deg + more_deg) % 360, upright, self._detect(upright)

    def _turned_still(self, image: Image, boxes: Sequence[Points]) -> int:
        """By how much more the page must be turned clockwise for its longest lines to be legible."""
        longest = sorted(boxes, key=preprocess.length, reverse=True)[:LINES_THAT_TELL]
        standing = [box for box in longest if preprocess.is_standing(box)]
        # A standing line is read downwards: if it is legible so, the page must be turned back from there.
        ways, asked = ((270, 90), standing) if 2 * len(standing) > len(longest) else ((0, 180), longest)
        legible = [
            median([line.confidence for line in self._recognise(image, seen, better=False)] or [0.0])
            for seen in (asked, [np.roll(box, 2, axis=0) for box in asked])
        ]
        return ways[legible.index(max(legible))] if max(legible) >= LEGIBLE else 0

    def _detect(self, image: Image) -> list[Points]:
        scale = preprocess.reading_scale(image, long_side_px=SMALL_PAGE_PX, most=3.0)
        result = _predict(self._detection, preprocess.enlarge(image, scale))
        return [np.asarray(box, dtype=np.float64) / scale for box in result["dt_polys"]]

    def _read_lines(self, image: Image, boxes: list[Points]) -> list[Line]:
        lines = self._recognise(image, boxes, better=False)
        doubtful = [i for i, line in enumerate(lines) if line.confidence < DOUBT_BELOW and not _is_ornament(line)]
        again = self._recognise(image, [boxes[i] for i in doubtful], better=True)
        for i, line in zip(doubtful, again, strict=True):
            lines[i] = together(lines[i], line)
        return lines

    def _under_watermark(self, image: Image, lines: list[Line]) -> list[Line]:
        """Where words run across the page, it is read once more without them."""
        pale = without_watermark(image, lines) if is_watermarked(lines) else None
        if pale is None:
            return lines
        again = self._read_lines(pale, cover_line_ends(pale, self._detect(pale)))
        legible = [line for line in again if _is_legible(line)]
        read = uncovered(lines, legible, (image.shape[0], image.shape[1]))
        return [read[i] for i in preprocess.reading_order([np.array(line.box) for line in read])]

    def _recognise(
        self, image: Image, boxes: Sequence[Points], *, better: bool, channel: Channel = Channel.COLOUR
    ) -> list[Line]:
        """One line for each box in the same order."""
        model = self._better_recognition if better and boxes else self._quick_recognition
        height_px, width_px = image.shape[:2]
        lines = []
        with _own_errors():
            for box in boxes:
                crop = preprocess.cut_line(image, box, LINE_HEIGHT_PX)
                text, confidence = model.read(preprocess.in_red_light(crop) if channel is Channel.RED else crop)
                placed = preprocess.as_box(box, width_px, height_px)
                lines.append(Line(text=text, confidence=confidence, box=placed))
        return lines

    @cached_property
    def _issue_dates(self) -> IssueDateReader:
        return IssueDateReader()

    @cached_property
    def _models(self) -> ModelDirectories:
        return find_models(self._cache_dir, self._models_dir)

    @cached_property
    def _orientation(self) -> Any:
        model = _paddleocr().DocImgOrientationClassification
        return model(
            model_name=ORIENTATION, model_dir=str(self._models.orientation), engine_config=_ONE_THREAD, **_ONNX
        )

    @cached_property
    def _detection(self) -> Any:
        model = _paddleocr().TextDetection
        return model(
            model_name=DETECTION,
            model_dir=str(self._models.detection),
            limit_side_len=DETECTION_SIDE_PX,
            limit_type="max",
            engine_config=_ONE_THREAD,
            **_ONNX,
        )

    @cached_property
    def _quick_recognition(self) -> LineReader:
        return self._recognition(QUICK_RECOGNITION, self._models.quick_recognition)

    @cached_property
    def _better_recognition(self) -> LineReader:
        return self._recognition(BETTER_RECOGNITION, self._models.better_recognition)

    def _recognition(self, name: str, directory: Path) -> LineReader:
        model = _paddleocr().TextRecognition(
            model_name=name, model_dir=str(directory), engine_config=_ONE_THREAD, **_ONNX
        )
        return LineReader(model.paddlex_predictor)


def _is_legible(line: Line) -> bool:
    return bool(line.text.strip()) and line.confidence >= ILLEGIBLE_BELOW and not _is_ornament(line)


def _is_ornament(line: Line) -> bool:
    """A guilloche border reads as a long run of a few round letters; the better model makes no more of it."""
    count = len(line.text)
    return line.confidence < ORNAMENT_BELOW and count >= 12 and len(set(line.text)) <= 0.45 * count


def _paddleocr() -> Any:
    """Import late: it takes seconds and 150 MB, which a process that never reads need not spend."""
    # Set before the import, which reads them: no look at a model hub, no search for training repositories.
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    os.environ.setdefault("PADDLE_PDX_EAGER_INIT", "False")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its many dependencies say of each other is nothing a user can act on
        import paddleocr

    logging.getLogger("paddlex").setLevel(logging.ERROR)
    return paddleocr


def _predict(model: Any, image: Image) -> Any:
    """What a model says of one image."""
    with _own_errors():
        return next(iter(model.predict([image], batch_size=1)))


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except _failures() as exc:
        raise EngineFailed(cause=type(exc).__name__) from exc


def _failures() -> tuple[type[Exception], ...]:
    """What PaddleX, OpenCV and ONNX Runtime raise on an image they cannot take; they share no base."""
    from onnxruntime.capi import onnxruntime_pybind11_state as onnx

    return RuntimeError, ValueError, TypeError, cv2.error, onnx.Fail, onnx.InvalidArgument, onnx.RuntimeException


def _require_pixels(image: Image) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0 or image.dtype != np.uint8:
        raise EngineFailed("The page image has no pixels or an unexpected form.", shape=image.shape)
