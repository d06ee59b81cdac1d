"""A recognition model: a line cut out of the page goes in, its text and how sure it is come out.

PaddleX loads the model; what it does around each line (copies, checks, results that can draw themselves) took as long
as a tenth of the quick model's own work, and is left out.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.decoding import LineDecoder
from ocr.preprocess import Image

LINE_HEIGHT_PX = 48
"""The height the recognition models were trained at."""
NARROWEST_LINE_PX, WIDEST_LINE_PX = 160, 3200
"""Lines are padded to the one, which reads as well as PaddleOCR's 320 and takes a seventh less, or squeezed into the
other."""
_LEVELS = (np.arange(256, dtype=np.float32) / 255 - np.float32(0.5)) / np.float32(0.5)
"""What the models take for each grey level: −1 to 1; padding is 0."""


class LineReader:
    """`predictor` is PaddleX's for text recognition."""

    def __init__(self, predictor: Any) -> None:
        self._run = predictor.runner
        self._decoder = LineDecoder(predictor.post_op.character[1:])  # theirs begins with the blank

    def read(self, line: Image) -> tuple[str, float]:
        """The text of a line `(LINE_HEIGHT_PX, W, 3)` BGR, and how sure it is, 0–1.

        One at a time: on one core a batch saves nothing, and its padding costs.
        """
        return self._decoder.decode(self._run(_as_input(line))[0][0])


def _as_input(line: Image) -> NDArray[np.float32]:
    """`(1, 3, LINE_HEIGHT_PX, W)`."""
    if line.shape[1] > WIDEST_LINE_PX:
        line = np.asarray(cv2.resize(line, (WIDEST_LINE_PX, LINE_HEIGHT_PX)), dtype=np.uint8)
    height, width = line.shape[:2]
    planes = np.zeros((1, 3, height, max(width, NARROWEST_LINE_PX)), dtype=np.float32)
    planes[0, :, :, :width] = _LEVELS[line.transpose(2, 0, 1)]
    return planes
