"""What copiers, lamps and screens add to a page. Images are (H, W, 3) uint8, BGR."""

from __future__ import annotations

import random

import cv2
import numpy as np
import numpy.typing as npt

from samples.generate.sheet import Pixels


def streaked(image: Pixels, count: int, noise: np.random.Generator) -> Pixels:
    """Toner streaks: broken dark lines along the way the paper took through the copier, one to three pixels wide."""
    height, width = image.shape[:2]
    image = image.copy()
    for left in noise.integers(0, width - 3, count):
        dark = noise.uniform(0, 1, height // 24 + 1) < noise.uniform(0.4, 0.95)
        rows = np.repeat(dark, 24)[:height] & (noise.uniform(0, 1, height) < 0.9)
        image[rows, left : left + noise.integers(1, 4)] = noise.integers(0, 70)
    return image


def glared(image: Pixels, strength: float, rng: random.Random) -> Pixels:
    """A lamp's reflection: nothing is left in its middle at full strength, and print fades towards it."""
    height, width = image.shape[:2]
    x0, y0 = rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.85)
    reach_x, reach_y = rng.uniform(0.08, 0.2), rng.uniform(0.06, 0.16)
    y, x = np.ogrid[0:1:128j, 0:1:128j]
    away = ((x - x0) / reach_x) ** 2 + ((y - y0) / reach_y) ** 2
    light = (strength * 1.25 * np.exp(-away / 2)).clip(0, 1) * 255
    mask = cv2.resize(light.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    lit = cv2.multiply(255 - image, cv2.cvtColor(mask, cv2.COLOR_GRAY2BGR), scale=1 / 255)
    return _pixels(cv2.add(image, lit))


def bordered(image: Pixels, margin: float, rng: random.Random, noise: np.random.Generator) -> Pixels:
    """The page a little askew on the black of an open copier lid; `margin` is the widest, as a share of the page."""
    height, width = image.shape[:2]
    left, right, top, bottom = (round(rng.uniform(0.15, 1) * margin * max(height, width)) for _ in range(4))
    size = (width + left + right, height + top + bottom)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-1.2, 1.2), 1.0)
    turn = turn + np.array(((0, 0, left), (0, 0, top)))
    shade = noise.normal(24, 7, (size[1] // 4 + 1, size[0] // 4 + 1)).clip(0, 70).astype(np.uint8)
    black = cv2.cvtColor(cv2.resize(shade, size, interpolation=cv2.INTER_LINEAR), cv2.COLOR_GRAY2BGR)
    return _pixels(cv2.warpAffine(image, turn, size, dst=black, borderMode=cv2.BORDER_TRANSPARENT))


def screened(image: Pixels, strength: float, rng: random.Random) -> Pixels:
    """A photograph of a screen: pale blacks, a cold white, and the beat of the screen's pixels with the sensor's."""
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, beat = rng.uniform(0, np.pi), rng.uniform(5, 14)
    bent = 6 * np.sin(y / height * rng.uniform(3, 7) + x / width * rng.uniform(2, 5))
    along = (x * np.cos(angle) + y * np.sin(angle) + bent) * np.float32(2 * np.pi / beat)
    fine = np.sin(x * np.float32(2.6)) * np.sin(y * np.float32(2.7))
    waves = [np.sin(along + phase) * 0.8 + fine * 0.5 for phase in (0.0, 2.1, 4.2)]
    shade = 1 + 0.14 * strength * np.stack(waves, axis=2)
    cold = np.array((1.0, 0.96, 0.92), np.float32)
    return _pixels(((image * 0.82 + 38) * shade * cold).clip(0, 255))


def side_by_side(left: Pixels, right: Pixels) -> Pixels:
    """Two pages on one scan, as a book or a double-page licence lies on the glass, with the shadow of the fold."""
    height = max(left.shape[0], right.shape[0])
    pages = [
        cv2.copyMakeBorder(page, 0, height - page.shape[0], 0, 0, cv2.BORDER_CONSTANT, value=(246, 246, 246))
        for page in (left, right)
    ]
    both = np.concatenate(pages, axis=1)
    away = np.abs(np.arange(both.shape[1], dtype=np.float32) - left.shape[1]) / (0.012 * both.shape[1])
    shade = 1 - 0.45 * np.exp(-away)
    return _pixels(both * shade[None, :, None])


def _pixels(image: npt.ArrayLike) -> Pixels:
    return np.ascontiguousarray(image, dtype=np.uint8)
