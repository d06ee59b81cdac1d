"""What DA/T 31 would object to on a page, as advice to whoever scanned it. Nothing is refused or mended for it.

Source: DA/T 31—2017 (纸质档案数字化规范): no less than 200 dpi, 300 dpi where text is small or is to be recognised;
colour where there are seals, photographs or red headings; pages complete, straight and clear.

| code | advice |
| --- | --- |
| `low_dpi` | below 200 dpi: scan again |
| `advise_dpi` | below 300 dpi, which recognition wants |
| `grey_should_be_colour` | a seal or a photograph is expected here and the page has no colour |
| `black_white_copy` | copied or scanned in black and white: two tones only, or no colour where originals have some |
| `blank` | nothing on it: a back side, or fed upside down |
| `dark` | the paper is darker than mid-grey |
| `blurred` | no edge on it is sharp |
| `cut_off` | text runs to the very edge of the picture |
| `skewed` | more than one degree askew |
"""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from intake.formats.page_image import PageImage, PageSource, Pixels
from records.readings import Line, PageReading

Grey = npt.NDArray[np.uint8]

_MM_PER_INCH = 25.4
_A4_MM, _ID_CARD_MM = (297.0, 210.0), (85.6, 54.0)
_MEANINGLESS_DPI = 96.0
"""Cameras and screens write 72 and 96 without having measured anything; such a tag says nothing about paper."""
_SAMPLES_ACROSS = 400
_TILE_PX = 320
_INK_BELOW_PAPER = 0.72
_BLANK_SHARE = 0.0003
_DARK_PAPER = 115
_COLOUR_SPREAD, _COLOUR_SHARE = 40, 0.001
_FLAT_DEVIATION = 12.0
_SHARPNESS = 0.03
_SKEW_DEG = 1.0
_EDGE_SHARE = 0.002
_BETWEEN_TONES, _MOST_BETWEEN = 0.2, 0.08
"""What is nearer to ink or paper than the one share of the way between them is that tone; at most the other share of
all that is not paper lies between."""
_IN_COLOUR = re.compile("营业执照|居民身份证|公民身份号码|开户许可证")
"""What papers print whose originals are never without colour: gold and red borders, blue labels, red seals."""
_SEAL_OR_PHOTO = re.compile("营业执照|居民身份证|公民身份号码|登记机关|开户许可证|盖章|公章|签章")


