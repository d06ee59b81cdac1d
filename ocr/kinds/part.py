"""A part of a page that is one document, or one side of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from records.readings import Line, PageReading
from records.terms import DocumentKind


class Side(StrEnum):
    FRONT = "front"
    BACK = "back"


@dataclass(frozen=True, kw_only=True)
class Part:
    """The lines of a page that belong to one document, in reading order; `side` is that of an ID card."""

    kind: DocumentKind
    page: PageReading
    confidence: float
    side: Side | None = None
    template: str | None = None
    """The name of the template whose title the form bears."""
    title: Line | None = None
    loose: tuple[Line, ...] = ()
    """Lines of the page beside its documents, kept with the last of them so that search finds them."""
    is_watermarked: bool = False
    """Words run across the page that are dark enough to be read."""

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in (*self.page.lines, *self.loose))


def only(page: PageReading, lines: Sequence[Line]) -> PageReading:
    """The page with no other lines, in its order."""
    wanted = {id(line) for line in lines}
    return replace(page, lines=tuple(line for line in page.lines if id(line) in wanted))
