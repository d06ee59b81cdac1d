"""Searchable copies: a PDF that shows the pages as scanned, with what was read on them as invisible text in its place.

Each line becomes one run of text, stretched to the width of its box and turned as it lies, so that a viewer marks what
it finds where it stands on the paper. No space stands beside a Chinese character: a phrase is found as it is typed,
however widely the paper spaces it.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pillow

from intake import invisible_font
from intake.pdf_writing import PdfFile, dictionary, number
from ocr.engine import Image
from records.readings import Line, PageReading

JPEG_QUALITY = 85
ASSUMED_DPI = 200.0
"""The resolution of a page that does not say its own."""
POINTS_PER_INCH = 72.0
LONGEST_SIDE_PT = 14_400.0
"""Viewers open no larger page. Source: ISO 32000-1, Annex C."""
LEVEL_WITHIN = 0.5
"""A line that rises by less than this share of its height lies level: extractors cut a slanting run into pieces."""
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
_SPACE_BY_CHINESE = re.compile(rf"(?<={_WIDE})\s+|\s+(?={_WIDE})")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def searchable_pdf(pages: Iterable[tuple[bytes | Image, PageReading]]) -> bytes:
    """The copy of one file, page by page.

    Args:
        pages: the upright page, as JPEG or as pixels `(H, W, 3)` BGR, with its reading. A JPEG may be larger or
            smaller than the page that was read, as long as it shows the same.
    """
    file = PdfFile()
    page_tree = file.reserve()
    font = _Font(file)
    numbers = [_put_page(file, page_tree, font, image, reading) for image, reading in pages]
    font.put()
    kids = " ".join(f"{page} 0 R" for page in numbers)
    file.put(dictionary({"Type": "/Pages", "Count": str(len(numbers)), "Kids": f"[{kids}]"}), page_tree)
    root = file.put(dictionary({"Type": "/Catalog", "Pages": f"{page_tree} 0 R", "Lang": "(zh-CN)"}))
    return file.as_bytes(root)


def text_for_search(text: str) -> str:
    """A line's text without spaces beside Chinese characters; those between Latin words stay."""
    return _SPACE_BY_CHINESE.sub("", _UNPRINTED.sub(" ", text)).strip()


def jpeg_of(image: Image) -> bytes:
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(encoded)


def _put_page(file: PdfFile, page_tree: int, font: _Font, image: bytes | Image, reading: PageReading) -> int:
    picture = _put_picture(file, image if isinstance(image, bytes) else jpeg_of(image))
    scale = min(
        POINTS_PER_INCH / (reading.dpi or ASSUMED_DPI), LONGEST_SIDE_PT / max(reading.width_px, reading.height_px)
    )
    width, height = number(reading.width_px * scale), number(reading.height_px * scale)
    runs = [_run(line, font, scale, reading.height_px) for line in reading.lines]
    content = f"q {width} 0 0 {height} 0 0 cm /Page Do Q\nBT 3 Tr\n" + "".join(runs) + "ET"
    resources = {"XObject": f"<< /Page {picture} 0 R >>", "Font": f"<< /Read {font.number} 0 R >>"}
    page = {
        "Type": "/Page",
        "Parent": f"{page_tree} 0 R",
        "MediaBox": f"[0 0 {width} {height}]",
        "Resources": dictionary(resources),
        "Contents": f"{file.put_stream(content.encode('ascii'))} 0 R",
    }
    return file.put(dictionary(page))


def _put_picture(file: PdfFile, jpeg: bytes) -> int:
    with Pillow.open(io.BytesIO(jpeg)) as opened:
        (width, height), is_grey = opened.size, opened.mode == "L"
    entries = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8"
        f" /ColorSpace /Device{'Gray' if is_grey else 'RGB'} /Filter /DCTDecode"
    )
    return file.put_stream(jpeg, entries, is_packed=True)


