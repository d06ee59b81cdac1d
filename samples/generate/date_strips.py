"""Strips as they are cut around the day of issue of a licence, with what they say: to train the model that reads them.

On most forms 年 月 日 are printed in advance. The digits are set in by another machine, a little above, below or over
them, and the seal of the authority lies on both.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.issue_dates import HEIGHT_PX, WIDTH_PX
from samples.generate import fonts, ornament
from samples.generate.fonts import Face
from samples.generate.sheet import Pixels

DIGIT_PX = 15.0
"""How high a digit stands in a strip as it is cut."""
MARKS = "年月日"
_DRAWN_PX = 32
_SCALE = _DRAWN_PX / DIGIT_PX
_WIDTH, _HEIGHT = round(WIDTH_PX * _SCALE), round(HEIGHT_PX * _SCALE)
_DIGITS = (Face.TIMES, Face.TIMES, Face.SONG, Face.MING, Face.MING, Face.HEI, Face.ZEN_HEI, Face.KAI, Face.MONO)
_LATIN = (Face.TIMES, Face.MONO)
_MARK_FACES = (Face.SONG_BLACK, Face.SONG, Face.MING, Face.KAI, Face.HEI, Face.ZEN_HEI)
_AROUND = "登记机关市场监督管理局工商行政国家企业信用信息公示系统报送年度报告一月日至六"
_OFFICES = ("上海市场监督管理局", "北京市工商行政管理局", "海淀分局", "广州市场监督", "成都高新区行政审批局")


@dataclass(frozen=True, kw_only=True)
class Strip:
    """`image` is (HEIGHT_PX, WIDTH_PX, 3) BGR; `text` the digits as printed with - between, or nothing.

    `middles` are their middles in pixels from the left; of a - that between its neighbours.
    """

    image: Pixels
    text: str
    middles: tuple[float, ...]


def strip(rng: random.Random) -> Strip:
    noise = np.random.default_rng(rng.getrandbits(32))
    image = _paper(rng)
    pen = ImageDraw.Draw(image)
    _surroundings(pen, rng)
    text, middles = ("", []) if rng.random() < 0.06 else _date(pen, rng)
    drawn = np.asarray(image)
    if rng.random() < 0.6:
        drawn = _stamped(drawn, rng)
    image_px = _worn(drawn[:, :, ::-1], rng, noise)
    return Strip(image=image_px, text=text, middles=tuple(middle / _SCALE for middle in middles))


def _paper(rng: random.Random) -> Image.Image:
    tint = np.array([rng.randrange(225, 256) for _ in range(3)], np.float32)
    y, x = np.arange(_HEIGHT, dtype=np.float32)[:, None], np.arange(_WIDTH, dtype=np.float32)
    depth = rng.choice((0.0, 0.0, 3.0, 8.0, 16.0))
    pitch, lean = rng.uniform(4, 30), rng.uniform(-1, 1)
    wave = np.cos(x / pitch) * np.cos((y + lean * x) / np.float32(pitch)) * np.float32(depth)
    return Image.fromarray((tint + wave[:, :, None]).clip(0, 255).astype(np.uint8))


def _surroundings(pen: ImageDraw.ImageDraw, rng: random.Random) -> None:
    """Ends of other lines, and a watermark across."""
    grey = (rng.randrange(20, 120),) * 3
    for share, at in ((0.25, (rng.randrange(-120, 300), rng.randrange(-34, -12))),
                      (0.25, (rng.randrange(-120, 300), rng.randrange(_HEIGHT - 14, _HEIGHT))),
                      (0.15, (rng.randrange(-260, -150), rng.randrange(20, 60)))):  # fmt: skip
        if rng.random() < share:
            words = "".join(rng.choices(_AROUND, k=rng.randrange(4, 12 if at[0] > -150 else 8)))
            pen.text(at, words, font=fonts.load(rng.choice(_MARK_FACES), rng.randrange(20, 40)), fill=grey)
    if rng.random() < 0.2:
        pale = (rng.randrange(150, 225),) * 3
        slope = rng.uniform(-0.7, 0.7)
        for step in range(rng.randrange(3, 14)):
            at = (rng.randrange(-40, 40) + step * 46, _HEIGHT * 0.5 - slope * (step - 6) * 46)
            pen.text(at, rng.choice("仅供复印使用无效0123456789www."), font=fonts.load(Face.HEI, 44), fill=pale)


@dataclass(frozen=True, kw_only=True)
class _Date:
    """Year, month and day as digits, from where on, on which line, and how they are printed; sizes in pixels."""

    parts: list[str]
    left: float
    base: float
    face: Face
    size: int
    ink: tuple[int, ...]

    @property
    def font(self) -> ImageFont.FreeTypeFont:
        return fonts.load(self.face, self.size)


def _date(pen: ImageDraw.ImageDraw, rng: random.Random) -> tuple[str, list[float]]:
    day = dt.date(1985, 1, 1) + dt.timedelta(rng.randrange(15_700))
    parts = [f"{day:%Y}", f"{day:%m}", f"{day:%d}"]
    if rng.random() < 0.2:
        parts = [str(day.year), str(day.month), str(day.day)]
    face = rng.choice(_DIGITS)
    # Digits are about seven tenths of the size of their typeface.
    size = round(_DRAWN_PX / 0.7 * rng.uniform(0.75, 1.28))
    ink = tuple(rng.randrange(10, 95) for _ in range(3))
    left, base = rng.uniform(6, 60), _HEIGHT / 2 + size * 0.35 + rng.gauss(0, 7)
    (style,) = rng.choices((_along, _set_in, _bare), (25, 68, 7))
    year, month, day_ = style(pen, _Date(parts=parts, left=left, base=base, face=face, size=size, ink=ink), rng)
    middles = [*year, (year[-1] + month[0]) / 2, *month, (month[-1] + day_[0]) / 2, *day_]
    return "-".join(parts), middles


def _along(pen: ImageDraw.ImageDraw, date: _Date, rng: random.Random) -> list[list[float]]:
    """Digits and marks in one go."""
    gap = rng.choice((0.0, 0.0, 0.1, 0.3)) * date.size
    x, middles = date.left, []
    for part, mark in zip(date.parts, MARKS, strict=True):
        middles.append([])
        for char in (*part, mark):
            font = fonts.load(Face.MING, date.size) if char == mark and date.face in _LATIN else date.font
            pen.text((x, date.base), char, font=font, fill=date.ink, anchor="ls")
            if char != mark:
                middles[-1].append(x + font.getlength(char) / 2)
            x += font.getlength(char) + gap * (char == mark or len(part) < 4) + gap * 0.3
    return middles


def _set_in(pen: ImageDraw.ImageDraw, date: _Date, rng: random.Random) -> list[list[float]]:
    """Marks printed in advance, digits by another machine."""
    font, size = date.font, date.size
    mark_face = rng.choice(_MARK_FACES)
    mark_font = fonts.load(mark_face, round(size * rng.uniform(0.72, 1.3)))
    mark_ink = date.ink if rng.random() < 0.4 else tuple(rng.randrange(10, 110) for _ in range(3))
    drop = rng.choice((rng.uniform(-0.2, 0.2), rng.uniform(-1.0, 1.0))) * size * 0.85
    aside = rng.choice((0.0, rng.uniform(-1.0, 0.5))) * size
    widest = (_WIDTH - date.left - font.getlength("".join(date.parts)) - 3 * mark_font.size) / 3
    blank = rng.uniform(0.05, 1.0) * max(4.0, min(widest, size * 2.2))
    x, middles = date.left, []
    for part, mark in zip(date.parts, MARKS, strict=True):
        width = font.getlength(part)
        middles.append(_middles(font, part, x))
        pen.text((x, date.base + rng.gauss(0, 1.0)), part, font=font, fill=date.ink, anchor="ls")
        at = x + width + aside * (0.3 + 0.7 * rng.random()) + rng.uniform(0, 0.25) * blank
        pen.text((at, date.base - drop), mark, font=mark_font, fill=mark_ink, anchor="ls")
        x = max(x + width, at + (mark_font.size if aside == 0 else mark_font.size * 0.5)) + blank * rng.uniform(0.6, 1)
    return middles


def _middles(font: ImageFont.FreeTypeFont, words: str, x: float) -> list[float]:
    ends = [x + font.getlength(words[:end]) for end in range(len(words) + 1)]
    return [(left + right) / 2 for left, right in itertools.pairwise(ends)]


def _bare(pen: ImageDraw.ImageDraw, date: _Date, rng: random.Random) -> list[list[float]]:
    """Digits whose marks are too pale to be seen, or that stand between points."""
    between = rng.choice((" ", "   ", "-", ".", "/"))
    words, middles = between.join(date.parts), []
    pen.text((date.left, date.base), words, font=date.font, fill=date.ink, anchor="ls")
    for part in date.parts:
        start = sum(len(each) for each in middles) + len(between) * len(middles)
        middles.append(_middles(date.font, part, date.left + date.font.getlength(words[:start])))
    return middles


@functools.cache
def _stamps() -> list[NDArray[np.uint8]]:
    """RGBA imprints, turned a little."""
    rng = random.Random(7)
    sizes = (round(_DRAWN_PX * rng.uniform(6, 13)) for _ in range(72))
    seals = (ornament.seal(rng.choice(_OFFICES), size, alpha=rng.randrange(110, 230)) for size in sizes)
    return [np.asarray(seal.rotate(rng.uniform(-20, 20), Image.Resampling.BILINEAR)) for seal in seals]


def _stamped(drawn: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    """The ink of a stamp covers what lies below, or is seen through and darkens it."""
    stamp = rng.choice(_stamps())
    side = stamp.shape[0]
    x, y = rng.randrange(-side // 2, _WIDTH - 20), rng.randrange(20 - side, _HEIGHT - 20)
    on = (slice(max(y, 0), min(y + side, _HEIGHT)), slice(max(x, 0), min(x + side, _WIDTH)))
    of = stamp[on[0].start - y : on[0].stop - y, on[1].start - x : on[1].stop - x].astype(np.float32)
    share, colour, under = of[:, :, 3:] / 255, of[:, :, :3], drawn[on].astype(np.float32)
    covered = colour if rng.random() < 0.5 else colour * under / 255
    stamped = drawn.copy()
    stamped[on] = (under * (1 - share) + covered * share).astype(np.uint8)
    return stamped


def _worn(drawn: Pixels, rng: random.Random, noise: np.random.Generator) -> Pixels:
    """As a scanner, a copier or the web gives it: fewer pixels, grey, blurred, squeezed into a JPEG file."""
    image = np.ascontiguousarray(drawn)
    turn = cv2.getRotationMatrix2D((_WIDTH / 4, _HEIGHT / 2), rng.gauss(0, 0.6), 1.0)
    image = cv2.warpAffine(image, turn, (_WIDTH, _HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    digit_px = rng.choice((rng.uniform(5, 12), rng.uniform(9, 26)))
    size = (round(_WIDTH * digit_px / _DRAWN_PX), round(_HEIGHT * digit_px / _DRAWN_PX))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.25:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if rng.random() < 0.35 and digit_px > 11:
            grey = np.where(grey > rng.randrange(110, 190), 255, 0).astype(np.uint8)
        image = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 0.9))
    image = _lit(image, rng, noise)
    if rng.random() < 0.8:
        _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(35, 96)])
        image = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    way = rng.choice((cv2.INTER_CUBIC, cv2.INTER_LINEAR))
    return np.ascontiguousarray(cv2.resize(image, (WIDTH_PX, HEIGHT_PX), interpolation=way), np.uint8)


def _lit(image: Pixels, rng: random.Random, noise: np.random.Generator) -> Pixels:
    contrast, light = rng.uniform(0.55, 1.1), rng.uniform(-25, 20)
    values: NDArray[np.float32] = 255 + (image.astype(np.float32) - 255) * contrast + light * rng.random()
    if rng.random() < 0.5:
        values = values + noise.normal(0, rng.uniform(1, 9), image.shape).astype(np.float32)
    return values.clip(0, 255).astype(np.uint8)
