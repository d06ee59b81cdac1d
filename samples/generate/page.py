"""One generated page with what it says, and how a whole file's truth is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from records.terms import DocumentKind
from samples.generate.sheet import Pixels, Rectangle


@dataclass(frozen=True, kw_only=True)
class Printed:
    """One document as printed on one page: what a right reader returns, None where the page carries no such value."""

    kind: DocumentKind
    doc_type: str
    fields: Mapping[str, str | None]
    other: Mapping[str, str] = field(default_factory=dict)
    """What is printed besides and belongs to no field."""


@dataclass(frozen=True, kw_only=True)
class Page:
    image: Pixels
    printed: Printed
    boxes: Mapping[str, Rectangle]
    """Where each field's value stands before any damage."""


def truth(documents: list[tuple[Printed, list[int]]], *, quality: str, note: str = "") -> dict[str, Any]:
    """One line of `truth.jsonl` without the file name. A file of one document has its fields at the top as well."""
    line: dict[str, Any] = {
        "quality": quality,
        "documents": [
            {"kind": printed.kind.value, "pages": pages, "fields": dict(printed.fields)} for printed, pages in documents
        ],
    }
    if len(documents) == 1:
        printed = documents[0][0]
        line |= {"doc_type": printed.doc_type, "fields": dict(printed.fields), "other_printed": dict(printed.other)}
    return line | {"note": note}
