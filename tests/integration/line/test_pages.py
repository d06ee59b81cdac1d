"""Pages as stored with a document: what was read on them comes back as it was."""

from __future__ import annotations

import json
from dataclasses import replace

from records.documents import page_readings, pages_of, store_pages
from records.models import Page
from records.readings import Box, Line, Mark, PageReading
from records.sealing import document_subject
from records.terms import MarkKind
from tests.archives import Bench, licence_lines

BOX: Box = ((1.0, 2.0), (31.5, 2.0), (31.5, 12.0), (1.0, 12.0))
READING = PageReading(
    page_no=1,
    width_px=800,
    height_px=1000,
    lines=(Line(text="客户签字：", confidence=0.5, box=BOX),),
    rotation_deg=90,
    skew_deg=0.25,
    dpi=300.0,
    engine="test",
    advice=("blurred",),
    marks=(
        Mark(kind=MarkKind.QR_CODE, box=BOX, value="https://example.org/91"),
        Mark(kind=MarkKind.SEAL, box=BOX, value="round", colour="red"),
        Mark(kind=MarkKind.SIGNATURE, box=BOX, colour="blue"),
    ),
    sheet=BOX,
)


def stored(bench: Bench, document_id: str) -> list[PageReading]:
    with bench.archive.reading() as session:
        return page_readings(bench.archive.keyring, pages_of(session, document_id))


def test_a_reading_comes_back_with_its_marks(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines())
    with bench.archive.transaction() as session:
        store_pages(session, bench.archive.keyring, document_id, [READING])

    assert stored(bench, document_id) == [READING]


def test_a_page_sealed_before_marks_were_looked_for_still_opens(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines())
    old = json.dumps([{"text": "客户签字：", "confidence": 0.5, "box": BOX}]).encode()
    with bench.archive.transaction() as session:
        store_pages(session, bench.archive.keyring, document_id, [READING])
        page = session.get_one(Page, (document_id, 1))
        sealed = bench.archive.keyring.seal(document_subject(document_id), old, "pages.reading:1")
        page.reading_sealed = sealed

    assert stored(bench, document_id) == [replace(READING, marks=(), sheet=None)]
