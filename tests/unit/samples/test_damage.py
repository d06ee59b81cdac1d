from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.generate import damage
from samples.generate.damage import Damage
from samples.generate.sheet import Pixels

PAGE = np.full((300, 420, 3), 240, np.uint8)
PAGE[100:140, 60:360:4] = 20


def _apply(wanted: Damage) -> Pixels:
    return damage.apply(PAGE, wanted, random.Random(7), {})


def test_no_damage_changes_nothing() -> None:
    assert np.array_equal(_apply(Damage()), PAGE)


@pytest.mark.parametrize(
    "wanted",
    [
        Damage(show_through=0.3), Damage(folds=1), Damage(stain=0.5), Damage(perspective=0.04), Damage(dimness=0.5),
        Damage(skew_deg=2), Damage(scale=0.6), Damage(blur_px=1.2), Damage(grain=8), Damage(photocopy=40),
        Damage(jpeg_quality=20),
    ],
)  # fmt: skip
def test_each_damage_shows_and_spares_the_page_it_is_given(wanted: Damage) -> None:
    before = PAGE.copy()
    after = _apply(wanted)

    assert after.shape != PAGE.shape or not np.array_equal(after, PAGE)
    assert np.array_equal(PAGE, before)


def test_rotation_is_clockwise() -> None:
    marked = PAGE.copy()
    marked[0, 0] = (0, 0, 255)
    turned = damage.apply(marked, Damage(rotation_deg=90), random.Random(1), {})

    assert tuple(turned[0, -1]) == (0, 0, 255)


def test_a_photocopy_has_black_and_white_only() -> None:
    assert set(np.unique(_apply(Damage(photocopy=40)))) == {0, 255}


def test_blur_lowers_sharpness_and_dimness_the_light() -> None:
    assert cv2.Laplacian(_apply(Damage(blur_px=2)), cv2.CV_64F).var() < cv2.Laplacian(PAGE, cv2.CV_64F).var() / 2
    assert _apply(Damage(dimness=0.6)).mean() < PAGE.mean() * 0.85


@settings(deadline=None)  # a loaded machine is no fault
@given(st.floats(0, 1), st.integers(0, 10**6))
def test_the_dial_stays_within_what_devices_do(level: float, seed: int) -> None:
    drawn = damage.draw_damage(level, random.Random(seed), ["name"])

    assert abs(drawn.skew_deg) <= 4
    assert 0.5 <= drawn.scale <= 1
    assert drawn.jpeg_quality is None or 20 <= drawn.jpeg_quality <= 90
    assert level > 0 or drawn == Damage()
