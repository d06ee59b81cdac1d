"""Finds the fonts. Only who generates needs them: the generated files are in the repository."""

from __future__ import annotations

import functools
import random
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum

from PIL import ImageFont

from records.errors import SettingInvalid

_MISSING = "A font of the generator is not installed. Install the named Debian package."


class Face(StrEnum):
    """A typeface as fontconfig names it."""

    SONG = "Noto Serif CJK SC:style=Regular"
    SONG_MEDIUM = "Noto Serif CJK SC:style=Medium"
    SONG_BLACK = "Noto Serif CJK SC:style=Black"
    MING = "AR PL UMing CN:style=Light"
    KAI = "AR PL UKai CN:style=Book"
    HEI = "Noto Sans CJK SC:style=Regular"
    HEI_BOLD = "Noto Sans CJK SC:style=Bold"
    ZEN_HEI = "WenQuanYi Zen Hei:style=Regular"
    MICRO_HEI = "WenQuanYi Micro Hei:style=Regular"
    MONO = "DejaVu Sans Mono:style=Book"
    TIMES = "Liberation Serif:style=Regular"


PACKAGES = {
    "Noto": "fonts-noto-cjk",
    "AR PL UMing": "fonts-arphic-uming",
    "AR PL UKai": "fonts-arphic-ukai",
    "WenQuanYi Zen": "fonts-wqy-zenhei",
    "WenQuanYi Micro": "fonts-wqy-microhei",
    "DejaVu": "fonts-dejavu-core",
    "Liberation": "fonts-liberation",
}

# Noto Serif Black and Medium are in a package of their own; Bold and Regular stand in for them.
_STAND_IN = {
    Face.SONG_BLACK: "Noto Serif CJK SC:style=Bold",
    Face.SONG_MEDIUM: "Noto Serif CJK SC:style=Regular",
}


@dataclass(frozen=True, kw_only=True)
class FontFile:
    path: str
    index: int
    """Which face of a collection."""


@functools.cache
def locate(face: Face) -> FontFile:
    """Raises SettingInvalid, naming the package, when fontconfig would put another family in its place."""
    found = _match(face.value) or _match(_STAND_IN.get(face, face.value))
    if found is None:
        package = next(name for family, name in PACKAGES.items() if face.value.startswith(family))
        raise SettingInvalid(_MISSING, face=face.value, package=package)
    return found


@functools.lru_cache(maxsize=512)
def load(face: Face, size_px: int) -> ImageFont.FreeTypeFont:
    file = locate(face)
    return ImageFont.truetype(file.path, size_px, index=file.index, layout_engine=ImageFont.Layout.BASIC)


def body_face(rng: random.Random) -> Face:
    """A typeface that registrars and offices print values in."""
    return rng.choice((Face.SONG, Face.SONG_MEDIUM, Face.MING, Face.ZEN_HEI, Face.HEI, Face.KAI, Face.MICRO_HEI))


def _match(pattern: str) -> FontFile | None:
    if shutil.which("fc-match") is None:
        raise SettingInvalid(_MISSING, program="fc-match", package="fontconfig")
    command = ["fc-match", "--format", "%{family}|%{style}|%{file}|%{index}", pattern]
    family, style, path, index = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("|")
    wanted_family, _, wanted_style = pattern.partition(":style=")
    if wanted_family not in family.split(",") or wanted_style not in style.split(","):
        return None
    return FontFile(path=path, index=int(index))
