"""Sheets of text and tables as PDF/A-1b (ISO 19005-1): what is printed, signed by hand and kept for ever.

Every glyph is embedded, the colours have a profile, the metadata stand in XMP as in the document's own table; nothing
is encrypted or transparent, nothing lies outside. The same words and font always give the same bytes.
"""

from __future__ import annotations

import functools
import io
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from records.errors import SettingInvalid

FONT = "GuidangSheet"
MARGIN_PT = 48.0
SIZE_PT, SMALL_PT, TITLE_PT, HEADING_PT = 9.5, 7.5, 16.0, 11.0
LEADING = 1.45
"""Of a line, over the size of its letters."""
PADDING_PT = 3.0
UNKNOWN = "〓"
"""Stands for a character the font has not; PDF/A allows no empty box for a missing glyph."""
_PDF_VERSION = (1, 4)
_PRODUCER = "guidang"


@dataclass(frozen=True, kw_only=True)
class FontFile:
    """A TrueType font with Chinese; `index` is which face of a collection."""

    path: Path
    index: int = 0


class Sheet:
    """Lines and tables from top to bottom, page after page.

    Args:
        footer: stands at the foot of each page, before its number.

    Raises:
        SettingInvalid: the font cannot be used.
    """

    def __init__(self, *, title: str, program: str, footer: str, font: FontFile, is_wide: bool = False) -> None:
        self._face, self._glyphs = _registered(font)
        self._width_pt, self._height_pt = landscape(A4) if is_wide else A4
        self._written, self._footer, self._page_no = io.BytesIO(), footer, 1
        self._canvas = Canvas(
            self._written, pagesize=(self._width_pt, self._height_pt), invariant=1, pdfVersion=_PDF_VERSION,
            initialFontName=self._face,
        )  # fmt: skip
        _declare(self._canvas, title, program)
        self._y_pt = self._height_pt - MARGIN_PT

    @property
    def room_pt(self) -> float:
        """How wide a line or a table may be."""
        return float(self._width_pt - 2 * MARGIN_PT)

    def line(self, text: str = "", *, size_pt: float = SIZE_PT) -> None:
        for part in self._cut(text, size_pt, self.room_pt):
            self._make_room(size_pt * LEADING)
            self._y_pt -= size_pt * LEADING
            self._write(MARGIN_PT, self._y_pt, part, size_pt)

    def heading(self, text: str) -> None:
        self._make_room(6 * SIZE_PT * LEADING)  # not alone at the foot of a page
        self._y_pt -= HEADING_PT / 2
        self.line(text, size_pt=HEADING_PT)
        self._y_pt -= PADDING_PT

    def table(
        self, header: Sequence[str], shares: Sequence[float], rows: Sequence[Sequence[str]], *, least_pt: float = 0
    ) -> None:
        """A ruled table; its header stands again on each page.

        Args:
            shares: of the width, for each column.
            least_pt: how high each row is at least, where somebody writes into it.
        """
        widths = [self.room_pt * share / sum(shares) for share in shares]
        self._row(header, widths, least_pt=0, is_header=True)
        for row in rows:
            if not self._has_room(self._height_of(row, widths, least_pt)):
                self._turn()
                self._row(header, widths, least_pt=0, is_header=True)
            self._row(row, widths, least_pt=least_pt)

    def done(self) -> bytes:
        self._end()
        self._canvas.save()
        return self._written.getvalue()

    def _row(self, cells: Sequence[str], widths: Sequence[float], *, least_pt: float, is_header: bool = False) -> None:
        height = self._height_of(cells, widths, least_pt)
        self._make_room(height)
        x_pt, top = MARGIN_PT, self._y_pt
        for cell, width in zip(cells, widths, strict=True):
            if is_header:
                self._canvas.setFillGray(0.92)
                self._canvas.rect(x_pt, top - height, width, height, stroke=0, fill=1)
                self._canvas.setFillGray(0)
            self._canvas.setLineWidth(0.4)
            self._canvas.rect(x_pt, top - height, width, height)
            for number, part in enumerate(self._parts(cell, width), start=1):
                self._write(x_pt + PADDING_PT, top - number * SMALL_PT * LEADING, part, SMALL_PT)
            x_pt += width
        self._y_pt = top - height

    def _height_of(self, cells: Sequence[str], widths: Sequence[float], least_pt: float) -> float:
        lines = max(len(self._parts(cell, width)) for cell, width in zip(cells, widths, strict=True))
        return max(lines * SMALL_PT * LEADING + PADDING_PT, least_pt)

    def _parts(self, cell: str, width_pt: float) -> list[str]:
        return list(self._cut(cell, SMALL_PT, width_pt - 2 * PADDING_PT))

    def _has_room(self, height_pt: float) -> bool:
        return bool(self._y_pt - height_pt >= MARGIN_PT + 2 * SIZE_PT)

    def _make_room(self, height_pt: float) -> None:
        if not self._has_room(height_pt):
            self._turn()

    def _turn(self) -> None:
        self._end()
        self._page_no, self._y_pt = self._page_no + 1, self._height_pt - MARGIN_PT

    def _end(self) -> None:
        foot = self._drawable(f"{self._footer}   第 {self._page_no} 页")
        self._write(MARGIN_PT, MARGIN_PT - SIZE_PT, foot, SMALL_PT)
        self._canvas.showPage()

    def _write(self, x_pt: float, y_pt: float, text: str, size_pt: float) -> None:
        self._canvas.setFont(self._face, size_pt)
        self._canvas.drawString(x_pt, y_pt, text)

    def _cut(self, text: str, size_pt: float, width_pt: float) -> Iterator[str]:
        """Cut a text where the line is full, before a word where there is one; at least one character each."""
        text, start = self._drawable(text), 0
        while True:
            end, used = start, 0.0
            while end < len(text):
                used += pdfmetrics.stringWidth(text[end], self._face, size_pt)
                if used > width_pt and end > start:
                    break
                end += 1
            if end < len(text) and (space := text.rfind(" ", start + (end - start) // 2, end + 1)) > start:
                end = space
            yield text[start:end]
            start = end + (text[end : end + 1] == " ")
            if start >= len(text):
                return

    def _drawable(self, text: str) -> str:
        unknown = UNKNOWN if ord(UNKNOWN) in self._glyphs else "?"
        return "".join(character if ord(character) in self._glyphs else unknown for character in text)


_registering = threading.Lock()


def _registered(font: FontFile) -> tuple[str, frozenset[int]]:
    """Make the font known, once in a process: sheets may be drawn at the same time. Gives its name and characters."""
    with _registering:
        return _register(font)


@functools.lru_cache
def _register(font: FontFile) -> tuple[str, frozenset[int]]:
    name = f"{FONT}{font.path}{font.index}"
    try:
        face = TTFont(name, str(font.path), subfontIndex=font.index)
    except (TTFError, OSError) as exc:
        raise SettingInvalid("The font for what is printed cannot be used.", font=font.path.name) from exc
    pdfmetrics.registerFont(face)
    return name, frozenset(face.face.charToGlyph)


def _declare(canvas: Canvas, title: str, program: str) -> None:
    """What makes a PDF a PDF/A: metadata, identification, and the colours that black is meant in."""
    canvas.setTitle(title)
    canvas.setAuthor(program)
    canvas.setSubject(title)
    canvas.setCreator(program)
    canvas.setKeywords(title)
    canvas.setProducer(_PRODUCER)
    catalog = canvas._doc.Catalog
    catalog.Lang = pdfdoc.PDFString("zh-CN")
    catalog.Metadata = _Metadata(_xmp(title, program))
    profile = pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"N": 3}), content=srgb_profile(), filters=[pdfdoc.PDFZCompress]
    )
    intent = pdfdoc.PDFDictionary(
        {
            "Type": pdfdoc.PDFName("OutputIntent"),
            "S": pdfdoc.PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": pdfdoc.PDFString("sRGB"),
            "Info": pdfdoc.PDFString("sRGB"),
            "DestOutputProfile": canvas._doc.Reference(profile),
        }
    )
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "OutputIntents"]  # reportlab 4 and 5 know no such entry
    catalog.OutputIntents = pdfdoc.PDFArray([intent])


