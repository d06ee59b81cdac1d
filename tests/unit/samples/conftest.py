from __future__ import annotations

import pytest

from samples.generate.fonts import Face, FontMissing, locate


@pytest.fixture(scope="session")
def _fonts() -> None:
    """Only who generates needs the fonts; the message of FontMissing names the package."""
    for face in Face:
        try:
            locate(face)
        except FontMissing as exc:
            pytest.skip(f"generating needs a font: {exc}")