def advise(page: PageImage, reading: PageReading | None = None) -> tuple[str, ...]:
    """Codes in a fixed order; about 5 ms for A4 at 300 dpi. Skew, cut text and missing colour show in the reading."""
    sample = _sample(page.image)
    grey = np.asarray(cv2.cvtColor(sample, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    if _is_blank(grey):
        return ("blank",)
    if page.source is PageSource.BORN_DIGITAL:
        return ()
    dpi = effective_dpi(page.width_px, page.height_px, page.dpi)
    is_colourless = reading is not None and _is_colourless(sample)

    def wants(words: re.Pattern[str]) -> bool:
        return reading is not None and words.search(reading.text) is not None

    found = {
        "low_dpi": dpi < 200,
        "advise_dpi": 200 <= dpi < 299,  # tags in dots per centimetre come back as 299.99
        "grey_should_be_colour": is_colourless and wants(_SEAL_OR_PHOTO),
        "black_white_copy": is_colourless and (wants(_IN_COLOUR) or _is_two_toned(grey)),
        "dark": _paper(grey) < _DARK_PAPER,
        "blurred": _is_blurred(page.image),
        "cut_off": reading is not None and any(_touches_edge(line, reading) for line in reading.lines),
        "skewed": reading is not None and abs(reading.skew_deg) > _SKEW_DEG,
    }
    return tuple(code for code, applies in found.items() if applies)


def effective_dpi(width_px: int, height_px: int, tagged_dpi: float | None) -> float:
    """Dots to the inch of paper: the tag where it can be true, otherwise as if an A4 sheet or an ID card filled it.

    >>> effective_dpi(2480, 3508, None)
    300.0
    >>> effective_dpi(2480, 3508, 72.0)
    300.0
    >>> effective_dpi(1011, 638, None)
    300.0
    """
    if tagged_dpi is not None and tagged_dpi > _MEANINGLESS_DPI:
        return tagged_dpi
    long_px, short_px = max(width_px, height_px), min(width_px, height_px)
    long_mm, short_mm = _ID_CARD_MM if abs(long_px / short_px - 1.586) < 0.04 else _A4_MM
    return float(round(_MM_PER_INCH * max(long_px / long_mm, short_px / short_mm)))


def _sample(image: Pixels) -> Pixels:
    """Every nth pixel: enough for shares and levels, and far cheaper than averaging all of them."""
    step = max(1, min(image.shape[:2]) // _SAMPLES_ACROSS)
    return np.ascontiguousarray(image[::step, ::step])


def _paper(grey: Grey) -> float:
    """The level that nine tenths of the page do not exceed."""
    counts = np.bincount(grey.ravel(), minlength=256)
    return float(np.searchsorted(counts.cumsum(), 0.9 * grey.size))


def _is_blank(grey: Grey) -> bool:
    """Looks inside the outer twentieth, where scanners leave shadows and sheets have holes."""
    top, left = grey.shape[0] // 20, grey.shape[1] // 20
    inner = grey[top : grey.shape[0] - top, left : grey.shape[1] - left]
    return bool((inner < _INK_BELOW_PAPER * _paper(inner)).mean() < _BLANK_SHARE)


def _is_two_toned(grey: Grey) -> bool:
    """Whether hardly anything between ink and paper is left, as where a copier or a scanner knows black and white."""
    ink, paper = np.percentile(grey, 1), _paper(grey)
    edge = _BETWEEN_TONES * (paper - ink)
    dark, between = (grey < ink + edge).mean(), ((grey >= ink + edge) & (grey <= paper - edge)).mean()
    return bool(between < _MOST_BETWEEN * (dark + between))


def _is_colourless(sample: Pixels) -> bool:
    blue, green, red = cv2.split(sample)
    spread = cv2.max(cv2.max(blue, green), red) - cv2.min(cv2.min(blue, green), red)  # numpy takes ten times as long
    return bool((spread > _COLOUR_SPREAD).mean() < _COLOUR_SHARE)


def _is_blurred(image: Pixels) -> bool:
    """No part of the page has edges as steep as its contrast allows.

    The Laplacian of an edge falls with the square of its width, so its variance against that of the grey levels
    tells a wide edge from a faint one.
    """
    sharpness = [_sharpness(tile) for tile in _tiles(image)]
    measured = [value for value in sharpness if value is not None]
    return bool(measured) and max(measured) < _SHARPNESS


def _tiles(image: Pixels) -> list[Grey]:
    """Nine parts of the page at full resolution, its edges left out."""
    height, width = image.shape[:2]
    rows, columns = min(_TILE_PX, height), min(_TILE_PX, width)
    corners = [
        (int((height - rows) * down), int((width - columns) * across))
        for down in (0.1, 0.5, 0.9)
        for across in (0.1, 0.5, 0.9)
    ]
    return [
        np.asarray(cv2.cvtColor(image[y : y + rows, x : x + columns], cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        for y, x in corners
    ]


def _sharpness(tile: Grey) -> float | None:
    """None where there is nothing to be sharp."""
    deviation = _deviation(tile)
    if deviation < _FLAT_DEVIATION:
        return None
    return (_deviation(cv2.Laplacian(tile, cv2.CV_16S)) / deviation) ** 2


def _deviation(pixels: npt.NDArray[Any]) -> float:
    return float(cv2.meanStdDev(pixels)[1][0, 0])  # several times faster than numpy's


def _touches_edge(line: Line, reading: PageReading) -> bool:
    across = [x for x, _ in line.box]
    down = [y for _, y in line.box]
    near_x, near_y = _EDGE_SHARE * reading.width_px, _EDGE_SHARE * reading.height_px
    return (
        min(across) < near_x
        or max(across) > reading.width_px - near_x
        or min(down) < near_y
        or max(down) > reading.height_px - near_y
    )
