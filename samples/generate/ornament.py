"""What is on a page besides text: frames, guilloches, seals, emblems, portraits, QR codes.

The national emblem is not drawn: a plain medallion stands in its place.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from PIL.ImageFont import FreeTypeFont

from samples.generate import fonts
from samples.generate.fonts import Face
from samples.generate.sheet import Colour

SEAL_RED: Colour = (214, 42, 48)


@functools.lru_cache(maxsize=16)
def licence_paper(
    size: tuple[int, int], dpi: int, tint: Colour, margins_mm: tuple[float, float, float, float]
) -> Image.Image:
    """Licence paper: an ornamental frame inset by left, top, right and bottom margins, tinted and lettered within."""
    width, height = size
    mm = dpi / 25.4
    left, top, right, bottom = margins_mm
    x0, y0, x1, y1 = (round(v) for v in (left * mm, top * mm, width - right * mm, height - bottom * mm))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    wave = np.cos(x / mm * 2.1) * np.cos(y / mm * 2.1) + 0.6 * np.cos((x + y) / mm * 4.2)
    paper = np.full((height, width, 3), 255, np.uint8)
    ornament = (np.array((168, 163, 130)) + wave[y0:y1, x0:x1, None] * 34).clip(0, 255)
    paper[y0:y1, x0:x1] = ornament.astype(np.uint8)
    for inset_mm, colour in (
        (0.0, (120, 115, 88)),
        (0.5, None),
        (5.2, (120, 115, 88)),
        (5.7, (255, 255, 255)),
        (6.3, tint),
    ):
        inset = round(inset_mm * mm)
        if colour is not None:
            _fill_ring(
                paper, (x0 + inset, y0 + inset, x1 - inset, y1 - inset), colour, ring=inset_mm < 1, width=round(mm / 2)
            )
    image = Image.fromarray(paper)
    _letter(image, (x0, y0, x1, y1), mm, tint)
    return image


def _fill_ring(
    paper: npt.NDArray[np.uint8], box: tuple[int, int, int, int], colour: Colour, *, ring: bool, width: int
) -> None:
    x0, y0, x1, y1 = box
    if not ring:
        paper[y0:y1, x0:x1] = colour
        return
    for rows, columns in (
        (slice(y0, y0 + width), slice(x0, x1)),
        (slice(y1 - width, y1), slice(x0, x1)),
        (slice(y0, y1), slice(x0, x0 + width)),
        (slice(y0, y1), slice(x1 - width, x1)),
    ):
        paper[rows, columns] = colour


def _letter(image: Image.Image, box: tuple[int, int, int, int], mm: float, tint: Colour) -> None:
    """Spaced letters in the paper's own colour, six grey levels darker and soft, as security printing scans."""
    font = fonts.load(Face.HEI_BOLD, round(7 * mm))
    mask = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    for row, y in enumerate(range(box[1] + round(16 * mm), box[3] - round(16 * mm), round(28 * mm))):
        for x in range(box[0] + round((14 + row % 2 * 36) * mm), box[2] - round(50 * mm), round(74 * mm)):
            for place, char in enumerate("YANGBEN"):
                pen.text((x + place * 6.6 * mm, y), char, font=font, fill=255)
    shade = tuple(max(channel - 6, 0) for channel in tint)
    image.paste(shade, (0, 0), mask.filter(ImageFilter.GaussianBlur(0.2 * mm)))


