"""What the first and last bytes of JPEG, PNG, WebP and BMP say, without decoding a pixel.

Each function takes the whole file and returns (width_px, height_px) as stored, before any turning. They raise
TruncatedFile where the end is missing and DamagedFile where the structure is not that of the format.

Sources: ITU-T T.81 annex B; W3C PNG (Third Edition) §5; RFC 9649; BITMAPINFOHEADER as documented by Microsoft.
"""

from __future__ import annotations

import struct

from records.errors import DamagedFile, TruncatedFile

Size = tuple[int, int]

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset(range(0xD0, 0xD9)) | {0x01}
_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9
# Bounds on what a well-made file has, so that no file keeps the look at it busy.
_SEGMENTS_AT_MOST, _FILL_BYTES_AT_MOST, _SCANS_AT_MOST, _CHUNKS_AT_MOST = 5_000, 1_000, 100, 200_000
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_BMP_PLAIN = frozenset({0, 3, 6})
"""Compressions that store every pixel: none and bit fields."""


def jpeg_size(data: bytes) -> Size:
    size: Size | None = None
    position = 2
    for _ in range(_SEGMENTS_AT_MOST):
        marker, position = _next_marker(data, position)
        if marker in _JPEG_BARE:
            continue
        if marker == _JPEG_END:
            raise DamagedFile(reason="no_scan")
        length = int.from_bytes(_slice(data, position, 2))
        if length < 2:
            raise DamagedFile(reason="segment_length")
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", _slice(data, position + 3, 4))
            size = (width, height)
        position += length
        if marker == _JPEG_SCAN:
            _check_scans(data, position)
            break
    else:
        raise DamagedFile(reason="too_many_segments")
    if size is None:
        raise DamagedFile(reason="no_frame")
    return size


def _check_scans(data: bytes, position: int) -> None:
    # Entropy-coded data stuffs a zero after every FF, so an end marker after the scan header is a real one. Looking
    # from the first scan on leaves out the end marker of an embedded preview.
    if data.rfind(b"\xff\xd9", position) < 0:
        raise TruncatedFile(missing="end_marker")
    # Each scan of a progressive picture passes over all its pixels, so a small file could draw for hours.
    if data.count(b"\xff\xda", position) > _SCANS_AT_MOST:
        raise DamagedFile(reason="too_many_scans")


def _next_marker(data: bytes, position: int) -> tuple[int, int]:
    if _slice(data, position, 1) != b"\xff":
        raise DamagedFile(reason="marker")
    for at in range(position, position + _FILL_BYTES_AT_MOST):
        if (marker := _slice(data, at, 1)[0]) != 0xFF:
            return marker, at + 1
    raise DamagedFile(reason="fill_bytes")


def png_size(data: bytes) -> Size:
    length, kind = struct.unpack(">I4s", _slice(data, 8, 8))
    if kind != b"IHDR" or length != 13:
        raise DamagedFile(reason="first_chunk")
    width, height = struct.unpack(">II", _slice(data, 16, 8))
    position = 8
    for _ in range(_CHUNKS_AT_MOST):
        length, kind = struct.unpack(">I4s", _slice(data, position, 8))
        position += 12 + length
        if position > len(data):
            raise TruncatedFile(expected_bytes=position, found_bytes=len(data))
        if kind == b"IEND":
            return width, height
    raise DamagedFile(reason="too_many_chunks")


def webp_size(data: bytes) -> Size:
    expected = int.from_bytes(_slice(data, 4, 4), "little") + 8
    if expected > len(data):
        raise TruncatedFile(expected_bytes=expected, found_bytes=len(data))
    kind = _slice(data, 12, 4)
    if kind == b"VP8X":
        body = _slice(data, 24, 6)
        return int.from_bytes(body[:3], "little") + 1, int.from_bytes(body[3:], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(_slice(data, 21, 4), "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", _slice(data, 26, 4))
        return width & 0x3FFF, height & 0x3FFF
    raise DamagedFile(reason="first_chunk")


def bmp_size(data: bytes) -> Size:
    pixels_at, header_bytes = struct.unpack("<II", _slice(data, 10, 8))
    if header_bytes not in _BMP_HEADERS:
        raise DamagedFile(reason="header")
    if header_bytes == 12:
        width, height, _, depth = struct.unpack("<HHHH", _slice(data, 18, 8))
        compression = 0
    else:
        width, height, _, depth, compression = struct.unpack("<iiHHI", _slice(data, 18, 16))
        height = abs(height)  # negative: rows run from the top down
    if width > 0 and compression in _BMP_PLAIN:
        expected = pixels_at + (width * depth + 31) // 32 * 4 * height
        if expected > len(data):
            raise TruncatedFile(expected_bytes=expected, found_bytes=len(data))
    return width, height


def _slice(data: bytes, position: int, length: int) -> bytes:
    part = data[position : position + length]
    if len(part) < length:
        raise TruncatedFile(expected_bytes=position + length, found_bytes=len(data))
    return part
