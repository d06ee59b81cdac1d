"""Rescans (R23): a better scan of a file that was refused or sent back joins its batch, under a number of its own."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake import receive
from intake.receive import KeptFile
from records import audit
from records.actors import Actor
from records.errors import Conflict, InvalidInput, NotFound, WrongState
from records.models import Batch, BatchFile, Document
from records.terms import DocumentState, FileOutcome, Role


def place_of(session: Session, actor: Actor, batch_id: str, file_no: int, sha256: str) -> tuple[int, BatchFile | None]:
    """The number a rescan of this file gets, and what is known of it if it arrived before.

    Raises:
        WrongState: nobody asks for a rescan of this file, or one has come already.
        InvalidInput: the bytes are those that were refused.
    """
    actor.require(Role.SCANNER)
    return _place(session, receive.batch_of(session, actor, batch_id), file_no, sha256)


def record_rescan(session: Session, actor: Actor, kept: KeptFile, rescan_of: int) -> BatchFile:
    """Say what became of a rescan.

    Raises:
        Conflict: another rescan took the number meanwhile; it is sent again.
    """
    actor.require(Role.SCANNER)
    batch = receive.batch_of(session, actor, kept.batch_id, lock=True)
    number, known = _place(session, batch, rescan_of, kept.sha256)
    if known is not None:
        return known
    if number != kept.file_no:
        raise Conflict(batch_id=batch.id, file_no=rescan_of)
    row = receive.enter_file(session, actor, batch, kept)
    row.rescan_of = rescan_of
    session.flush()
    audit.record(session, actor, "file.rescanned", f"batch:{batch.id}", file=rescan_of, rescan=number)
    return row


def _place(session: Session, batch: Batch, file_no: int, sha256: str) -> tuple[int, BatchFile | None]:
    original = session.get(BatchFile, (batch.id, file_no))
    if original is None:
        raise NotFound(batch_id=batch.id, file_no=file_no)
    if original.sha256 == sha256:
        raise InvalidInput("These are the bytes that were refused. Scan the paper again.", file_no=file_no)
    of_it = select(BatchFile).where(BatchFile.batch_id == batch.id, BatchFile.rescan_of == file_no)
    rescans = list(session.scalars(of_it))
    known = next((row for row in rescans if row.sha256 == sha256), None)
    if known is not None:
        return known.file_no, known
    if not _is_refused(session, original) or not all(row.outcome == FileOutcome.REFUSED for row in rescans):
        raise WrongState("No rescan of this file is wanted.", batch_id=batch.id, file_no=file_no)
    highest = session.scalar(select(func.max(BatchFile.file_no)).where(BatchFile.batch_id == batch.id)) or 0
    return max(highest, batch.declared_files) + 1, None


def _is_refused(session: Session, row: BatchFile) -> bool:
    if row.document_id is None:
        return row.outcome == FileOutcome.REFUSED
    return session.get_one(Document, row.document_id).state == DocumentState.REFUSED
