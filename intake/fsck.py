"""Whether everything that must be there is there, and nothing else: rows, bytes, keys, index, jobs, chains.

Each check yields findings; none changes anything. `sweep` takes away what an interrupted receiving may leave: objects
without a row.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from intake.archive import Archive
from intake.indexing import is_searchable
from intake.jobs import Job
from records import audit
from records.errors import ChainBroken
from records.ids import utc_now
from records.models import BatchFile, Customer, Document, StoredObject
from records.sealing import customer_subject, document_subject
from records.terms import CustomerState, DocumentState, FileOutcome, JobState
from retention import register
from storage.fixity import Expected, Fixity, check_fixity
from storage.objects import document_prefix

MOVING = (DocumentState.RECEIVED, DocumentState.READ, DocumentState.VERIFIED)
"""States a document is in only while a job of its waits or runs."""
SWEEP_AFTER = dt.timedelta(hours=24)
"""A file may be between its bytes and its row for as long as a slow station takes; never this long."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is not as it must be. `code` is stable; `subject` is `noun:id`."""

    code: str
    subject: str


def check(archive: Archive, *, deep: bool = False) -> Iterator[Finding]:
    """Everything that is wrong. `deep` also fetches every object and compares its hash with its row.

    Run it while work goes on and it may name what is just being received; run it again and that is gone.
    """
    with archive.reading() as session:
        yield from _objects(archive, session)
        if deep:
            yield from _fixity(archive, session)
        yield from _keys(archive, session)
        yield from _index(archive, session)
        yield from _stuck(session)
        yield from _receipts(session)
        yield from _chains(session)


def sweep(archive: Archive, *, older_than: dt.timedelta = SWEEP_AFTER) -> int:
    """Delete objects that an interrupted receiving left without a row; tells of how many documents.

    What an interrupted reading left beside a recorded document stays: it goes when the document is destroyed. The age
    is read from the document's id: it begins with the time its batch was opened. The key stays: it protects
    nothing any more, and a station that comes back after all finds it and sends again.
    """
    before = f"{int((utc_now() - older_than).timestamp() * 1000):012x}"
    with archive.reading() as session:
        found = [finding for finding in _objects(archive, session) if finding.code == "orphan_object"]
        orphans = {finding.subject.split("/")[1] for finding in found}
        unknown = {document_id for document_id in orphans if session.get(Document, document_id) is None}
    doomed = [document_id for document_id in sorted(unknown) if document_id[:12] < before]
    for document_id in doomed:
        archive.objects.delete_all(document_prefix(document_id))
    return len(doomed)


def _objects(archive: Archive, session: Session) -> Iterator[Finding]:
    """Every row has its object and every object its row, both walked in the order of names."""
    binary = StoredObject.name.collate("C" if archive.engine.dialect.name == "postgresql" else "BINARY")
    rows = session.scalars(select(StoredObject.name).order_by(binary).execution_options(yield_per=1_000))
    for name, where in _merge(rows, (info.name for info in archive.objects.list("documents/"))):
        if where == "left":
            yield Finding(code="object_missing", subject=f"object:{name}")
        elif where == "right":
            yield Finding(code="orphan_object", subject=f"object:{name}")


def _fixity(archive: Archive, session: Session) -> Iterator[Finding]:
    for row in session.scalars(select(StoredObject).execution_options(yield_per=500)):
        expected = Expected(
            name=row.name,
            subject=document_subject(row.document_id),
            context=row.name,
            stored_sha256=row.stored_sha256,
            plain_sha256=row.sha256,
        )
        state = check_fixity(archive.objects, archive.keyring, expected)
        if state not in (Fixity.SOUND, Fixity.MISSING):
            yield Finding(code=state.value, subject=f"object:{row.name}")


def _keys(archive: Archive, session: Session) -> Iterator[Finding]:
    """Whatever is kept has its key; whatever is destroyed has none.

    A key whose document or customer was never recorded is no finding: its receiving was interrupted before anything
    was acknowledged, and it protects nothing.
    """
    leaving = [DocumentState.DESTROYING, DocumentState.DESTROYED]
    documents = select(Document.id).where(Document.state.not_in(leaving)).order_by(Document.id)
    customers = select(Customer.id).where(Customer.state != CustomerState.DESTROYED).order_by(Customer.id)
    needed = heapq.merge(
        (customer_subject(each) for each in session.scalars(customers.execution_options(yield_per=1_000))),
        (document_subject(each) for each in session.scalars(documents.execution_options(yield_per=1_000))),
    )
    for subject, where in _merge(needed, archive.keyring.subjects()):
        if where == "left":
            yield Finding(code="key_missing", subject=subject)
        elif where == "right" and _is_destroyed(session, subject):
            yield Finding(code="key_survives", subject=subject)


def _is_destroyed(session: Session, subject: str) -> bool:
    noun, _, subject_id = subject.partition(":")
    if noun == "document":
        document = session.get(Document, subject_id)
        return document is not None and document.state == DocumentState.DESTROYED
    customer = session.get(Customer, subject_id)
    return customer is not None and customer.state == CustomerState.DESTROYED


def _index(archive: Archive, session: Session) -> Iterator[Finding]:
    searchable = select(Document.id).where(is_searchable()).order_by(Document.id)
    rows = session.scalars(searchable.execution_options(yield_per=1_000))
    for document_id, where in _merge(rows, archive.index.document_ids(session.connection())):
        if where == "left":
            yield Finding(code="not_indexed", subject=f"document:{document_id}")
        elif where == "right":
            yield Finding(code="stale_in_index", subject=f"document:{document_id}")


def _stuck(session: Session) -> Iterator[Finding]:
    """Documents that ought to move and have no job that moves them. A parked job is for people to see, not lost."""
    live = exists().where(Job.document_id == Document.id, Job.state != JobState.DONE)
    for document_id in session.scalars(select(Document.id).where(Document.state.in_(MOVING), ~live)):
        yield Finding(code="stuck", subject=f"document:{document_id}")


def _receipts(session: Session) -> Iterator[Finding]:
    """What a receipt names as kept has its document."""
    kept = BatchFile.outcome.in_([FileOutcome.KEPT, FileOutcome.DUPLICATE])
    missing = select(BatchFile.batch_id, BatchFile.file_no).where(
        kept, ~exists().where(Document.id == BatchFile.document_id)
    )
    for batch_id, file_no in session.execute(missing):
        yield Finding(code="receipt_without_document", subject=f"batch:{batch_id}/{file_no}")


def _chains(session: Session) -> Iterator[Finding]:
    for name, verify in (("audit", audit.verify), ("register", register.verify)):
        try:
            verify(session)
        except ChainBroken as broken:
            yield Finding(code=broken.code, subject=f"{name}:{broken.facts.get('seq')}")


def _merge(left: Iterable[str], right: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Walk two sorted streams together; tells of each value whether it is in `left`, in `right` or in `both`."""
    tagged = heapq.merge(((value, "left") for value in left), ((value, "right") for value in right))
    for value, group in groupby(tagged, key=lambda pair: pair[0]):
        sides = {side for _, side in group}
        yield value, "both" if len(sides) == 2 else sides.pop()
