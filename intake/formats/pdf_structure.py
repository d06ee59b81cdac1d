"""What the bytes of a PDF show without parsing it: whether its end is there, and how large its pictures claim to be.

Pictures are streams, and the dictionary of a stream is never packed into another object, so every claim is in sight.
Claims written elsewhere (by reference, with escaped names) are judged again when the page is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from records.errors import DamagedFile, TooManyPixels, TruncatedFile

Size = tuple[int, int]

_WIDTH = re.compile(rb"/Width\s{1,32}(\d{1,10})(?!\d)")
_HEIGHT = re.compile(rb"/Height\s{1,32}(\d{1,10})(?!\d)")
_DICTIONARY_BYTES_AT_MOST = 2048
_PICTURES_AT_MOST = 20_000
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
    for number, ((width, height), limit) in enumerate(_claims(data, max_pixels)):
        if width * height > limit:
            raise TooManyPixels(width_px=width, height_px=height, limit_px=limit)
        if number > _PICTURES_AT_MOST:
            raise DamagedFile(reason="too_many_pictures")


def _claims(data: bytes, max_pixels: int) -> Iterator[tuple[Size, int]]:
    for at in _places(data, b"/Width"):
        yield _size_in_dictionary(data, at), max_pixels
    for at in _places(data, _JPX_START):
        # Right and lower edge of the reference grid, whose origin may be beyond zero: ITU-T T.800 A.5.1.
        right, lower = (int.from_bytes(data[at + offset : at + offset + 4]) for offset in (8, 12))
        yield (right, lower), max_pixels // _JPX_SHARE


def _places(data: bytes, mark: bytes) -> Iterator[int]:
    """From the end, which bytes search twice as fast as from the start."""
    at = data.rfind(mark)
    while at >= 0:
        yield at
        at = data.rfind(mark, 0, at)


def _size_in_dictionary(data: bytes, at: int) -> Size:
    start = max(data.rfind(b"obj", max(0, at - _DICTIONARY_BYTES_AT_MOST), at), 0)
    end = data.find(b"stream", at, at + _DICTIONARY_BYTES_AT_MOST)
    width, height = _WIDTH.match(data, at), _HEIGHT.search(data, start, max(end, 0))
    return (int(width[1]), int(height[1])) if width and height else (0, 0)
