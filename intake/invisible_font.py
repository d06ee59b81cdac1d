"""A font that shows nothing: it gives invisible text its widths, and tells a viewer which character each code is.

A code stands for one character of the document, so that characters beyond the first 65,536 stay one character each. No
outline depends on a font of the machine: glyph 1 is a full-width square and glyph 2 a half-width one, which viewers
measure for the marking of found text, and text render mode 3 never paints.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

EM = 1000
FULL_WIDTH, HALF_WIDTH = 1000, 550
ASCENT, DESCENT = 880, -120
"""Where the square stands over the base line; together one em, so that a line's box is its font size."""
_GLYPH_WIDTHS = (FULL_WIDTH, FULL_WIDTH, HALF_WIDTH)
_LONGEST_RUN = 100
"""The most entries that one `bfchar` section may have. Source: Adobe Technical Note 5014, §7."""


def advance(character: str) -> int:
    """The width of a character in thousandths of its height: a full square for East Asian script, less for the rest."""
    return FULL_WIDTH if ord(character) > 0x2E80 else HALF_WIDTH


def glyph_of(character: str) -> int:
    return 1 if advance(character) == FULL_WIDTH else 2


def to_unicode(characters: Sequence[str]) -> bytes:
    """The CMap that turns code 1, 2, 3 … back into these characters. Source: ISO 32000-1, 9.10.3."""
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for start in range(0, len(characters), _LONGEST_RUN):
        run = characters[start : start + _LONGEST_RUN]
        lines.append(f"{len(run)} beginbfchar")
        lines += [f"<{start + i:04X}> <{c.encode('utf-16-be').hex().upper()}>" for i, c in enumerate(run, start=1)]
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")


def code_to_glyph(characters: Sequence[str]) -> bytes:
    """The glyph of each code, as two bytes each; code 0 is no character."""
    return struct.pack(f">{len(characters) + 1}H", 0, *(glyph_of(c) for c in characters))


def true_type() -> bytes:
    """The font itself: the tables an embedded TrueType font needs. Source: ISO 32000-1, 9.9; OpenType, otff."""
    glyphs = [b"", _square(FULL_WIDTH), _square(HALF_WIDTH)]
    offsets = [sum(map(len, glyphs[:i])) for i in range(len(glyphs) + 1)]
    tables = {
        b"cmap": struct.pack(">HHHHLHHHHHHHHHH", 0, 1, 3, 1, 12, 4, 24, 0, 2, 2, 0, 0, 0xFFFF, 0, 0xFFFF) + b"\0\1\0\0",
        b"glyf": b"".join(glyphs),
        b"head": _head(),
        b"hhea": struct.pack(
            ">lhhhH3h3h8xhH", 0x10000, ASCENT, DESCENT, 0, FULL_WIDTH, 0, 0, FULL_WIDTH, 1, *[0] * 3, 3
        ),
        b"hmtx": b"".join(struct.pack(">Hh", width, 0) for width in _GLYPH_WIDTHS),
        b"loca": struct.pack(f">{len(offsets)}L", *offsets),
        b"maxp": struct.pack(">lH13H", 0x10000, len(glyphs), 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    return _font_file(tables)


def _square(width: int) -> bytes:
    """One closed contour around the whole advance of a glyph."""
    corners = [(0, DESCENT), (0, ASCENT), (width, ASCENT), (width, DESCENT)]
    steps = [(x - x0, y - y0) for (x, y), (x0, y0) in zip(corners, [(0, 0), *corners], strict=False)]
    outline = struct.pack(">hhhhhHH", 1, 0, DESCENT, width, ASCENT, 3, 0) + bytes([1] * 4)
    outline += struct.pack(">4h", *(x for x, _ in steps)) + struct.pack(">4h", *(y for _, y in steps))
    return outline + b"\0" * (-len(outline) % 4)


def _head(adjustment: int = 0) -> bytes:
    bounds = (0, DESCENT, FULL_WIDTH, ASCENT)
    return struct.pack(
        ">llLLHHqqhhhhHHhhh", 0x10000, 0x10000, adjustment, 0x5F0F3CF5, 0, EM, 0, 0, *bounds, 0, 8, 2, 1, 0
    )


def _font_file(tables: dict[bytes, bytes]) -> bytes:
    """The table directory and the tables, with the check sum of the whole in `head`."""
    file = _laid_out(tables)
    adjustment = (0xB1B0AFBA - _check_sum(file)) & 0xFFFFFFFF
    return _laid_out(tables | {b"head": _head(adjustment)}, sums_of=tables)


def _laid_out(tables: dict[bytes, bytes], sums_of: dict[bytes, bytes] | None = None) -> bytes:
    count = len(tables)
    largest = 1 << (count.bit_length() - 1)
    directory = struct.pack(">lHHHH", 0x10000, count, 16 * largest, largest.bit_length() - 1, 16 * (count - largest))
    body, offset = b"", 12 + 16 * count
    for tag in sorted(tables):
        padded = tables[tag] + b"\0" * (-len(tables[tag]) % 4)
        summed = _check_sum((sums_of or tables)[tag])
        directory += struct.pack(">4sLLL", tag, summed, offset + len(body), len(tables[tag]))
        body += padded
    return directory + body


def _check_sum(table: bytes) -> int:
    padded = table + b"\0" * (-len(table) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}L", padded)
    return sum(words) & 0xFFFFFFFF
