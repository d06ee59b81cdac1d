"""What the model of issue dates is trained on, and how well it reads such strips that it has not seen."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ocr.issue_dates import HEIGHT_PX, WIDTH_PX, IssueDateReader
from samples.generate.date_strips import Strip, strip

pytestmark = pytest.mark.usefixtures("_fonts")


@pytest.fixture(scope="module")
def strips() -> list[Strip]:
    return [strip(random.Random(f"unseen {number}")) for number in range(200)]


def test_a_number_is_always_the_same_strip() -> None:
    one, other = (strip(random.Random("strip 5")) for _ in range(2))

    assert one.text == other.text
    assert np.array_equal(one.image, other.image)


def test_strips_are_drawn_as_they_are_cut(strips: list[Strip]) -> None:
    assert {each.image.shape for each in strips} == {(HEIGHT_PX, WIDTH_PX, 3)}
    assert sum(not each.text for each in strips) in range(3, 30)


def test_nearly_all_are_read_and_what_is_certain_is_right(strips: list[Strip]) -> None:
    reader = IssueDateReader()
    dated = [each for each in strips if each.text]
    read = [(*reader.read([each.image], int(each.text[:4])), each.text) for each in dated]

    assert sum(text == printed for text, _, printed in read) >= 0.9 * len(read)
    certain = [(text, printed) for text, chance, printed in read if chance > 0.985]
    assert len(certain) >= 0.7 * len(read)
    assert [pair for pair in certain if pair[0] != pair[1]] == []
