"""A sheet of paper to print on, measured in millimetres from the top left corner.

What is printed under a field name is remembered with its box, so that damage can be aimed at it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples.generate import fonts
from samples.generate.fonts import Face

Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]
"""(H, W, 3) uint8, BGR."""
Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

Point = tuple[float, float]
"""x and y in millimetres."""
_HANGING = "，。；、）"

BLACK: Colour = (25, 25, 28)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True)
class Type:
    face: Face
    size_mm: float
    colour: Colour = BLACK

    @property
    def leading_mm(self) -> float:
        return self.size_mm * 1.28


class Sheet:
    def __init__(self, width_mm: float, height_mm: float, dpi: int, *, paper: Colour = WHITE) -> None:
        self.width_mm, self.height_mm, self.dpi = width_mm, height_mm, dpi
        self.image = Image.new("RGB", (self.px(width_mm), self.px(height_mm)), paper)
        self.pen = ImageDraw.Draw(self.image)
        self.boxes: dict[str, Rectangle] = {}

    def px(self, mm: float) -> int:
        return round(mm * self.dpi / 25.4)

    def lay(self, background: Image.Image) -> None:
        """Put a background of the sheet's own size under everything."""
        self.image.paste(background)

    def paste(self, picture: Image.Image, x_mm: float, y_mm: float) -> None:
        """Lay an RGB or RGBA picture with its top left corner there."""
        mask = picture if picture.mode == "RGBA" else None
        self.image.paste(picture, (self.px(x_mm), self.px(y_mm)), mask)

    def text(self, at: Point, words: str, type: Type, *, anchor: str = "ls", field: str | None = None) -> float:
        """Print one line with its baseline at `at`; returns the x where it ends, in mm."""
        font = fonts.load(type.face, self.px(type.size_mm))
        origin = (self.px(at[0]), self.px(at[1]))
        self.pen.text(origin, words, font=font, fill=type.colour, anchor=anchor)
        left, top, right, bottom = (round(edge) for edge in self.pen.textbbox(origin, words, font=font, anchor=anchor))
        if field is not None:
            self._remember(field, (left, top, right, bottom))
        return right * 25.4 / self.dpi

    def spread(self, at: Point, words: str, type: Type, width_mm: float) -> None:
        """Print a label with its letters spread evenly over the width, as licences do."""
        step = (width_mm - type.size_mm) / max(len(words) - 1, 1)
        for place, char in enumerate(words):
            self.text((at[0] + place * step, at[1]), char, type)

    def wrapped(self, at: Point, words: str, type: Type, *, width_mm: float, field: str | None = None) -> float:
        """Print over as many lines as it takes; returns the baseline after the last, in mm."""
        y_mm = at[1]
        for line in self.lines(words, type, width_mm):
            self.text((at[0], y_mm), line, type, field=field)
            y_mm += type.leading_mm
        return y_mm

    def lines(self, words: str, type: Type, width_mm: float) -> list[str]:
        """Break after any character; closing punctuation hangs over the edge."""
        font = fonts.load(type.face, self.px(type.size_mm))
        lines, start, width = [], 0, 0.0
        for place, char in enumerate(words):
            width += font.getlength(char)
            if width > self.px(width_mm) and place > start and char not in _HANGING:
                lines.append(words[start:place])
                start, width = place, font.getlength(char)
        return [*lines, words[start:]]

    def fitted(self, words: str, type: Type, *, width_mm: float, height_mm: float) -> Type:
        """The type shrunk until the words fit, as printers do with a long scope of business."""
        while type.size_mm > 2.4 and len(self.lines(words, type, width_mm)) * type.leading_mm > height_mm:
            type = replace(type, size_mm=type.size_mm - 0.15)
        return type

    def line(self, start: tuple[float, float], end: tuple[float, float], *, width_mm: float = 0.25) -> None:
        points = [(self.px(x), self.px(y)) for x, y in (start, end)]
        self.pen.line(points, fill=BLACK, width=max(self.px(width_mm), 1))

    def pixels(self) -> Pixels:
        return np.ascontiguousarray(np.asarray(self.image)[:, :, ::-1])

    def _remember(self, field: str, box: Rectangle) -> None:
        old = self.boxes.get(field, box)
        self.boxes[field] = (min(old[0], box[0]), min(old[1], box[1]), max(old[2], box[2]), max(old[3], box[3]))
