"""Hard cases by name: each what one kind of trouble does to a page, so that a reader can be measured on each alone.

A case is one or more damages done one after another, as a photograph of a copy is first a copy. `side_by_side` is done
by the generator, as it takes two pages.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from samples.generate.damage import Damage

Stages = tuple[Damage, ...]
SIDE_BY_SIDE = "side_by_side"
_WATERMARKS = ("仅供办理业务使用", "复印无效", "仅限客户建档使用 他用无效")


def _sideways(rng: random.Random, _: list[str]) -> Stages:
    """Without a word of it in the file: the pixels lie on their side or head."""
    return (Damage(rotation_deg=rng.choice((90, 180, 270)), skew_deg=_about(rng, 1.5), grain=4.0, jpeg_quality=75),)


def _photocopy(rng: random.Random, _: list[str]) -> Stages:
    return (Damage(photocopy=rng.randrange(28, 52), streaks=rng.randrange(1, 6), skew_deg=_about(rng, 2), blur_px=0.6),)


def _copy_of_copy(rng: random.Random, _: list[str]) -> Stages:
    first = Damage(photocopy=rng.randrange(30, 45), skew_deg=_about(rng, 1), blur_px=0.5)
    return first, Damage(
        blur_px=0.9, photocopy=rng.randrange(40, 60), streaks=rng.randrange(4), skew_deg=_about(rng, 1)
    )


def _grey_copy(rng: random.Random, _: list[str]) -> Stages:
    return (Damage(grey=True, blur_px=rng.uniform(0.4, 1.1), grain=6.0, streaks=rng.randrange(3), jpeg_quality=60),)


def _watermark(rng: random.Random, _: list[str]) -> Stages:
    return (Damage(watermark=rng.choice(_WATERMARKS), watermark_ink=rng.randrange(110, 185), jpeg_quality=80),)


def _seal(rng: random.Random, fields: list[str]) -> Stages:
    return (Damage(seal_over=rng.choice(fields) if fields else None, grain=3.0, jpeg_quality=75),)


def _glare(rng: random.Random, _: list[str]) -> Stages:
    return (Damage(glare=rng.uniform(0.5, 1.0), perspective=0.015, dimness=0.15, grain=4.0, jpeg_quality=75),)


def _folds(rng: random.Random, _: list[str]) -> Stages:
    return (Damage(folds=rng.randrange(2, 5), show_through=rng.uniform(0, 0.2), grain=4.0, jpeg_quality=75),)


def _thumbnail(rng: random.Random, _: list[str]) -> Stages:
    return (Damage(scale=rng.uniform(0.3, 0.5), jpeg_quality=rng.randrange(45, 80)),)


def _photo(rng: random.Random, _: list[str]) -> Stages:
    strong = rng.uniform(0.015, 0.06)
    dim = rng.uniform(0.1, 0.55)
    return (Damage(perspective=strong, dimness=dim, blur_px=rng.uniform(0.4, 1.1), grain=7.0, jpeg_quality=70),)


def _photo_of_copy(rng: random.Random, fields: list[str]) -> Stages:
    copy = Damage(photocopy=rng.randrange(28, 48), blur_px=0.6)
    return copy, *_photo(rng, fields)


def _screen(rng: random.Random, _: list[str]) -> Stages:
    """The page within the dark frame of a screen, on a desk."""
    shown = Damage(border=0.05, screen=rng.uniform(0.4, 1.0))
    return shown, Damage(perspective=rng.uniform(0.005, 0.03), blur_px=0.7, grain=4.0, jpeg_quality=75)


def _dark_border(rng: random.Random, _: list[str]) -> Stages:
    return (Damage(border=rng.uniform(0.04, 0.14), grain=4.0, grey=rng.random() < 0.5, jpeg_quality=75),)


def _about(rng: random.Random, most: float) -> float:
    return round(rng.uniform(-most, most), 3)


HARD: dict[str, Callable[[random.Random, list[str]], Stages]] = {
    "sideways": _sideways,
    "photocopy": _photocopy,
    "copy_of_copy": _copy_of_copy,
    "grey_copy": _grey_copy,
    "watermark": _watermark,
    "seal": _seal,
    "glare": _glare,
    "folds": _folds,
    "thumbnail": _thumbnail,
    "photo": _photo,
    "photo_of_copy": _photo_of_copy,
    "screen": _screen,
    "dark_border": _dark_border,
    SIDE_BY_SIDE: lambda rng, fields: (Damage(skew_deg=_about(rng, 1), grain=4.0, jpeg_quality=75),),
}
