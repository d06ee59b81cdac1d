"""Receiving and keeping: batches, their files, the receipt (R7, R15, R18, R23, R27, R28).

A file goes through two hands. `keep_file` works on bytes: it looks at them, makes the document's key, seals the
original and writes it to the object store. `record_file` works on rows: it says, in one transaction, what became of the
file. Bytes come before the row, so a row never lacks its bytes; the document's id follows from batch, number and hash,
so sending a file again after a crash writes the same names with the same bytes, and doubles nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from intake import jobs
from intake.archive import Archive
from intake.formats.inspection import Inspected, inspect
from records import audit, numbering
from records.actors import Actor
from records.documents import FILE_NAME_CONTEXT
from records.errors import (
    BatchIncomplete,
    BatchSealed,
    Conflict,
    DigestMismatch,
    FileTooLarge,
    InvalidInput,
    NotFound,
    Rejected,
)
from records.ids import utc_now
from records.models import Batch, BatchFile, Document, Station, StoredObject
from records.sealing import document_subject
from records.terms import BatchState, DocumentState, FileOutcome, Role, Step, WaitingFor
from storage.objects import original_name

NUMBER_PATTERN = "JS-{year}-{seq:06d}"
MOST_FILES = 10_000


@dataclass(frozen=True, kw_only=True)
class BatchOrder:
    """What a station says when it opens a batch. `capture` is free process metadata: device, software, dpi.

    `station_id`: at which station a person scans; a station's own token says it already.
    """

    operator: str
    declared_files: int
    capture: dict[str, Any]
    station_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """A file as a station sends it. `sha256` is what the station announced."""

    batch_id: str
    file_no: int
    name: str | None
    data: bytes
    sha256: str


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """What `keep_file` did: either the bytes are in the store, or the reason why they are not."""

    batch_id: str
    file_no: int
    sha256: str
    size_bytes: int
    document_id: str
    inspected: Inspected | None = None
    stored: StoredObject | None = None
    file_name_sealed: bytes | None = None
    refusal: Rejected | None = None


def open_batch(session: Session, actor: Actor, order: BatchOrder) -> Batch:
    actor.require(Role.SCANNER)
    station = _station(session, actor, order)
    if not 1 <= order.declared_files <= MOST_FILES or not order.operator.strip():
        raise InvalidInput(f"A batch needs an operator and 1 to {MOST_FILES} files.", declared=order.declared_files)
    now = utc_now()
    batch = Batch(
        number=numbering.next_code(session, NUMBER_PATTERN, year=now.year),
        station_id=station.id,
        operator=order.operator.strip(),
        region_code=station.region_code,
        declared_files=order.declared_files,
        capture=order.capture,
        state=BatchState.OPEN,
    )
    session.add(batch)
    session.flush()
    audit.record(session, actor, "batch.opened", f"batch:{batch.id}", number=batch.number, files=order.declared_files)
    return batch


def stations_of(actor: Actor) -> Select[Station]:
    """The stations at which this actor may scan."""
    actor.require(Role.SCANNER)
    mine = Station.id == actor.station_id if actor.station_id else actor.sees(Station.region_code)
    return select(Station).where(mine, Station.withdrawn_at.is_(None)).order_by(Station.name)


def _station(session: Session, actor: Actor, order: BatchOrder) -> Station:
    named = order.station_id or actor.station_id
    if named is None:
        raise InvalidInput("A person who opens a batch names the station.")
    station = session.scalars(stations_of(actor).where(Station.id == named)).one_or_none()
    if station is None:
        raise NotFound(station_id=named)
    return station


def batch_of(session: Session, actor: Actor, batch_id: str, *, lock: bool = False) -> Batch:
    """A batch that this station sent, or that this person may see."""
    statement = select(Batch).where(Batch.id == batch_id, actor.sees(Batch.region_code))
    if actor.station_id is not None:
        statement = select(Batch).where(Batch.id == batch_id, Batch.station_id == actor.station_id)
    batch = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if batch is None:
        raise NotFound(batch_id=batch_id)
    return batch


def arrived(session: Session, actor: Actor, batch_id: str, file_no: int, sha256: str) -> BatchFile | None:
    """What is known of this file if it arrived before; None if it must be sent.

    Raises:
        Conflict: another file has this number.
        BatchSealed: it did not arrive before the batch was sealed.
    """
    return _known(session, batch_of(session, actor, batch_id), file_no, sha256)


def _known(session: Session, batch: Batch, file_no: int, sha256: str) -> BatchFile | None:
    if not 1 <= file_no <= batch.declared_files:
        raise InvalidInput("The number is outside what the batch declared.", file_no=file_no)
    known = session.get(BatchFile, (batch.id, file_no))
    if known is not None and known.sha256 != sha256:
        raise Conflict("Another file has this number in the batch.", batch_id=batch.id, file_no=file_no)
    if known is None and batch.state == BatchState.SEALED:
        raise BatchSealed(batch_id=batch.id)
    return known


def keep_file(archive: Archive, sent: SentFile) -> KeptFile:
    """Look at the bytes and put them, sealed, into the store. No row is touched.

    Raises:
        DigestMismatch: the bytes are not the announced ones; nothing is kept, the station sends again.
    """
    found = hashlib.sha256(sent.data).hexdigest()
    if found != sent.sha256:
        raise DigestMismatch(batch_id=sent.batch_id, file_no=sent.file_no, expected=sent.sha256, found=found)
    document_id = document_id_of(sent.batch_id, sent.file_no, found)
    kept = KeptFile(
        batch_id=sent.batch_id,
        file_no=sent.file_no,
        sha256=found,
        size_bytes=len(sent.data),
        document_id=document_id,
    )
    try:
        inspected = inspect(sent.data, archive.limits)
    except Rejected as refusal:
        return replace(kept, refusal=refusal)
    subject = document_subject(document_id)
    keeping = replace(archive, keyring=archive.keyring.for_one_step())
    keeping.keyring.create_key(subject)
    return replace(
        kept,
        inspected=inspected,
        stored=put_sealed(keeping, document_id, original_name(document_id, found), sent.data),
        file_name_sealed=keeping.keyring.seal(subject, sent.name.encode(), FILE_NAME_CONTEXT) if sent.name else None,
    )


def refused_file(batch_id: str, file_no: int, sha256: str, refusal: FileTooLarge) -> KeptFile:
    """A file that was not even taken in: its hash is the announced one, its size what was seen of it."""
    return KeptFile(
        batch_id=batch_id,
        file_no=file_no,
        sha256=sha256,
        size_bytes=int(str(refusal.facts.get("size_bytes", 0))),
        document_id="",
        refusal=refusal,
    )


def put_sealed(archive: Archive, document_id: str, name: str, plain: bytes) -> StoredObject:
    """Seal bytes of a document, write them under their name, and give the row that says so (not yet added)."""
    sealed = archive.keyring.seal(document_subject(document_id), plain, name)
    stored_sha256 = hashlib.sha256(sealed).hexdigest()
    archive.objects.put(name, sealed, stored_sha256)
    return StoredObject(
        name=name,
        document_id=document_id,
        size_bytes=len(sealed),
        sha256=hashlib.sha256(plain).hexdigest(),
        stored_sha256=stored_sha256,
    )


def record_file(session: Session, actor: Actor, kept: KeptFile) -> BatchFile:
    """Say what became of a file: kept, kept as a duplicate of another, or refused with its reason."""
    batch = batch_of(session, actor, kept.batch_id, lock=True)
    known = _known(session, batch, kept.file_no, kept.sha256)
    return known or enter_file(session, actor, batch, kept)


def enter_file(session: Session, actor: Actor, batch: Batch, kept: KeptFile) -> BatchFile:
    """The row of a file that was not there before, and its document. The caller holds the lock on the batch."""
    row = BatchFile(
        batch_id=batch.id, file_no=kept.file_no, sha256=kept.sha256, size_bytes=kept.size_bytes, outcome="kept"
    )
    if kept.refusal is not None:
        row.outcome, row.reason_code = FileOutcome.REFUSED, kept.refusal.code
        audit.record(session, actor, "file.refused", f"batch:{batch.id}", file=kept.file_no, reason=kept.refusal.code)
    else:
        # The audit entry locks the end of the chain, so two arrivals of the same bytes cannot both seem the first.
        audit.record(session, actor, "document.received", f"document:{kept.document_id}", sha256=kept.sha256)
        row.duplicate_of = _first_of(session, kept.sha256)
        row.outcome = FileOutcome.DUPLICATE if row.duplicate_of else FileOutcome.KEPT
        row.document_id = kept.document_id
        _take_into_custody(session, batch, kept, duplicate_of=row.duplicate_of)
    session.add(row)
    session.flush()
    return row


def seal_batch(session: Session, actor: Actor, batch_id: str) -> Batch:
    """Close the batch; sealing again is harmless.

    Raises:
        BatchIncomplete: fewer files arrived than were declared; the missing numbers are named.
    """
    batch = batch_of(session, actor, batch_id, lock=True)
    if batch.state == BatchState.SEALED:
        return batch
    numbers = set(session.scalars(select(BatchFile.file_no).where(BatchFile.batch_id == batch_id)))
    missing = sorted(set(range(1, batch.declared_files + 1)) - numbers)
    if missing:
        raise BatchIncomplete(batch_id=batch_id, missing=missing[:50], missing_count=len(missing))
    batch.state, batch.sealed_at = BatchState.SEALED, utc_now()
    audit.record(session, actor, "batch.sealed", f"batch:{batch.id}", number=batch.number, files=len(numbers))
    return batch


def files_of(session: Session, batch_id: str) -> list[BatchFile]:
    statement = select(BatchFile).where(BatchFile.batch_id == batch_id).order_by(BatchFile.file_no)
    return list(session.scalars(statement))


def document_id_of(batch_id: str, file_no: int, sha256: str) -> str:
    """The id every sending of this file leads to; it begins like the batch's, so that ids keep sorting by time."""
    return batch_id[:12] + hashlib.sha256(f"{batch_id}/{file_no}/{sha256}".encode()).hexdigest()[:20]


