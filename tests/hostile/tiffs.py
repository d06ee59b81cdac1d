"""TIFF files written tag by tag."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from tests.hostile.pictures import HEIGHT, WIDTH, card, grey_card, saved

Tags = dict[int, tuple[int, ...]]
_SHORT, _LONG = 3, 4


@dataclass(kw_only=True)
class TiffPage:
    """`strips` follow the header; tags 273 and 279 are set from them."""

    tags: Tags
    strips: list[bytes] = field(default_factory=list)
    tiled: bool = False


def tags(width: int, height: int, *, bits: int = 8, samples: int = 1, photometric: int = 1, **more: int) -> Tags:
    named = {"compression": 259, "subfile": 254, "orientation": 274, "predictor": 317}
    rest = {named[name]: (value,) for name, value in more.items()}
    return {
        256: (width,),
        257: (height,),
        258: (bits,) * samples,
        259: (1,),
        262: (photometric,),
        277: (samples,),
        278: (height,),
    } | rest


def tiff(pages: list[TiffPage], *, order: str = "<", last_points_to: int = 0) -> bytes:
    """`last_points_to`: 1-based page that the last directory names as its follower; 0 ends the chain."""
    out = bytearray({"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 0))
    link_at, starts = 4, []
    for page in pages:
        offsets = tuple(_append(out, strip) for strip in page.strips)
        where, sizes = (324, 325) if page.tiled else (273, 279)
        entries = {where: offsets, sizes: tuple(map(len, page.strips))} | page.tags
        starts.append(_link(out, link_at, order))
        link_at = _directory(out, entries, order)
    if last_points_to:
        struct.pack_into(f"{order}I", out, link_at, starts[last_points_to - 1])
    return bytes(out)


def _append(out: bytearray, strip: bytes) -> int:
    at = len(out)
    out += strip + b"\0" * (len(strip) % 2)
    return at


def _link(out: bytearray, link_at: int, order: str) -> int:
    at = len(out)
    struct.pack_into(f"{order}I", out, link_at, at)
    return at


def _directory(out: bytearray, entries: Tags, order: str) -> int:
    body, spill = b"", b""
    spill_at = len(out) + 2 + 12 * len(entries) + 4
    for tag, values in sorted(entries.items()):
        kind = _LONG if tag in (273, 279, 324, 325) or max(values) > 0xFFFF else _SHORT
        packed = struct.pack(f"{order}{len(values)}{'I' if kind == _LONG else 'H'}", *values)
        if len(packed) > 4:
            packed, spill = struct.pack(f"{order}I", spill_at + len(spill)), spill + packed
        body += struct.pack(f"{order}HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    out += struct.pack(f"{order}H", len(entries)) + body + bytes(4) + spill
    return spill_at - 4


def card_page(**more: int) -> TiffPage:
    return TiffPage(tags=tags(WIDTH, HEIGHT, samples=3, photometric=2, **more), strips=[card().tobytes()])


def deep_colour(order: str) -> bytes:
    pixels = np.asarray(card()).astype(f"{order}u2") * 257
    page = TiffPage(tags=tags(WIDTH, HEIGHT, bits=16, samples=3, photometric=2), strips=[pixels.tobytes()])
    return tiff([page], order=order)


def tiled() -> bytes:
    side, pixels = 32, np.asarray(card())
    tiles = [
        pixels[top : top + side, left : left + side].tobytes()
        for top in range(0, HEIGHT, side)
        for left in range(0, WIDTH, side)
    ]
    page = TiffPage(tags=tags(WIDTH, HEIGHT, samples=3, photometric=2) | {322: (side,), 323: (side,)}, strips=tiles)
    page.tags.pop(278)
    page.tiled = True
    return tiff([page])


def white_is_zero() -> bytes:
    bits = np.packbits(np.asarray(grey_card()) == 0, axis=1)
    return tiff([TiffPage(tags=tags(WIDTH, HEIGHT, bits=1, photometric=0), strips=[bits.tobytes()])])


def fax() -> bytes:
    """Half as many rows as columns to the inch."""
    squashed = grey_card().resize((WIDTH, HEIGHT // 2)).convert("1")
    return saved(squashed, "TIFF", compression="group3", dpi=(204, 102))


def fractions_of_one() -> bytes:
    pixels = np.asarray(grey_card()).astype("<f4") / 255
    return tiff([TiffPage(tags=tags(WIDTH, HEIGHT, bits=32) | {339: (3,)}, strips=[pixels.tobytes()])])


def page_bomb(count: int) -> bytes:
    """One strip that all pages share."""
    page = TiffPage(tags=tags(8, 8) | {273: (8,), 279: (64,)})
    return tiff([page] * count)


def deflate_bomb(width: int, height: int) -> bytes:
    """Says it is small and unpacks to far more than it says."""
    page = TiffPage(tags=tags(width, height, compression=8), strips=[zlib.compress(bytes(200_000_000), 9)])
    return tiff([page])


def second_page_damaged() -> bytes:
    broken = TiffPage(tags=tags(WIDTH, HEIGHT, compression=8), strips=[b"\x78\x9c" + b"\x55" * 50])
    return tiff([card_page(), broken])


def multi_page(*pictures: Image.Image, compression: str) -> bytes:
    out = io.BytesIO()
    pictures[0].save(out, "TIFF", save_all=True, append_images=list(pictures[1:]), compression=compression)
    return out.getvalue()
