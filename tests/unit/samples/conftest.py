from __future__ import annotations

import pytest

from records.errors import SettingInvalid
from samples.generate.fonts import Face, locate


@pytest.fixture(scope="session")
def _fonts() -> None:
    """Only who generates needs the fonts; the message names the package."""
    for face in Face:
        try:
            locate(face)
        except SettingInvalid as exc:
            pytest.skip(f"generating needs a font: {exc}")
