"""QR codes on a page. The only file that imports zxing-cpp."""

from __future__ import annotations

import cv2
import zxingcpp

from ocr.preprocess import Image, enlarge, reduce
from records.readings import Box, Mark
from records.terms import MarkKind

LEAST_LONG_SIDE_PX = 1500
"""A4 at 130 dpi: three pixels for each module of a code of 20 mm, and a fifth of the time of 300 dpi."""
SMALL_PX = 1100
"""A page whose long side is shorter is looked at enlarged as well."""
ENLARGED = 2.0


def find_codes(image: Image) -> tuple[Mark, ...]:
    """The QR codes of an upright page `(H, W, 3)` BGR; those that cannot be read are left out, not guessed."""
    smaller, scale = reduce(image, LEAST_LONG_SIDE_PX)
    found = _read(smaller, scale)
    if not found and max(image.shape[:2]) < SMALL_PX:
        return _read(enlarge(image, ENLARGED), ENLARGED)
    return found


def _read(image: Image, scale: float) -> tuple[Mark, ...]:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    kinds = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    found = zxingcpp.read_barcodes(grey, formats=kinds, try_rotate=False, try_invert=False)
    return tuple(_mark(code, scale) for code in found if code.valid)


def _mark(code: zxingcpp.Barcode, scale: float) -> Mark:
    place = code.position
    corners = [
        (float(p.x), float(p.y)) for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    ]
    return Mark(kind=MarkKind.QR_CODE, box=upright_box(corners, scale), value=code.text)


def upright_box(corners: list[tuple[float, float]], scale: float) -> Box:
    """The corners, found at a scale, as a box of the page that begins at its top left whichever way the code stands."""
    a, b, c, d = sorted(((x / scale, y / scale) for x, y in corners), key=lambda p: p[0] + p[1])
    upper, lower = sorted((b, c), key=lambda p: p[1])
    return (a, upper, d, lower)
