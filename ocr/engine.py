"""What the line asks of a recognition engine: a page's lines, and a second look at some of them.

Images are `(H, W, 3)` uint8 in BGR order. Boxes follow `records.readings`: pixels of the upright page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from records.readings import Box, Line, PageReading

Image = NDArray[np.uint8]


class Channel(StrEnum):
    """Which light of the page to read. In red light a red seal fades from over black print."""

    COLOUR = "colour"
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class UprightPage:
    """A reading together with the upright image its boxes lie on: what is shown, and what a second look reads."""

    reading: PageReading
    image: Image


class OcrEngine(Protocol):
    @property
    def name(self) -> str:
        """Engine and models with their versions, as kept with every reading."""

    def read_page(self, image: Image, *, page_no: int, dpi: float | None = None) -> UprightPage:
        """Turn the page upright and straight, and read all of it. The same image always gives the same reading.

        Raises:
            EngineFailed: the image has no pixels, or the engine failed on it.
        """

    def reread_lines(
        self, image: Image, boxes: Sequence[Box], *, better: bool = True, channel: Channel = Channel.COLOUR
    ) -> list[Line]:
        """Read these boxes of an upright image again, one line for each box in the same order.

        `better` asks for the slower, more exact model. A box without print gives an empty line or one of low
        confidence.

        Raises:
            EngineFailed: a box lies outside the image, or the engine failed on it.
        """

    def read_issue_date(self, image: Image, boxes: Sequence[Box], year: int) -> Line:
        """The day of the year in these cuts of one strip of an upright image (`licence.issue_date_strips`).

        Its text is like `2016 01 14`, its confidence the chance among all days of the year, its box that of the first
        cut within the image. Cuts that rather show no date give an empty line.
        """