class _Metadata(pdfdoc.PDFObject):  # type: ignore[misc]  # reportlab has no types
    """A stream without the entry `Filter`, even an empty one: ISO 19005-1, 6.7.2."""

    __RefOnly__ = 1

    def __init__(self, content: bytes) -> None:
        self._content = content

    def format(self, _document: object) -> bytes:
        head = f"<< /Type /Metadata /Subtype /XML /Length {len(self._content)} >>\nstream\n"
        return head.encode() + self._content + b"\nendstream\n"


_format_stream = pdfdoc.PDFStream.format


def _format_with_end_of_line(self: Any, document: Any) -> bytes:
    """ISO 19005-1, 6.1.7: `endstream` begins a line. reportlab up to 5.1 sets it right behind the last byte."""
    return bytes(_format_stream(self, document)).removesuffix(b"endstream\n") + b"\nendstream\n"


pdfdoc.PDFStream.format = _format_with_end_of_line


def _xmp(title: str, program: str) -> bytes:
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{escape(program)}</rdf:li></rdf:Seq></dc:creator>
<pdf:Producer>{_PRODUCER}</pdf:Producer><pdf:Keywords>{escape(title)}</pdf:Keywords>
<xmp:CreatorTool>{escape(program)}</xmp:CreatorTool>
<xmp:CreateDate>{_MOMENT}</xmp:CreateDate><xmp:ModifyDate>{_MOMENT}</xmp:ModifyDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


