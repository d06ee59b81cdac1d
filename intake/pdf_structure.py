"""What the bytes of a PDF show without parsing it: whether its end is there, and how large its pictures claim to be.

Pictures are streams, and the dictionary of a stream is never packed into another object, so every claim is in sight.
Claims written elsewhere (by reference, with escaped names) are judged again when the page is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from records.errors import TooManyPixels, TruncatedFile

Size = tuple[int, int]

_WIDTH = re.compile(rb"/Width\s+(\d{1,10})(?!\d)")
_HEIGHT = re.compile(rb"/Height\s+(\d{1,10})(?!\d)")
_DICTIONARY_BYTES_AT_MOST = 2048
_JPX_START = b"\xff\x4f\xff\x51"
_JPX_SHARE = 2
"""JPEG 2000 is decoded to four bytes for each sample, so its pictures may have a half of the pixels of others."""


def check_end(data: bytes) -> None:
    """Raises TruncatedFile.

    A file written for the web, or saved with changes, has an end mark early on; an object after the last one shows
    that the true end is missing.
    """
    end = max(data.rfind(b"%%EOF"), data.rfind(b"startxref"))
    if end < 0 or data.find(b" obj", end) >= 0:
        raise TruncatedFile(missing="end_mark")


def check_pictures(data: bytes, max_pixels: int) -> None:
    """Raises TooManyPixels: decoders take the memory that a picture claims before they look at it."""
    for (width, height), limit in _claims(data, max_pixels):
        if width * height > limit:
            raise TooManyPixels(width_px=width, height_px=height, limit_px=limit)


def _claims(data: bytes, max_pixels: int) -> Iterator[tuple[Size, int]]:
    for claim in _WIDTH.finditer(data):
        start = max(data.rfind(b"obj", max(0, claim.start() - _DICTIONARY_BYTES_AT_MOST), claim.start()), 0)
        end = data.find(b"stream", claim.end(), claim.end() + _DICTIONARY_BYTES_AT_MOST)
        height = _HEIGHT.search(data, start, end) if end > 0 else None
        if height is not None:
            yield (int(claim[1]), int(height[1])), max_pixels
    at = data.find(_JPX_START)
    while at >= 0:
        # Right and lower edge of the reference grid, whose origin may be beyond zero: ITU-T T.800 A.5.1.
        right, lower = (int.from_bytes(data[at + offset : at + offset + 4]) for offset in (8, 12))
        yield (right, lower), max_pixels // _JPX_SHARE
        at = data.find(_JPX_START, at + 4)