def _first_of(session: Session, sha256: str) -> str | None:
    """The first document with these bytes that is still there."""
    gone = (DocumentState.DESTROYED, DocumentState.DESTROYING, DocumentState.REFUSED)
    same = select(func.min(Document.id)).where(
        Document.sha256 == sha256, Document.state.not_in(gone), Document.duplicate_of.is_(None)
    )
    return session.scalar(same)


def _take_into_custody(session: Session, batch: Batch, kept: KeptFile, *, duplicate_of: str | None) -> None:
    assert kept.inspected is not None
    assert kept.stored is not None
    session.add(
        Document(
            id=kept.document_id,
            batch_id=batch.id,
            file_no=kept.file_no,
            station_id=batch.station_id,
            operator=batch.operator,
            region_code=batch.region_code,
            sha256=kept.sha256,
            size_bytes=kept.size_bytes,
            media_type=kept.inspected.media_type.mime,
            file_name_sealed=kept.file_name_sealed,
            state=DocumentState.WAITING if duplicate_of else DocumentState.RECEIVED,
            waiting_for=WaitingFor.DUPLICATE if duplicate_of else None,
            duplicate_of=duplicate_of,
        )
    )
    session.flush()
    session.add(kept.stored)
    if duplicate_of is None:
        jobs.enqueue(session, Step.READ, kept.document_id)
