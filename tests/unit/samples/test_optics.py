from __future__ import annotations

import random

import numpy as np

from samples.generate import optics
from samples.generate.sheet import Pixels

PAGE: Pixels = np.full((300, 420, 3), 240, np.uint8)
PAGE[100:140, 60:360:4] = 20


def test_toner_streaks_run_down_the_page_and_are_few() -> None:
    changed = (optics.streaked(PAGE, 3, np.random.default_rng(1)) != PAGE).any(axis=2)

    assert 1 <= changed.any(axis=0).sum() <= 9
    assert changed.any(axis=1).mean() > 0.4


def test_glare_only_brightens_and_at_full_strength_leaves_nothing_in_its_middle() -> None:
    lit = optics.glared(np.zeros((300, 420, 3), np.uint8), 1.0, random.Random(2))

    assert lit.max() == 255
    assert (optics.glared(PAGE, 0.5, random.Random(2)) >= PAGE).all()


def test_a_dark_border_surrounds_the_whole_page() -> None:
    framed = optics.bordered(PAGE, 0.1, random.Random(3), np.random.default_rng(3))
    edges = np.concatenate([framed[0], framed[-1], framed[:, 0], framed[:, -1]])

    assert edges.mean() < 45
    assert (framed > 200).all(axis=2).sum() >= 0.97 * (PAGE > 200).all(axis=2).sum()


def test_a_screen_has_no_deep_black() -> None:
    assert optics.screened(np.zeros((200, 200, 3), np.uint8), 1.0, random.Random(4)).min() > 15


def test_the_lower_of_two_pages_is_filled_up_and_a_shadow_lies_between_them() -> None:
    both = optics.side_by_side(PAGE, np.full((200, 100, 3), 250, np.uint8))

    assert both.shape == (300, 520, 3)
    assert both[:, 420].mean() < 180 < both[:50, 40].mean()
