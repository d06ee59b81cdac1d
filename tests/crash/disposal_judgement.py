"""What must be true of destruction: after every kill, and when all lists are carried out.

After a kill a document is untouched, on its way out, or gone, and the register says which. `told_too_much` reads the
register before and after it looks, because a server may still finish the last request of whoever was killed; it judges
what did not change meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.entry import SearchQuery
from intake import fsck
from intake.archive import Archive
from records.errors import ChainBroken
from records.models import AuditEntry, Document, StoredObject
from records.sealing import document_subject
from records.terms import DocumentState, ListState
from retention import register
from retention.models import DestructionList, RegisterEntry
from storage.objects import document_prefix

BEGUN, DONE = (register.BEGUN,), (register.BEGUN, register.DESTROYED)
WATCHED = ("destruction.begun", "document.destroyed")

Told = dict[str, tuple[str, ...]]


def told_too_much(archive: Archive, list_id: str, document_ids: Sequence[str]) -> list[str]:
    """Where the register says something else than what is there, at this moment."""
    before, is_begun = _events(archive, document_ids), _is_begun(archive, list_id)
    found: dict[str, list[str]] = {}
    with archive.reading() as session:
        for document_id in document_ids:
            found[document_id] = list(_differs(archive, session, document_id, before[document_id], is_begun))
    after = _events(archive, document_ids)
    faults = [fault for each in document_ids if before[each] == after[each] for fault in found[each]]
    return faults + list(_broken(archive))


def faults(archive: Archive, *, lists: int, doomed: Sequence[str], kept: Sequence[str]) -> Iterator[str]:
    """Whatever is not destroyed, is destroyed without being on a list, or is told twice."""
    with archive.reading() as session:
        yield from _told(session, lists, doomed)
        for document_id in doomed:
            yield from _remains(archive, session, document_id)
        for document_id in kept:
            if (state := session.get_one(Document, document_id).state) != DocumentState.FILED:
                yield f"{state} without being on a list: {document_id}"
    yield from (f"fsck: {finding.code} {finding.subject}" for finding in fsck.check(archive, deep=True))


def _events(archive: Archive, document_ids: Sequence[str]) -> Told:
    told: dict[str, list[str]] = {document_id: [] for document_id in document_ids}
    rows = select(RegisterEntry.document_id, RegisterEntry.event).where(RegisterEntry.document_id.in_(document_ids))
    with archive.reading() as session:
        for document_id, event in session.execute(rows.order_by(RegisterEntry.seq)):
            told[document_id].append(event)
    return {document_id: tuple(events) for document_id, events in told.items()}


def _is_begun(archive: Archive, list_id: str) -> bool:
    with archive.reading() as session:
        return session.get_one(DestructionList, list_id).state != ListState.APPROVED


def _broken(archive: Archive) -> Iterator[str]:
    with archive.reading() as session:
        try:
            register.verify(session)
        except ChainBroken as broken:
            yield f"the register does not hold: {broken}"


def _differs(
    archive: Archive, session: Session, document_id: str, told: tuple[str, ...], is_begun: bool
) -> Iterator[str]:
    state = session.get_one(Document, document_id).state
    if told == DONE:
        yield from _remains(archive, session, document_id)
    elif told == BEGUN:
        if state != DocumentState.DESTROYING:
            yield f"begun, yet {state}: {document_id}"
    elif told:
        yield f"the register tells {told} of {document_id}"
    else:
        yield from _is_hurt(archive, session, document_id)
    if told and not is_begun:
        yield f"told of, and its list is not begun: {document_id}"


def _is_hurt(archive: Archive, session: Session, document_id: str) -> Iterator[str]:
    """Nothing may be missing of a document of which nothing was told."""
    document = session.get_one(Document, document_id)
    if document.state != DocumentState.FILED:
        yield f"{document.state}, and nothing was told: {document_id}"
    if not archive.keyring.has_key(document_subject(document_id)):
        yield f"its key is gone, and nothing was told: {document_id}"
    rows = set(session.scalars(select(StoredObject.name).where(StoredObject.document_id == document_id)))
    stored = {info.name for info in archive.objects.list(document_prefix(document_id))}
    if not rows or rows - stored:
        yield f"{len(rows - stored)} objects are gone, and nothing was told: {document_id}"
    if not _is_found(archive, session, document):
        yield f"it is not found any more, and nothing was told: {document_id}"


def _remains(archive: Archive, session: Session, document_id: str) -> Iterator[str]:
    document = session.get_one(Document, document_id)
    if document.state != DocumentState.DESTROYED or document.archival_code is None:
        yield f"{document.state} instead of destroyed: {document_id}"
    if list(archive.objects.versions(document_prefix(document_id))):
        yield f"objects are left: {document_id}"
    if archive.keyring.has_key(document_subject(document_id)):
        yield f"its key is left: {document_id}"
    if _is_found(archive, session, document):
        yield f"it is still found: {document_id}"


def _is_found(archive: Archive, session: Session, document: Document) -> bool:
    query = SearchQuery(archival_code=document.archival_code)
    return bool(archive.index.search(session.connection(), query).hits)


def _told(session: Session, lists: int, doomed: Sequence[str]) -> Iterator[str]:
    """The register tells beginning and end of each once, in this order; the audit log as well; every list is closed."""
    told: dict[str, list[str]] = {document_id: [] for document_id in doomed}
    rows = select(RegisterEntry.document_id, RegisterEntry.event).order_by(RegisterEntry.seq)
    for document_id, event in session.execute(rows):
        told.setdefault(document_id, []).append(event)
    yield from (f"the register tells {e} of {d}" for d, e in told.items() if tuple(e) != DONE)
    acts = Counter(tuple(row) for row in session.execute(select(AuditEntry.object, AuditEntry.action)))
    for document_id in doomed:
        for action in WATCHED:
            if (times := acts[(f"document:{document_id}", action)]) != 1:
                yield f"{action} {times} times for {document_id}"
    states = Counter(session.scalars(select(DestructionList.state)))
    if states != Counter({ListState.EXECUTED.value: lists}):
        yield f"lists are {dict(states)}"
