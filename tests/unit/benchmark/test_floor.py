from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import pytest

from ocr.models import BETTER_RECOGNITION, DETECTION, ORIENTATION, QUICK_RECOGNITION, find_models
from tests.benchmark.floor import Spent, inference_cpu


def test_all_that_is_spent_is_shared_out_and_held_against_the_cheap_models() -> None:
    spent = {DETECTION: 1.0, QUICK_RECOGNITION: 1.0, BETTER_RECOGNITION: 0.5, ORIENTATION: 0.1}
    rows = Spent(pages=2, noise=0.0, whole_s=3.0, by_model_s=spent).table().rows

    assert [row[1:] for row in rows] == [
        ("1.000", "1.00"), ("0.050", "0.05"), ("0.250", "0.25"), ("0.000", "0.00"), ("0.200", "0.20"),
        ("1.500", "1.50"),
    ]  # fmt: skip


def test_inference_is_told_by_its_model_and_left_as_it_was(tmp_path: Path) -> None:
    graph = find_models(tmp_path).orientation / "inference.onnx"
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    name, before = session.get_inputs()[0].name, onnxruntime.InferenceSession.run
    image = np.zeros((1, 3, 224, 224), np.float32)
    with inference_cpu() as spent:
        for _ in range(3):
            session.run(None, {name: image})

    assert list(spent) == [ORIENTATION]
    assert spent[ORIENTATION] > 0
    assert onnxruntime.InferenceSession.run is before


def test_a_model_that_fails_is_counted_too(tmp_path: Path) -> None:
    graph = find_models(tmp_path).orientation / "inference.onnx"
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    with inference_cpu() as spent, pytest.raises(ValueError, match="Required inputs"):
        session.run(None, {})

    assert ORIENTATION in spent
