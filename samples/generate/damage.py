"""What happens to paper, copiers, scanners and telephones: each a function of the image, and a dial over all of them.

Images are (H, W, 3) uint8, BGR. The order is that of life: what is printed or stamped on the page, what happens to the
paper, what the device makes of it, how the file is stored, and how it was laid.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from samples.generate import fonts, optics, ornament
from samples.generate.fonts import Face
from samples.generate.sheet import Pixels, Rectangle


@dataclass(frozen=True, kw_only=True)
class Damage:
    """Nothing happens by default. Lengths are shares of the page, strengths 0–1."""

    watermark: str | None = None
    watermark_ink: int = 190
    """Grey level of its words; the darker, the more of the print they cross is lost."""
    seal_over: str | None = None
    """The field a seal is stamped over."""
    show_through: float = 0.0
    folds: int = 0
    stain: float = 0.0
    perspective: float = 0.0
    """How far corners are displaced; above 0 the page lies on a desk."""
    dimness: float = 0.0
    glare: float = 0.0
    screen: float = 0.0
    """Above 0 it is a photograph of a screen."""
    border: float = 0.0
    """The widest black margin around the page."""
    skew_deg: float = 0.0
    scale: float = 1.0
    blur_px: float = 0.0
    grain: float = 0.0
    """Standard deviation of the sensor's noise, in grey levels."""
    grey: bool = False
    photocopy: int | None = None
    """Threshold in grey levels below the local paper; the result has black and white only."""
    streaks: int = 0
    jpeg_quality: int | None = None
    rotation_deg: int = 0
    """Clockwise, 0, 90, 180 or 270: how the page was laid."""

    def words(self) -> str:
        """What was done, for people: `skew_deg=3.0, grey`."""
        done = {name: value for name, value in vars(self).items() if value != getattr(Damage(), name)}
        return ", ".join(name if value is True else f"{name}={_short(value)}" for name, value in done.items()) or "none"


def _short(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


def draw_damage(level: float, rng: random.Random, fields: list[str]) -> Damage:
    """A mix of damages; `level` 0 gives none, 1 hard cases. Chance and strength of each grow with it."""
    if level <= 0:
        return Damage()

    def happens(chance: float) -> bool:
        return rng.random() < chance * level

    def strength(most: float) -> float:
        return round(rng.uniform(0.2, 1.0) * most * level, 4)

    photographed = happens(0.3)
    return Damage(
        watermark=rng.choice(("仅供办理业务使用", "复印无效", "仅限客户建档使用")) if happens(0.2) else None,
        seal_over=rng.choice(fields) if fields and happens(0.2) else None,
        show_through=strength(0.3) if happens(0.2) else 0.0,
        folds=rng.randrange(1, 3) if happens(0.25) else 0,
        stain=strength(0.6) if happens(0.15) else 0.0,
        perspective=strength(0.06) if photographed else 0.0,
        dimness=strength(0.6) if photographed or happens(0.2) else 0.0,
        skew_deg=round(rng.uniform(-4, 4) * level, 3) if happens(0.7) and not photographed else 0.0,
        scale=round(1 - strength(0.45), 4) if happens(0.4) else 1.0,
        blur_px=strength(1.6) if happens(0.5) else 0.0,
        grain=strength(12) if happens(0.6) else 0.0,
        grey=happens(0.25),
        photocopy=rng.randrange(30, 60) if happens(0.12) and not photographed else None,
        jpeg_quality=max(round(90 - strength(65)), 20) if happens(0.9) else None,
        rotation_deg=rng.choice((90, 180, 270)) if happens(0.15) else 0,
    )


def apply(image: Pixels, damage: Damage, rng: random.Random, boxes: Mapping[str, Rectangle]) -> Pixels:
    """Raises KeyError when `seal_over` names a field that is not on the page."""
    noise = np.random.default_rng(rng.randrange(2**32))
    if damage.watermark:
        image = watermarked(image, damage.watermark, damage.watermark_ink)
    if damage.seal_over:
        image = sealed(image, boxes[damage.seal_over], rng)
    if damage.show_through:
        image = shown_through(image, damage.show_through)
    for _ in range(damage.folds):
        image = folded(image, rng)
    if damage.stain:
        image = stained(image, damage.stain, rng)
    if damage.perspective:
        image = photographed(image, damage.perspective, rng, noise)
    if damage.dimness:
        image = dimmed(image, damage.dimness, rng)
    image = _lit(image, damage, rng)
    if damage.border:
        image = optics.bordered(image, damage.border, rng, noise)
    return _stored(_captured(image, damage, noise), damage)


def _lit(image: Pixels, damage: Damage, rng: random.Random) -> Pixels:
    if damage.screen:
        image = optics.screened(image, damage.screen, rng)
    return optics.glared(image, damage.glare, rng) if damage.glare else image


def _captured(image: Pixels, damage: Damage, noise: np.random.Generator) -> Pixels:
    if damage.skew_deg:
        image = skewed(image, damage.skew_deg)
    if damage.scale != 1.0:
        image = _pixels(cv2.resize(image, None, fx=damage.scale, fy=damage.scale, interpolation=cv2.INTER_AREA))
    if damage.blur_px:
        image = _pixels(cv2.GaussianBlur(image, (0, 0), damage.blur_px))
    if damage.grain:
        image = grained(image, damage.grain, noise)
    if damage.grey or damage.photocopy is not None:
        image = _pixels(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR))
    if damage.photocopy is not None:
        image = photocopied(image, damage.photocopy, noise)
    return optics.streaked(image, damage.streaks, noise) if damage.streaks else image


