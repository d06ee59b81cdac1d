"""One page as pixels: what opening a file gives and reading takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from intake.formats.inspection import MediaType

Pixels = npt.NDArray[np.uint8]
"""(height, width, 3), BGR, white paper is 255."""


class PageSource(StrEnum):
    SCAN = "scan"
    """Pixels are all there is, or all that can be trusted: a text layer over a scan was itself recognised."""
    BORN_DIGITAL = "born_digital"
    """A PDF page with text of its own and no picture over the whole page."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PageImage:
    page_no: int
    image: Pixels
    """Displayed as its file asks: turned by EXIF or /Rotate, colours and transparency resolved over white."""
    dpi: float | None
    """Of `image`: what the file claims, or what a PDF page was rendered at."""
    source: PageSource
    media_type: MediaType

    @property
    def width_px(self) -> int:
        return int(self.image.shape[1])

    @property
    def height_px(self) -> int:
        return int(self.image.shape[0])