class _Font:
    """The characters met so far, each with its code."""

    def __init__(self, file: PdfFile) -> None:
        self._file, self._codes = file, dict[str, int]()
        self.number = file.reserve()

    def encode(self, text: str) -> str:
        return "".join(f"{self._codes.setdefault(c, len(self._codes) + 1):04X}" for c in text)

    def put(self) -> None:
        """Write the font once all text is known. Source: ISO 32000-1, 9.7."""
        characters, put = list(self._codes), self._file.put_stream
        program = invisible_font.true_type()
        descriptor = {
            "Type": "/FontDescriptor", "FontName": "/GuidangInvisible", "Flags": "4", "ItalicAngle": "0",
            "FontBBox": f"[0 {invisible_font.DESCENT} {invisible_font.FULL_WIDTH} {invisible_font.ASCENT}]",
            "Ascent": str(invisible_font.ASCENT), "Descent": str(invisible_font.DESCENT),
            "CapHeight": str(invisible_font.ASCENT), "StemV": "80",
            "FontFile2": f"{put(program, f'/Length1 {len(program)}')} 0 R",
        }  # fmt: skip
        narrow = [code for c, code in self._codes.items() if invisible_font.advance(c) == invisible_font.HALF_WIDTH]
        descendant = {
            "Type": "/Font", "Subtype": "/CIDFontType2", "BaseFont": "/GuidangInvisible",
            "CIDSystemInfo": "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
            "FontDescriptor": f"{self._file.put(dictionary(descriptor))} 0 R",
            "DW": str(invisible_font.FULL_WIDTH),
            "W": "[" + " ".join(f"{code} [{invisible_font.HALF_WIDTH}]" for code in narrow) + "]",
            "CIDToGIDMap": f"{put(invisible_font.code_to_glyph(characters))} 0 R",
        }  # fmt: skip
        font = {
            "Type": "/Font", "Subtype": "/Type0", "BaseFont": "/GuidangInvisible", "Encoding": "/Identity-H",
            "DescendantFonts": f"[{self._file.put(dictionary(descendant))} 0 R]",
            "ToUnicode": f"{put(invisible_font.to_unicode(characters))} 0 R",
        }  # fmt: skip
        self._file.put(dictionary(font), self.number)


@dataclass(frozen=True, kw_only=True)
class _Lie:
    """How a line lies on the page, in pixels: its lower left corner, where it runs to, and how high it is."""

    x: float
    y: float
    along: tuple[float, float]
    height: float

    @property
    def length(self) -> float:
        return max(math.hypot(*self.along), 1.0)


def _lie(line: Line, characters: int) -> _Lie:
    corners = np.asarray(line.box, dtype=np.float64)
    if characters > 1 and _side(corners, 0, 3) >= 1.5 * _side(corners, 0, 1):
        corners = np.roll(corners, -1, axis=0)  # print that runs downwards, as a run that is turned to go down
    top_left, top_right, bottom_right, bottom_left = corners
    x, y = ((top_right - top_left) + (bottom_right - bottom_left)) / 2
    height = max((_side(corners, 0, 3) + _side(corners, 1, 2)) / 2, 1.0)
    if abs(y) < LEVEL_WITHIN * height:
        return _Lie(x=bottom_left[0], y=(bottom_left[1] + bottom_right[1]) / 2, along=(float(x), 0.0), height=height)
    return _Lie(x=bottom_left[0], y=bottom_left[1], along=(float(x), float(y)), height=height)


def _side(corners: np.ndarray[tuple[int, ...], np.dtype[np.float64]], a: int, b: int) -> float:
    return float(np.hypot(*(corners[b] - corners[a])))


def _run(line: Line, font: _Font, scale: float, page_height_px: int) -> str:
    """The operators that show one line: its box is the font's size high and, stretched, as wide as the text."""
    text = text_for_search(line.text)
    if not text:
        return ""
    lie = _lie(line, len(text))
    natural = sum(map(invisible_font.advance, text)) / invisible_font.EM * lie.height
    cos, sin = lie.along[0] / lie.length, -lie.along[1] / lie.length  # y runs upwards in a PDF
    rise = -invisible_font.DESCENT / invisible_font.EM * lie.height
    x, y = lie.x - sin * rise, page_height_px - lie.y + cos * rise
    matrix = " ".join(map(number, (cos, sin, -sin, cos, x * scale, y * scale)))
    size, stretch = number(lie.height * scale), number(100 * lie.length / natural)
    return f"/Read {size} Tf {stretch} Tz {matrix} Tm <{font.encode(text)}> Tj\n"
