"""THE LINE: receive → keep → read → extract → verify → file → index → retain → destroy.

    receive  a station's request      intake/receive.py    open_batch, seal_batch
    keep     the same request         intake/receive.py    keep_file (bytes), then record_file (row)
    read     job                      here                 original → pages with lines
    extract  job                      here                 lines → kinds and fields
    verify   waits for a person       records/verification.py, only where a field is doubtful
    file     job                      here                 customer, archival code, retention
    index    with `file`              intake/indexing.py   in the same transaction
    retain   waits for the calendar   retention/           due dates, holds, lists
    destroy  a person, resumable      retention/destruction.py

A step works outside any transaction and gives back its effect; the worker applies the effect together with the end of
the job in one transaction (`intake/worker.py`). So a step may be killed at any moment and simply be done again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache

import cv2
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import jobs
from intake.archive import Archive
from intake.indexing import index_document
from intake.reading import SecondLook, read_pages, upright_image
from intake.receive import put_sealed
from ocr.engine import Image, OcrEngine, UprightPage
from ocr.extraction import extract as extract_documents
from ocr.templates import Template, parse, with_own
from records import audit, filing
from records.actors import SYSTEM
from records.documents import page_readings, pages_of, store_pages
from records.errors import NotFound, Rejected
from records.fields import store_readings
from records.form_templates import templates_in_force
from records.models import Document, StoredObject
from records.readings import DocumentReading, PageReading
from records.sealing import document_subject
from records.terms import DocumentKind, DocumentState, Step, WaitingFor
from records.verification import has_doubt
from retention.due import REFUSED_CLASS, REFUSED_DAYS
from storage.objects import original_name, page_name, page_prefix

Effect = Callable[[Session], None]

DISPLAY_LONG_SIDE_PX = 2200
THUMBNAIL_LONG_SIDE_PX = 320
JPEG_QUALITY = 85
REMEMBERED_PAGES = 4


class Reader:
    """A worker's engine, and the upright pages it read last: the next step often asks for just these."""

    def __init__(self, engine: OcrEngine) -> None:
        self.engine = engine
        self._document_id = ""
        self._images: dict[int, Image] = {}

    def remember(self, document_id: str, page: UprightPage) -> None:
        if document_id != self._document_id or len(self._images) >= REMEMBERED_PAGES:
            self._document_id, self._images = document_id, {}
        self._images[page.reading.page_no] = page.image

    def image_of(self, archive: Archive, document_id: str, reading: PageReading) -> Image:
        """The upright page; opened again from the original if this worker did not just read it."""
        if document_id != self._document_id or reading.page_no not in self._images:
            image = upright_image(original_of(archive, document_id), reading, archive.limits)
            self.remember(document_id, UprightPage(reading=reading, image=image))
        return self._images[reading.page_no]


def run_step(archive: Archive, reader: Reader, step: Step, document_id: str) -> Effect:
    """Do the work of one step and give back its effect.

    Raises:
        ArchiveError: the step failed; `retryable` tells whether the same again may help.
    """
    return STEPS[step](archive, reader, document_id)


def read(archive: Archive, reader: Reader, document_id: str) -> Effect:
    """Open the original, read its pages, keep a picture of each; a file that does not open is refused (R23).

    Of a refused one the pages before the one that would not open are kept: whoever scans again sees which paper it was.
    """
    readings, stored, code = [], [], None
    try:
        for page in read_pages(original_of(archive, document_id), reader.engine, archive.limits):
            reader.remember(document_id, page)
            readings.append(page.reading)
            stored.extend(_keep_pictures(archive, document_id, page))
    except Rejected as refusal:
        code = refusal.code

    def effect(session: Session) -> None:
        document = _locked(session, document_id)
        store_pages(session, archive.keyring, document_id, readings)
        _keep_rows(session, document_id, stored)
        document.page_count = len(readings)
        if code is not None:
            _refuse(session, document, code)
            return
        _move_on(document, DocumentState.READ)
        jobs.enqueue(session, Step.EXTRACT, document_id)
        audit.record(session, SYSTEM, "document.read", f"document:{document_id}", pages=len(readings))

    return effect