@functools.lru_cache(maxsize=16)
def medallion(diameter_px: int, face: Colour = (206, 32, 30)) -> Image.Image:
    """Where the emblem would be: a red disc with a gold rim and one star."""
    size = diameter_px * 2
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    gold = (212, 168, 58)
    pen.ellipse((0, 0, size - 1, size - 1), fill=gold)
    pen.ellipse((size * 0.06, size * 0.06, size * 0.94, size * 0.94), fill=face)
    pen.ellipse((size * 0.14, size * 0.14, size * 0.86, size * 0.86), outline=gold, width=max(size // 60, 1))
    pen.polygon(_star(size / 2, size * 0.46, size * 0.2), fill=gold)
    pen.arc((size * 0.2, size * 0.2, size * 0.8, size * 0.8), 30, 150, fill=gold, width=max(size // 22, 1))
    return image.resize((diameter_px, diameter_px), Image.Resampling.LANCZOS)


def seal(words: str, diameter_px: int, *, alpha: int = 205, colour: Colour = SEAL_RED) -> Image.Image:
    """A round stamp: the name along the upper arc, a star in the middle, an imprint a little uneven."""
    size = diameter_px
    image = Image.new("RGBA", (size, size), (*colour, 0))
    pen = ImageDraw.Draw(image)
    ink = (*colour, alpha)
    pen.ellipse((2, 2, size - 3, size - 3), outline=ink, width=max(size // 42, 2))
    pen.polygon(_star(size / 2, size / 2, size * 0.15), fill=ink)
    font = fonts.load(Face.SONG_MEDIUM, round(size * min(0.125, 1.7 / len(words))))
    span = min(270, 20 * len(words))
    for place, char in enumerate(words):
        angle = -span / 2 + span * place / max(len(words) - 1, 1)
        _stamp_letter(image, char, font, angle, ink)
    return image


def _stamp_letter(image: Image.Image, char: str, font: FreeTypeFont, angle_deg: float, ink: tuple[int, ...]) -> None:
    side = round(font.size * 1.5)
    letter = Image.new("L", (side, side), 0)
    ImageDraw.Draw(letter).text(
        (side / 2, side / 2), char, font=font, fill=ink[3], anchor="mm", stroke_width=1 if side > 45 else 0
    )
    letter = letter.rotate(-angle_deg, Image.Resampling.BILINEAR)
    radius = image.width / 2 - font.size * 0.5 - image.width * 0.055
    x = image.width / 2 + radius * math.sin(math.radians(angle_deg)) - side / 2
    y = image.height / 2 - radius * math.cos(math.radians(angle_deg)) - side / 2
    image.paste(ink, (round(x), round(y)), letter)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    corners = []
    for point in range(10):
        reach = radius if point % 2 == 0 else radius * 0.382
        angle = math.radians(point * 36 - 90)
        corners.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return corners


@functools.lru_cache(maxsize=64)
def qr_code(content: str, side_px: int) -> Image.Image:
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode)
    modules = Image.fromarray(np.asarray(code.to_image(scale=1, add_quiet_zones=False)))
    return modules.resize((side_px, side_px), Image.Resampling.NEAREST).convert("RGB")


@functools.lru_cache(maxsize=8)
def card_paper(size: tuple[int, int], *, back: bool) -> Image.Image:
    """The guilloche of an ID card with round corners, RGBA."""
    width, height = size
    x, y = np.meshgrid(np.arange(width, dtype=np.float32) / width, np.arange(height, dtype=np.float32) / width)
    base = np.stack((226 + 16 * np.cos(x * 6), 228 + 8 * np.cos(x * 4 + 2), 238 + 8 * np.cos(y * 9)), axis=2)
    for k in range(5):
        wave = np.sin((x * (60 + 13 * k) + np.sin(y * 18 + k) * 2.6 + y * 40 * (k - 2)) * 2)
        line = np.exp(-((wave - 0.2 * k) ** 2) * 60)
        base -= line[:, :, None] * np.array(((9, 14, 4), (16, 8, 4))[k % 2])
    if back:
        base += 6
    image = Image.fromarray(base.clip(0, 255).astype(np.uint8)).convert("RGBA")
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), radius=round(width * 0.037), fill=255)
    image.putalpha(mask)
    return image


@functools.lru_cache(maxsize=8)
def portrait(size: tuple[int, int], *, male: bool) -> Image.Image:
    """A head-and-shoulders shape, marked as a specimen."""
    width, height = size
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    if not male:
        pen.ellipse((width * 0.2, height * 0.05, width * 0.8, height * 0.72), fill=(52, 46, 44))
    pen.ellipse((width * -0.02, height * 0.66, width * 1.02, height * 1.6), fill=(70, 82, 104))
    pen.rectangle((width * 0.4, height * 0.5, width * 0.6, height * 0.75), fill=(205, 172, 152))
    pen.ellipse((width * 0.27, height * 0.12, width * 0.73, height * 0.62), fill=(222, 190, 170))
    pen.pieslice((width * 0.25, height * 0.06, width * 0.75, height * 0.56), 180, 360, fill=(48, 42, 40))
    # On the hair, between the lines of the name and the sex, so that it stands beside no value.
    font = fonts.load(Face.HEI_BOLD, round(width * 0.12))
    pen.text((width / 2, height * 0.115), "样本", font=font, fill=(240, 240, 240), anchor="mm")
    return image
