"""The text a born-digital PDF page carries itself: exact, and no recognition needed.

A page's text is taken only where it can be trusted to be all that is to be seen: not where part of what is displayed
is a picture or a filled-in form field, nor where a font does not say which characters it draws.
"""

from __future__ import annotations

import logging
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any

import pdfplumber
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from records.readings import Line, PageReading

log = logging.getLogger(__name__)

ENGINE = "text-layer"
POINTS_PER_INCH = 72.0
FEWEST_CHARACTERS = 12
"""A page number or a stamp's date alone is no text layer."""
PICTURE_SHARE = 0.05
"""Of the page: an identity card copied at its own size on A4 covers 7 %, a company seal 3 %."""
SMALLEST_PT = 3.0
"""Smaller print is not meant for people."""
GAP_EM, SPACED_GAP_EM = 1.5, 3.0
"""A wider gap between two glyphs parts two cells; the second where blanks stand in it, as in 名　　称."""
WORD_GAP_EM = 0.2

_FAILURES = (
    PSException,
    PdfminerException,
    MalformedPDFException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    struct.error,
    zlib.error,
)
"""What the parser raises on a malformed page; PDFium may still be able to draw it."""


@dataclass(frozen=True, kw_only=True)
class _Glyph:
    """One visible character; in points from the top left corner of the displayed page."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    em: float
    after_blank: bool

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def read_text_layer(pdf: bytes, page_no: int, dpi: float) -> PageReading | None:
    """The lines of a page as it is displayed at `dpi`, or None where it has no usable text of its own."""
    try:
        with pdfplumber.open(BytesIO(pdf), pages=[page_no]) as document:
            (page,) = document.pages
            glyphs = _glyphs(page) if _has_plain_frame(page) and not _shows_more_than_text(page) else []
            if not _is_usable(glyphs, page):
                return None
            rules = [(edge["x0"], edge["top"], edge["bottom"]) for edge in page.edges if edge["orientation"] == "v"]
            left, top, right, bottom = page.cropbox
    except _FAILURES as exc:
        log.info("text layer unreadable: %s", type(exc).__name__, extra={"action": "read", "page_no": page_no})
        return None
    scale = dpi / POINTS_PER_INCH
    moved = [(x - left, upper - top, lower - top) for x, upper, lower in rules]
    return PageReading(
        page_no=page_no,
        width_px=math.ceil((right - left) * scale * (1 - 1e-6)),
        height_px=math.ceil((bottom - top) * scale * (1 - 1e-6)),
        lines=tuple(_line(run, scale) for row in _rows(glyphs) for run in _runs(row, moved)),
        dpi=dpi,
        engine=ENGINE,
    )


def _has_plain_frame(page: Any) -> bool:
    """Pdfplumber misplaces what is cropped and turned at once, and what is measured from another corner than zero."""
    return tuple(page.mediabox[:2]) == (0, 0) and (page.rotation == 0 or page.cropbox == page.mediabox)


def _shows_more_than_text(page: Any) -> bool:
    area = float(page.width * page.height)
    pictures = any(_area(image) >= PICTURE_SHARE * area for image in page.images)
    return pictures or any(_has_own_appearance(annotation) for annotation in page.annots)


def _area(image: dict[str, Any]) -> float:
    return abs(float(image["x1"] - image["x0"]) * float(image["bottom"] - image["top"]))


def _has_own_appearance(annotation: dict[str, Any]) -> bool:
    """Typed into a form field or written over the page: displayed, but no part of the page's text."""
    subtype = getattr(annotation["data"].get("Subtype"), "name", "")
    return subtype in {"Widget", "FreeText", "Stamp", "Ink"}


def _glyphs(page: Any) -> list[_Glyph]:
    left, top, right, bottom = page.cropbox
    glyphs, blank = [], False
    for char in page.dedupe_chars(tolerance=1).chars:
        if not char["text"].strip():
            blank = True
            continue
        inside = left <= char["x0"] < right and top <= char["top"] < bottom
        if inside and char["size"] >= SMALLEST_PT and _stands_upright(char["matrix"]):
            glyphs.append(_glyph(char, left, top, after_blank=blank))
        blank = False
    return glyphs


def _stands_upright(matrix: Sequence[float]) -> bool:
    """Slanted text is a watermark. Text that stands on its head or side is for the eye to turn."""
    a, b, c, d = matrix[:4]
    return a > 0 and d > 0 and abs(b) < 0.1 * a and abs(c) < 0.4 * d


def _glyph(char: dict[str, Any], left: float, top: float, *, after_blank: bool) -> _Glyph:
    return _Glyph(
        text=char["text"],
        left=char["x0"] - left,
        right=char["x1"] - left,
        top=char["top"] - top,
        bottom=char["bottom"] - top,
        em=char["size"],
        after_blank=after_blank,
    )


def _is_usable(glyphs: Sequence[_Glyph], page: Any) -> bool:
    if len(glyphs) < FEWEST_CHARACTERS:
        return False
    visible = sum(1 for char in page.chars if char["text"].strip())
    unnamed = sum(1 for glyph in glyphs if _is_unnamed(glyph.text))
    return len(glyphs) >= visible / 2 and unnamed <= 0.02 * len(glyphs)


def _is_unnamed(text: str) -> bool:
    """A glyph without a character: pdfminer writes `(cid:42)`; subset fonts use the private area."""
    return text.startswith("(cid:") or any(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in text)


def _rows(glyphs: Sequence[_Glyph]) -> list[list[_Glyph]]:
    rows: list[list[_Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: (g.middle, g.left)):
        if rows and abs(glyph.middle - rows[-1][0].middle) < min(glyph.em, rows[-1][0].em) / 2:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [sorted(row, key=lambda g: g.left) for row in rows]


def _runs(row: Sequence[_Glyph], rules: Sequence[tuple[float, float, float]]) -> list[list[_Glyph]]:
    runs = [[row[0]]]
    for glyph in row[1:]:
        if _parts(runs[-1][-1], glyph, rules):
            runs.append([glyph])
        else:
            runs[-1].append(glyph)
    return runs


def _parts(before: _Glyph, after: _Glyph, rules: Sequence[tuple[float, float, float]]) -> bool:
    gap = after.left - before.right
    if gap > max(before.em, after.em) * (SPACED_GAP_EM if after.after_blank else GAP_EM):
        return True
    # A glyph's cell may reach over a rule that its ink does not touch.
    from_x, to_x = before.right - 0.2 * before.em, after.left + 0.2 * after.em
    return any(from_x <= x <= to_x and upper <= after.middle <= lower for x, upper, lower in rules)


def _line(run: Sequence[_Glyph], scale: float) -> Line:
    text = run[0].text
    for before, after in pairwise(run):
        wide = after.left - before.right > WORD_GAP_EM * max(before.em, after.em)
        western = before.text.isascii() and after.text.isascii()
        text += (" " if western and (wide or after.after_blank) else "") + after.text
    left, right = run[0].left * scale, max(glyph.right for glyph in run) * scale
    top, bottom = min(glyph.top for glyph in run) * scale, max(glyph.bottom for glyph in run) * scale
    return Line(text=text, confidence=1.0, box=((left, top), (right, top), (right, bottom), (left, bottom)))
