"""Tables of measurements, as text and as the Markdown of docs/benchmarks.md."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field


@dataclass
class Table:
    """`note` says how to read it, in a sentence or two."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    note: str = ""

    def text(self) -> str:
        widths = [max(_width(row[column]) for row in (self.head, *self.rows)) for column in range(len(self.head))]
        lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
                 for row in (self.head, *self.rows)]  # fmt: skip
        return "\n".join([self.title, *lines]) + "\n"

    def markdown(self) -> str:
        lines = [f"| {' | '.join(row)} |" for row in (self.head, ("---",) * len(self.head), *self.rows)]
        return "\n".join([f"## {self.title}", "", *([self.note, ""] if self.note else []), *lines]) + "\n"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