_MOMENT = "2000-01-01T00:00:00+00:00"
"""What reportlab writes where the same words shall always give the same bytes."""
_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {
    "rXYZ": (0.43607, 0.22249, 0.01392),
    "gXYZ": (0.38515, 0.71687, 0.09708),
    "bXYZ": (0.14307, 0.06061, 0.71410),
}
"""Of sRGB (IEC 61966-2-1), adapted to D50."""
_CURVE_POINTS = 1024


def srgb_profile() -> bytes:
    """An ICC profile of version 2, as PDF/A-1 wants it, for a display with the colours of sRGB."""
    name = b"sRGB\0"
    curve = [round(_linear(at / (_CURVE_POINTS - 1)) * 65535) for at in range(_CURVE_POINTS)]
    tags = {
        "desc": b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(4 + 4 + 2 + 1 + 67),
        "cprt": b"text" + bytes(4) + b"No copyright, use freely\0",
        "wtpt": _xyz(_D50),
        **{tag: _xyz(value) for tag, value in _PRIMARIES.items()},
        "rTRC": b"curv" + bytes(4) + struct.pack(f">I{_CURVE_POINTS}H", _CURVE_POINTS, *curve),
    }
    table, data, begin = b"", b"", 128 + 4 + 12 * (len(tags) + 2)
    for tag, content in tags.items():
        place = struct.pack(">II", begin + len(data), len(content))
        shared = (b"rTRC", b"gTRC", b"bTRC") if tag == "rTRC" else (tag.encode(),)
        table += b"".join(name + place for name in shared)
        data += content + bytes(-len(content) % 4)
    body = struct.pack(">I", len(tags) + 2) + table + data
    header = struct.pack(
        ">I4sI4s4s4s6H4s", 128 + len(body), b"", 0x02100000, b"mntr", b"RGB ", b"XYZ ", 2000, 1, 1, 0, 0, 0, b"acsp"
    )
    illuminant = struct.pack(">3i", *(round(value * 65536) for value in _D50))
    return (header + bytes(28) + illuminant).ljust(128, b"\0") + body


def _xyz(value: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(part * 65536) for part in value))


def _linear(shown: float) -> float:
    return shown / 12.92 if shown <= 0.04045 else float(((shown + 0.055) / 1.055) ** 2.4)