def extract(archive: Archive, reader: Reader, document_id: str) -> Effect:
    """Find the documents on the pages and their fields; what is doubtful waits for a person."""
    with archive.reading() as session:
        readings = page_readings(archive.keyring, pages_of(session, document_id))
        own = own_forms(session)
    by_no = {reading.page_no: reading for reading in readings}
    again = SecondLook(reader.engine, lambda page_no: reader.image_of(archive, document_id, by_no[page_no]))
    with with_own(own):
        found = extract_documents(readings, again)

    def effect(session: Session) -> None:
        document = _locked(session, document_id)
        store_readings(session, archive.keyring, document, found, reader.engine.name)
        doubtful = has_doubt(session, document_id)
        document.kind = _main_kind(found)
        _move_on(document, DocumentState.WAITING if doubtful else DocumentState.VERIFIED)
        document.waiting_for = WaitingFor.FIELDS if doubtful else None
        if not doubtful:
            jobs.enqueue(session, Step.FILE, document_id)
        audit.record(
            session, SYSTEM, "document.extracted", f"document:{document_id}", kind=document.kind, doubtful=doubtful
        )

    return effect


def own_forms(session: Session) -> list[Template]:
    """The company's own templates as they are now."""
    return [_parsed(each.name, each.text) for each in templates_in_force(session)]


_parsed = lru_cache(maxsize=256)(parse)


def file(archive: Archive, reader: Reader, document_id: str) -> Effect:
    """Make the document a record and searchable, in one transaction."""

    def effect(session: Session) -> None:
        document = _locked(session, document_id)
        policy = archive.filing_policy(session)
        if filing.file_document(session, archive.keyring, SYSTEM, document, policy):
            index_document(session, archive, document)

    return effect


def index(archive: Archive, reader: Reader, document_id: str) -> Effect:
    """Make a record searchable again as it stands now, after a change of it or of its customer."""

    def effect(session: Session) -> None:
        document = _locked(session, document_id)
        if document.state == DocumentState.FILED:
            index_document(session, archive, document)

    return effect


STEPS: Mapping[Step, Callable[[Archive, Reader, str], Effect]] = {
    Step.READ: read,
    Step.EXTRACT: extract,
    Step.FILE: file,
    Step.INDEX: index,
}


def original_of(archive: Archive, document_id: str) -> bytes:
    """The original's bytes as they were received."""
    with archive.reading() as session:
        document = session.get(Document, document_id)
    if document is None:
        raise NotFound(document_id=document_id)
    name = original_name(document_id, document.sha256)
    return archive.keyring.open(document_subject(document_id), archive.objects.get(name), name)


def _keep_pictures(archive: Archive, document_id: str, page: UprightPage) -> list[StoredObject]:
    """The upright page for the eye, and a thumbnail, both sealed. The original stays untouched beside them."""
    kept = []
    for what, long_side in (("image", DISPLAY_LONG_SIDE_PX), ("thumbnail", THUMBNAIL_LONG_SIDE_PX)):
        picture = jpeg_of(page.image, long_side)
        name = page_name(document_id, page.reading.page_no, what, hashlib.sha256(picture).hexdigest())
        kept.append(put_sealed(archive, document_id, name, picture))
    return kept


def _keep_rows(session: Session, document_id: str, rows: list[StoredObject]) -> None:
    """Sealing and naming are repeatable, so what an earlier reading wrote is the same."""
    known = set(session.scalars(select(StoredObject.name).where(StoredObject.document_id == document_id)))
    session.add_all(row for row in rows if row.name not in known)


def picture_name(session: Session, document_id: str, page_no: int, what: str) -> str:
    """The object that shows a page (`image` or `thumbnail`) as it was read last."""
    begins = page_prefix(document_id, page_no, what)
    made = select(StoredObject.name).where(
        StoredObject.document_id == document_id, StoredObject.name.startswith(begins, autoescape=True)
    )
    name = session.scalar(made.order_by(StoredObject.created_at.desc()).limit(1))
    if name is None:
        raise NotFound("The page has no picture yet.", document_id=document_id, page=page_no)
    return name


def jpeg_of(image: Image, long_side_px: int) -> bytes:
    scale = long_side_px / max(image.shape[:2])
    if scale < 1:
        smaller = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        image = np.asarray(smaller, dtype=np.uint8)
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(encoded)


def _refuse(session: Session, document: Document, code: str) -> None:
    _move_on(document, DocumentState.REFUSED)
    document.refused_code = code
    document.retention_class = REFUSED_CLASS
    document.due_on = document.received_at.date() + dt.timedelta(days=REFUSED_DAYS)
    audit.record(session, SYSTEM, "document.refused", f"document:{document.id}", reason=code)


def _main_kind(found: list[DocumentReading]) -> DocumentKind:
    """What the whole file counts as: the kind of its first document that has one."""
    return next((reading.kind for reading in found if reading.kind != DocumentKind.OTHER), DocumentKind.OTHER)


def _locked(session: Session, document_id: str) -> Document:
    document = session.get(Document, document_id, with_for_update=True)
    if document is None:
        raise NotFound(document_id=document_id)
    return document


def _move_on(document: Document, state: DocumentState) -> None:
    document.state, document.version = state, document.version + 1
