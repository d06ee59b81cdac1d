"""Reads the day a licence was issued on: digits set in over 年 月 日 that were printed in advance, under a seal.

Models of whole lines see one of the two prints, or a muddle of both. This one knows nothing but such dates: it was
trained on drawn strips alone (`scripts/train_issue_dates.py`). The year is read well by the models of lines, so the
question is only which of its days the strips show.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engine import Image

HEIGHT_PX, WIDTH_PX = 48, 288
"""A strip as the model was trained on it; digits stand about 15 px high."""
ALPHABET = "0123456789-"
"""What the model tells apart after the blank; - stands between year, month and day."""
_MODEL = Path(__file__).with_name("issue_date.onnx")
WITNESSES = 1.5
"""For how many three cuts of one strip count: so 160 of 178 days on licences were nearly certain (0.985) and right, and
none was wrong; counted for one 150 and none, for 1.8 165 and one, for three 169 and four."""
_LEAST = 1e-6
"""No chance is less, so that one unlucky step rules nothing out."""

Chances = NDArray[np.float32]
"""`(steps, 1 + len(ALPHABET))`; class 0 is the blank."""


class IssueDateReader:
    """One thread at a time; the model (0.7 MB) is loaded with the first strip."""

    def read(self, strips: Sequence[Image], year: int) -> tuple[str, float]:
        """The day of the year that cuts `(HEIGHT_PX, W, 3)` BGR of one strip show best, as `2016-01-14`.

        Returns:
            The date as printed, with or without zeros before its digits, or nothing where the cuts rather show none;
            and the chance that it is this among all days of the year, 0–1.
        """
        texts = _days_of(year)
        fits = np.mean([log_chances(texts, self._chances(strip)) for strip in strips], axis=0)
        shares = np.exp(WITNESSES * (fits - fits.max()))
        best = int(shares.argmax())
        same = [place for place, text in enumerate(texts) if _digits(text) == _digits(texts[best])]
        return texts[best], float(shares[same].sum() / shares.sum())

    def _chances(self, strip: Image) -> Chances:
        whole = strip if strip.shape[:2] == (HEIGHT_PX, WIDTH_PX) else cv2.resize(strip, (WIDTH_PX, HEIGHT_PX))
        levels = whole.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(127.5) - np.float32(1)
        chances: Chances = self._model.run(None, {"strip": levels})[0][0]
        return chances

    @cached_property
    def _model(self) -> Any:
        import onnxruntime  # late: a process that never reads need not load it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(_MODEL), options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=8)
def _days_of(year: int) -> tuple[str, ...]:
    """Every way to print a day of the year, and no date at all."""
    first = dt.date(year, 1, 1)
    days = [first + dt.timedelta(days) for days in range(366) if (first + dt.timedelta(days)).year == year]
    ways = (text for day in days for text in (f"{day:%Y-%m-%d}", f"{day.year}-{day.month}-{day.day}"))
    return ("", *dict.fromkeys(ways))


def _digits(text: str) -> list[int]:
    return [int(part) for part in text.split("-") if part]


def log_chances(texts: Sequence[str], chances: Chances) -> NDArray[np.float64]:
    """The logarithm of each text's chance: of all its alignments to the steps together (the forward sum of CTC)."""
    paths, ends = _paths(tuple(texts))
    skips = np.zeros(paths.shape, dtype=bool)
    skips[:, 2:] = (paths[:, 2:] != 0) & (paths[:, 2:] != paths[:, :-2])
    steps = np.maximum(chances.astype(np.float64), _LEAST)
    here, total = np.zeros(paths.shape), 0.0
    here[:, :2] = steps[0][paths[:, :2]]
    for step in steps[1:]:
        moved = here.copy()
        moved[:, 1:] += here[:, :-1]
        moved[:, 2:] += here[:, :-2] * skips[:, 2:]
        here = moved * step[paths]
        most = here.max()
        here, total = here / most, total + np.log(most)
    rows = np.arange(len(texts))
    last = here[rows, ends] + np.where(ends > 0, here[rows, ends - 1], 0.0)
    chance: NDArray[np.float64] = np.log(np.maximum(last, np.finfo(float).tiny))
    return chance + total


@lru_cache(maxsize=8)
def _paths(texts: tuple[str, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The labels of each text with blanks around and between, padded with blanks; the place of its last blank."""
    ends = np.array([2 * len(text) for text in texts])
    paths = np.zeros((len(texts), max(int(ends.max()) + 1, 2)), dtype=np.intp)
    for row, text in enumerate(texts):
        paths[row, 1 : 2 * len(text) : 2] = [1 + ALPHABET.index(char) for char in text]
    return paths, ends
