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
the job in one transaction (`intake/worker.py`). So a step may be killed at any moment and simply be done again. Where
nobody need look, `read` goes on to `extract` and `file` in the same job and the same transaction; when a job is done
again, its step goes alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import cast

import cv2
import numpy as np
from sqlalchemy import Table, bindparam, insert, select
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
from records.audit import Act
from records.documents import page_readings, pages_of, store_pages
from records.errors import ArchiveError, NotFound, Rejected
from records.fields import SETTLED, store_readings
from records.form_templates import templates_in_force
from records.ids import utc_now
from records.models import Document, StoredObject
from records.readings import DocumentReading, PageReading
from records.sealing import document_subject
from records.terms import DocumentKind, DocumentState, Step, WaitingFor
from retention.due import REFUSED_CLASS, REFUSED_DAYS
from storage.objects import original_name, page_name, page_prefix

Effect = Callable[[Session], None]
_Following = Callable[[Session, Document, Sequence[Act], bool], None]
"""The effect of a step that may follow another at once: on the locked document, with the acts that the audit log gets
before its own. The flag says whether it goes on in turn."""

_KEPT = cast(Table, StoredObject.__table__)
_NAMES = select(_KEPT.c.name).where(_KEPT.c.document_id == bindparam("of"))

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


def run_step(archive: Archive, reader: Reader, step: Step, document_id: str, *, goes_on: bool = True) -> Effect:
    """Do the work of one step and give back its effect.

    Args:
        goes_on: do what follows without a wait too, as part of the same effect. Where that failed, each step goes by
            itself, so that what follows takes nothing with it and is named by its own job.

    Raises:
        ArchiveError: the step failed; `retryable` tells whether the same again may help.
    """
    return STEPS[step](archive, reader, document_id, goes_on)


def read(archive: Archive, reader: Reader, document_id: str, goes_on: bool) -> Effect:
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
    following = None
    if goes_on and code is None:
        with _alone_next_time():
            following = _extraction(archive, reader, document_id, readings)

    def effect(session: Session) -> None:
        document = _locked(session, document_id)
        store_pages(session, archive.keyring, document_id, readings)
        _keep_rows(session, document_id, stored)
        document.page_count = len(readings)
        if code is not None:
            _refuse(session, document, code)
            return
        _move_on(document, DocumentState.READ)
        acts = [Act("document.read", f"document:{document_id}", {"pages": len(readings)})]
        if following is None:
            jobs.enqueue(session, Step.EXTRACT, document_id)
            audit.record_all(session, SYSTEM, acts)
        else:
            jobs.passed(session, Step.EXTRACT, document_id)
            with _alone_next_time():
                following(session, document, acts, True)

    return effect


def extract(archive: Archive, reader: Reader, document_id: str, goes_on: bool) -> Effect:
    """Find the documents on the pages and their fields; what is doubtful waits for a person."""
    with archive.reading() as session:
        readings = page_readings(archive.keyring, pages_of(session, document_id))
    following = _extraction(archive, reader, document_id, readings)
    return lambda session: following(session, _locked(session, document_id), [], goes_on)


def _extraction(archive: Archive, reader: Reader, document_id: str, readings: Sequence[PageReading]) -> _Following:
    with archive.reading() as session:
        own = own_forms(session)
    by_no = {reading.page_no: reading for reading in readings}
    again = SecondLook(reader.engine, lambda page_no: reader.image_of(archive, document_id, by_no[page_no]))
    with with_own(own):
        found = extract_documents(readings, again)
    doubtful = any(field.state not in SETTLED for reading in found for field in reading.fields.values())

    def effect(session: Session, document: Document, before: Sequence[Act], goes_on: bool) -> None:
        store_readings(session, archive.keyring, document, found, reader.engine.name)
        document.kind = _main_kind(found)
        _move_on(document, DocumentState.WAITING if doubtful else DocumentState.VERIFIED)
        document.waiting_for = WaitingFor.FIELDS if doubtful else None
        said = {"kind": document.kind, "doubtful": doubtful}
        acts = [*before, Act("document.extracted", f"document:{document_id}", said)]
        if goes_on and not doubtful:
            jobs.passed(session, Step.FILE, document_id)
            with _alone_next_time():
                _file(session, archive, document, acts, readings)
            return
        if not doubtful:
            jobs.enqueue(session, Step.FILE, document_id)
        audit.record_all(session, SYSTEM, acts)

    return effect


def own_forms(session: Session) -> list[Template]:
    """The company's own templates as they are now."""
    return [_parsed(each.name, each.text) for each in templates_in_force(session)]


_parsed = lru_cache(maxsize=256)(parse)


def file(archive: Archive, reader: Reader, document_id: str, goes_on: bool) -> Effect:
    """Make the document a record and searchable, in one transaction."""
    return lambda session: _file(session, archive, _locked(session, document_id), [], None)


def _file(
    session: Session,
    archive: Archive,
    document: Document,
    before: Sequence[Act],
    readings: Sequence[PageReading] | None,
) -> None:
    policy = archive.filing_policy(session)
    with session.no_autoflush:  # one change of the document's row, not one before each query
        customer = filing.file_document(session, archive.keyring, SYSTEM, document, policy, before)
    if customer is not None:
        texts = None if readings is None else [reading.text for reading in readings]
        index_document(session, archive, document, texts)


def index(archive: Archive, reader: Reader, document_id: str, goes_on: bool) -> Effect:
    """Make a record searchable again as it stands now, after a change of it or of its customer."""

    def effect(session: Session) -> None:
        document = _locked(session, document_id)
        if document.state == DocumentState.FILED:
            index_document(session, archive, document)

    return effect


@contextmanager
def _alone_next_time() -> Iterator[None]:
    """Where a step fails that followed another at once, doing the job again helps: its own step then goes alone."""
    try:
        yield
    except ArchiveError as error:
        error.retryable = True
        raise


STEPS: Mapping[Step, Callable[[Archive, Reader, str, bool], Effect]] = {
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
    kept, image = [], page.image
    for what, long_side_px in (("image", DISPLAY_LONG_SIDE_PX), ("thumbnail", THUMBNAIL_LONG_SIDE_PX)):
        image = _shrunk(image, long_side_px)  # the thumbnail out of the smaller picture
        picture = jpeg_of(image, long_side_px)
        name = page_name(document_id, page.reading.page_no, what, hashlib.sha256(picture).hexdigest())
        kept.append(put_sealed(archive, document_id, name, picture))
    return kept


def _keep_rows(session: Session, document_id: str, rows: list[StoredObject]) -> None:
    """Sealing and naming are repeatable, so what an earlier reading wrote is the same."""
    known = set(session.scalars(_NAMES, {"of": document_id}))
    new = [
        {"name": row.name, "document_id": document_id, "size_bytes": row.size_bytes, "sha256": row.sha256,
         "stored_sha256": row.stored_sha256, "created_at": utc_now()}
        for row in rows if row.name not in known
    ]  # fmt: skip
    if new:
        session.execute(insert(_KEPT), new)


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


def _shrunk(image: Image, long_side_px: int) -> Image:
    scale = long_side_px / max(image.shape[:2])
    if scale >= 1:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def jpeg_of(image: Image, long_side_px: int) -> bytes:
    _, encoded = cv2.imencode(".jpg", _shrunk(image, long_side_px), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
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
