"""The pages of a TIFF, found by walking its directories, without decoding a pixel.

Classic TIFF and BigTIFF, both byte orders. Source: TIFF 6.0 §2; BigTIFF as specified by AWare Systems.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from records.errors import DamagedFile, TruncatedFile

Size = tuple[int, int]
Numbers = npt.NDArray[np.unsignedinteger[Any]]

_SUBFILE, _WIDTH, _HEIGHT = 254, 256, 257
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325
_WANTED = frozenset({_SUBFILE, _WIDTH, _HEIGHT, _STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES})
_WORD_BYTES = {3: 2, 4: 4, 13: 4, 16: 8, 18: 8}
_THUMBNAIL = 1
# Directories may overlap, so that a small file could make us read far more than its size.
_ENTRIES_AT_MOST, _STRIPS_AT_MOST = 1024, 70_000


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """How this file writes numbers and directories."""

    order: str
    offset_bytes: int
    count_bytes: int

    @property
    def entry_bytes(self) -> int:
        return 4 + 2 * self.offset_bytes


def page_sizes(data: bytes) -> Iterator[Size]:
    """(width_px, height_px) of each page in order, previews left out.

    Raises:
        TruncatedFile: a directory or a strip lies beyond the end.
        DamagedFile: directories run in a circle, or one has no size.
    """
    for directory in directories(data):
        if is_preview(directory):
            continue
        _check_strips(data, directory)
        yield _size(directory)


def is_preview(directory: dict[int, Numbers]) -> bool:
    """A smaller copy of another page, which is not a page of its own."""
    kinds = directory.get(_SUBFILE)
    return kinds is not None and bool(kinds[:1].any() and int(kinds[0]) & _THUMBNAIL)


def directories(data: bytes) -> Iterator[dict[int, Numbers]]:
    """The wanted tags of each directory, previews included."""
    layout, offset = _layout(data)
    seen: set[int] = set()
    while offset:
        if offset in seen:
            raise DamagedFile(reason="circular_directories", page_no=len(seen))
        seen.add(offset)
        tags, offset = _directory(data, layout, offset)
        yield tags


def _layout(data: bytes) -> tuple[_Layout, int]:
    order = "<" if data[:2] == b"II" else ">"
    if _number(data, 2, order, 2) == 43:
        return _Layout(order=order, offset_bytes=8, count_bytes=8), _number(data, 8, order, 8)
    return _Layout(order=order, offset_bytes=4, count_bytes=2), _number(data, 4, order, 4)


def _directory(data: bytes, layout: _Layout, offset: int) -> tuple[dict[int, Numbers], int]:
    count = _number(data, offset, layout.order, layout.count_bytes)
    if count > _ENTRIES_AT_MOST:
        raise DamagedFile(reason="too_many_tags")
    first = offset + layout.count_bytes
    end = first + count * layout.entry_bytes
    following = _number(data, end, layout.order, layout.offset_bytes)
    tags = {}
    for entry in range(first, end, layout.entry_bytes):
        tag = _number(data, entry, layout.order, 2)
        if tag in _WANTED and (kind := _number(data, entry + 2, layout.order, 2)) in _WORD_BYTES:
            tags[tag] = _values(data, layout, entry, _WORD_BYTES[kind])
    return tags, following


def _values(data: bytes, layout: _Layout, entry: int, word_bytes: int) -> Numbers:
    count = _number(data, entry + 4, layout.order, layout.offset_bytes)
    if count > _STRIPS_AT_MOST:
        raise DamagedFile(reason="too_many_strips")
    at = entry + 4 + layout.offset_bytes
    if count * word_bytes > layout.offset_bytes:
        at = _number(data, at, layout.order, layout.offset_bytes)
    return _numbers(data, at, count, layout.order, word_bytes)


def _number(data: bytes, at: int, order: str, word_bytes: int) -> int:
    end = at + word_bytes
    if end > len(data):
        raise TruncatedFile(expected_bytes=end, found_bytes=len(data))
    return int.from_bytes(data[at:end], "little" if order == "<" else "big")


def _numbers(data: bytes, at: int, count: int, order: str, word_bytes: int) -> Numbers:
    end = at + count * word_bytes
    if end > len(data):
        raise TruncatedFile(expected_bytes=end, found_bytes=len(data))
    return np.frombuffer(data, dtype=f"{order}u{word_bytes}", count=count, offset=at)


def _size(directory: dict[int, Numbers]) -> Size:
    width, height = directory.get(_WIDTH), directory.get(_HEIGHT)
    if width is None or height is None or not len(width) or not len(height):
        raise DamagedFile(reason="page_without_size")
    return int(width[0]), int(height[0])


def _check_strips(data: bytes, directory: dict[int, Numbers]) -> None:
    for offsets_tag, bytes_tag in ((_STRIPS, _STRIP_BYTES), (_TILES, _TILE_BYTES)):
        offsets, sizes = directory.get(offsets_tag), directory.get(bytes_tag)
        if offsets is None or sizes is None or len(offsets) != len(sizes) or not len(offsets):
            continue
        end = int((offsets.astype(np.float64) + sizes).max())
        if end > len(data):
            raise TruncatedFile(expected_bytes=end, found_bytes=len(data))
