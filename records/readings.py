"""What reading a page or a document gives: the neutral values that recognition, extraction and records share.

Coordinates are pixels of the page as displayed upright, origin top left, x right, y down. Boxes are four corners
clockwise from the top left of the text. Confidence is 0–1. Page numbers start at 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from records.terms import DocumentKind, FieldState, MarkKind

Point = tuple[float, float]
Box = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One recognised line of text.

    `confidence` is the engine's own (1.0 for a text layer): of one model a mean over its characters; where two models
    have looked, higher if they agree and lower if they differ.
    """

    text: str
    confidence: float
    box: Box
    looks: int = 1
    """How many readings of the line the text and its confidence rest on."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something on a page besides print: a QR code, a seal, the ink on a line for signing, a ruled cell."""

    kind: MarkKind
    box: Box
    value: str | None = None
    """The content of a code; the shape of a seal: `round`, `oval` or `square`."""
    colour: str | None = None
    """Of a seal or a signature: `red`, `blue` or `black`."""


@dataclass(frozen=True, kw_only=True)
class PageReading:
    """The lines of one page in reading order.

    `rotation_deg` (0, 90, 180 or 270) is how far the page was turned clockwise to stand upright, and `skew_deg` the
    further angle it was turned to stand straight; width and height are those of the upright page.
    """

    page_no: int
    width_px: int
    height_px: int
    lines: tuple[Line, ...]
    rotation_deg: int = 0
    skew_deg: float = 0.0
    dpi: float | None = None
    engine: str = ""
    """Which engine and models made it, with versions; `text-layer` for born-digital text."""
    advice: tuple[str, ...] = ()
    """Codes of what DA/T 31 would object to (K1–K5), as advice to the station: `low_dpi`, `blurred`, `blank` …"""
    marks: tuple[Mark, ...] = ()
    sheet: Box | None = None
    """In a photograph taken at an angle: the corners of the sheet, in pixels of the page as opened. The sheet was laid
    flat before it was turned."""

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A machine rule on a value. It raises doubt; it never blanks or mends the value."""

    name: str
    passed: bool


@dataclass(frozen=True, kw_only=True)
class FieldReading:
    """One field with its evidence. `text` is as printed, `value` normalised; both None when the field is absent."""

    name: str
    value: str | None
    text: str | None
    confidence: float
    page_no: int | None
    box: Box | None
    checks: tuple[Check, ...] = ()
    state: FieldState = FieldState.DOUBTFUL
    suggestions: tuple[str, ...] = ()
    """Repairs that would pass the checks, offered beside the value and never put in its place."""


@dataclass(frozen=True, kw_only=True)
class Rechecked:
    """What the rules say of a value that a person gives. `value` is its normal form; None where they see no value."""

    value: str | None
    checks: tuple[Check, ...] = ()
    suggestions: tuple[str, ...] = ()

    @property
    def failed(self) -> list[str]:
        """The names of the checks it fails."""
        return [check.name for check in self.checks if not check.passed]


@dataclass(frozen=True, kw_only=True)
class DocumentReading:
    """One document found on one or more pages of a file: its kind and its fields."""

    kind: DocumentKind
    page_nos: tuple[int, ...]
    confidence: float
    text: str
    fields: dict[str, FieldReading] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The reading format of `guidang read --json` (docs/reading-format.md)."""
        return {
            "kind": self.kind.value,
            "pages": list(self.page_nos),
            "confidence": round(self.confidence, 4),
            "text": self.text,
            "fields": {name: _field_as_json(reading) for name, reading in self.fields.items()},
        }


def _field_as_json(reading: FieldReading) -> dict[str, Any]:
    return {
        "value": reading.value,
        "text": reading.text,
        "confidence": round(reading.confidence, 4),
        "page": reading.page_no,
        "box": None if reading.box is None else [[round(x, 1), round(y, 1)] for x, y in reading.box],
        "checks": [{"name": check.name, "passed": check.passed} for check in reading.checks],
        "state": reading.state.value,
        "suggestions": list(reading.suggestions),
    }
