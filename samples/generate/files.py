"""Writes pages as the files that scanners and offices produce. The same pages give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from samples.generate.sheet import Pixels


def write(path: Path, pages: Sequence[Pixels], *, dpi: int, quality: int = 80, bilevel: bool = False) -> None:
    """The suffix decides the format. `bilevel` stores PNG and TIFF with one bit a pixel."""
    images = [_to_pil(page, bilevel=bilevel) for page in pages]
    match path.suffix:
        case ".pdf":
            _write_pdf(path, images, dpi, quality)
        case ".tif":
            compression = "group4" if bilevel else "tiff_adobe_deflate"
            images[0].save(path, save_all=True, append_images=images[1:], compression=compression, dpi=(dpi, dpi))
        case ".png":
            images[0].save(path, optimize=True, dpi=(dpi, dpi))
        case _:
            images[0].save(path, quality=quality, dpi=(dpi, dpi))


def _to_pil(page: Pixels, *, bilevel: bool) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(page[:, :, ::-1]))
    return image.convert("1", dither=Image.Dither.NONE) if bilevel else image


def _write_pdf(path: Path, images: list[Image.Image], dpi: int, quality: int) -> None:
    """One JPEG a page, as multifunction scanners write them."""
    canvas = Canvas(str(path), invariant=1)
    for image in images:
        jpeg = io.BytesIO()
        image.save(jpeg, "JPEG", quality=quality)
        jpeg.seek(0)
        width, height = image.width * 72 / dpi, image.height * 72 / dpi
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(jpeg), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
