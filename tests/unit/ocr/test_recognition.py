from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.recognition import LINE_HEIGHT_PX, NARROWEST_LINE_PX, WIDEST_LINE_PX, LineReader


class _Model:
    """Keeps what it is given, and reads an `a` from every line."""

    def __init__(self) -> None:
        self.given: list[NDArray[np.float32]] = []
        self.post_op = SimpleNamespace(character=["blank", "a", "b"])

    def runner(self, planes: NDArray[np.float32]) -> list[Any]:
        self.given.append(planes)
        return [np.array([[[0.02, 0.9, 0.08]]], dtype=np.float32)]


@pytest.fixture
def model() -> _Model:
    return _Model()


def test_a_line_is_read_with_what_the_model_is_sure_of(model: _Model) -> None:
    text, confidence = LineReader(model).read(np.zeros((LINE_HEIGHT_PX, 300, 3), np.uint8))

    assert (text, confidence) == ("a", pytest.approx(0.9))


def test_levels_run_from_minus_one_to_one_by_plane(model: _Model) -> None:
    line = np.zeros((LINE_HEIGHT_PX, 300, 3), np.uint8)
    line[:, :, 2] = 255
    LineReader(model).read(line)
    (planes,) = model.given

    assert planes.shape == (1, 3, LINE_HEIGHT_PX, 300)
    assert [float(plane.mean()) for plane in planes[0]] == [-1.0, -1.0, 1.0]


def test_a_narrow_line_is_padded_with_grey(model: _Model) -> None:
    LineReader(model).read(np.full((LINE_HEIGHT_PX, 40, 3), 255, np.uint8))
    (planes,) = model.given

    assert planes.shape[3] == NARROWEST_LINE_PX
    assert (planes[..., :40] == 1).all()
    assert (planes[..., 40:] == 0).all()


def test_a_very_wide_line_is_squeezed(model: _Model) -> None:
    LineReader(model).read(np.zeros((LINE_HEIGHT_PX, WIDEST_LINE_PX + 500, 3), np.uint8))

    assert model.given[0].shape[3] == WIDEST_LINE_PX
