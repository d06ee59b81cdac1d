"""Trying a template on a page: what it finds, before it is used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ocr.extraction import reading_of
from ocr.field_reading import read_form, read_one
from ocr.layout import segments_of
from ocr.templates import Template
from records.readings import DocumentReading, FieldReading, PageReading


def try_template(template: Template, pages: Sequence[PageReading], *, today: dt.date | None = None) -> DocumentReading:
    """The fields of a template as these pages give them, whatever title they bear; the first page that prints one wins.

    A field whose label is not printed is there under the template's name and absent.
    """
    day = today or dt.datetime.now(dt.UTC).date()
    found: dict[str, FieldReading] = {}
    printed: set[str] = set()
    for page in pages:
        for label, (name, read) in read_form(template, segments_of(page), page.marks, day).items():
            if name not in printed or label in found:
                found.setdefault(label, reading_of(label, read))
                printed.add(name)
    unprinted = {
        field.name: reading_of(field.name, read_one(field.rule, None, day))
        for field in template.fields
        if field.name not in printed
    }
    return DocumentReading(
        kind=template.kind,
        page_nos=tuple(page.page_no for page in pages),
        confidence=len(printed) / len(template.fields),
        text="\n".join(page.text for page in pages),
        fields=found | unprinted,
    )