def _stored(image: Pixels, damage: Damage) -> Pixels:
    if damage.jpeg_quality is not None:
        _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, damage.jpeg_quality])
        image = _pixels(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
    return _pixels(np.rot90(image, k=-damage.rotation_deg // 90)) if damage.rotation_deg else image


def watermarked(image: Pixels, words: str, ink: int = 190) -> Pixels:
    """Grey words in diagonal rows over the whole page, printed through whatever is there."""
    height, width = image.shape[:2]
    size = max(width, height) // 36
    row = Image.new("L", (round(size * (len(words) + 3)), size * 5), 255)
    pen = ImageDraw.Draw(row)
    pen.text((size, size), words, font=fonts.load(Face.HEI, size), fill=ink)
    reach = round((height**2 + width**2) ** 0.5)
    tiled = np.tile(np.asarray(row), (reach // row.height + 1, reach // row.width + 1))[:reach, :reach]
    turn = cv2.getRotationMatrix2D((reach / 2, reach / 2), 32, 1.0)
    turned = cv2.warpAffine(tiled, turn, (reach, reach), borderValue=(255,))
    top, left = (reach - height) // 2, (reach - width) // 2
    words_only = turned[top : top + height, left : left + width]
    return _pixels(cv2.multiply(image, cv2.cvtColor(words_only, cv2.COLOR_GRAY2BGR), scale=1 / 255))


def sealed(image: Pixels, box: Rectangle, rng: random.Random) -> Pixels:
    """A seal with its rim or letters over the box."""
    left, top, right, bottom = box
    diameter = round(max(min(image.shape[:2]) * 0.19, 90))
    stamp = ornament.seal("样本专用章业务受理", diameter, alpha=rng.randrange(120, 200))
    stamp = stamp.rotate(rng.uniform(-40, 40), Image.Resampling.BICUBIC)
    x = round(rng.uniform(left, max(right - diameter * 0.6, left)) - diameter * 0.2)
    y = round((top + bottom) / 2 - diameter * rng.choice((0.25, 0.75)))
    rows, columns = slice(max(y, 0), y + diameter), slice(max(x, 0), x + diameter)
    patch = Image.fromarray(np.ascontiguousarray(image[rows, columns, ::-1]))
    patch.paste(stamp, (min(x, 0), min(y, 0)), stamp)
    image = image.copy()
    image[rows, columns] = np.asarray(patch)[:, :, ::-1]
    return image


def shown_through(image: Pixels, strength: float) -> Pixels:
    """The print of the back of a thin sheet: here the page's own mirror image."""
    back = cv2.GaussianBlur(image[:, ::-1], (0, 0), 2.5)
    faint = cv2.convertScaleAbs(back, alpha=strength, beta=255 * (1 - strength))
    return _pixels(cv2.multiply(image, faint, scale=1 / 255))


def folded(image: Pixels, rng: random.Random) -> Pixels:
    """A crease across the page: a dark line with a light one beside it, and a little shade on one side."""
    height, width = image.shape[:2]
    upright = rng.random() < 0.4
    length = width if upright else height
    place = np.arange(length, dtype=np.float32) - rng.uniform(0.25, 0.75) * length
    sharp = length / 1200
    shade = (
        1 - 0.28 * np.exp(-((place / (1.6 * sharp)) ** 2)) + 0.1 * np.exp(-(((place - 5 * sharp) / (3 * sharp)) ** 2))
    )
    shade -= 0.07 * np.clip(1 - np.abs(place) / (0.12 * length), 0, 1) * (place > 0)
    shade = shade[None, :, None] if upright else shade[:, None, None]
    return _pixels((image * shade.astype(np.float32)).clip(0, 255))


def stained(image: Pixels, strength: float, rng: random.Random) -> Pixels:
    """The ring of a cup with a paler inside."""
    height, width = image.shape[:2]
    radius = round(rng.uniform(0.09, 0.14) * min(height, width) * 1.3)
    reach = min(round(radius * 1.25), height // 2, width // 2)
    top = round(rng.uniform(0, height - 2 * reach))
    left = round(rng.uniform(0, width - 2 * reach))
    y, x = np.ogrid[-reach:reach, -reach:reach]
    away = np.hypot(x, y).astype(np.float32) * (1 + 0.02 * np.sin(x / 37, dtype=np.float32))
    depth = np.exp(-(((away - radius) / (0.05 * radius)) ** 2)) * 0.8 + 0.28 * (away < radius)
    absorbed = np.array((0.62, 0.42, 0.26), np.float32) * strength
    image = image.copy()
    patch = image[top : top + 2 * reach, left : left + 2 * reach]
    patch[:] = (patch * (1 - depth[:, :, None] * absorbed)).clip(0, 255)
    return image


def photographed(image: Pixels, reach: float, rng: random.Random, noise: np.random.Generator) -> Pixels:
    """The page on a desk, seen a little from the side."""
    height, width = image.shape[:2]
    margin = 0.05
    size = (round(width * (1 + 2 * margin)), round(height * (1 + 2 * margin)))
    corners = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    moved = corners + np.array((width, height), np.float32) * margin
    moved += np.array([(rng.uniform(-reach, reach) * width, rng.uniform(-reach, reach) * height) for _ in range(4)])
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    grain = noise.normal(0, 9, (size[1] // 8 + 1, size[0] // 90 + 1, 1))
    planks = (np.array((72, 96, 128)) + grain).clip(0, 255).astype(np.uint8)
    desk = cv2.resize(planks, size, interpolation=cv2.INTER_LINEAR)
    return _pixels(cv2.warpPerspective(image, matrix, size, dst=desk, borderMode=cv2.BORDER_TRANSPARENT))


def dimmed(image: Pixels, strength: float, rng: random.Random) -> Pixels:
    """Warm light that falls off from one side to the other."""
    height, width = image.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.ogrid[-0.5:0.5:64j, -0.5:0.5:64j]
    light = 1 - strength * (0.55 + 0.75 * (x * np.cos(angle) + y * np.sin(angle)))
    warm = light[:, :, None].clip(0.08, 1) * np.array((0.9, 0.97, 1.0)) * 255
    plane = cv2.resize(warm.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    return _pixels(cv2.multiply(image, plane, scale=1 / 255))


def skewed(image: Pixels, degrees: float) -> Pixels:
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    white = (255, 255, 255)
    return _pixels(cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=white))


def grained(image: Pixels, deviation: float, noise: np.random.Generator) -> Pixels:
    """One plane of noise for all channels, from a tile: fresh normal numbers cost more than all else."""
    tile = (noise.standard_normal((256, 256)) * deviation).astype(np.int16)
    height, width = image.shape[:2]
    plane = np.tile(tile, (height // 256 + 2, width // 256 + 2))
    top, left = noise.integers(0, 256, 2)
    plane = plane[top : top + height, left : left + width]
    return _pixels((image.astype(np.int16) + plane[:, :, None]).clip(0, 255))


def photocopied(image: Pixels, threshold: int, noise: np.random.Generator) -> Pixels:
    """Black where darker than the paper around by the threshold; with the specks of a worn drum."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    window = max(image.shape[1] // 40, 15) | 1
    black = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, threshold)
    specks = noise.integers(0, black.size, black.size // 9000)
    black.reshape(-1)[specks] = 0
    return _pixels(cv2.cvtColor(black, cv2.COLOR_GRAY2BGR))


def _pixels(image: npt.ArrayLike) -> Pixels:
    return np.ascontiguousarray(image, dtype=np.uint8)
