"""What must be true after everything was killed and let finish: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from index.entry import SearchQuery
from intake import fsck
from intake.archive import Archive
from intake.jobs import Job
from records.models import AuditEntry, Batch, BatchFile, Customer, Document, Field, FieldHistory
from records.models import Counter as CounterRow
from records.terms import BatchState, DocumentState, FileOutcome, JobState, Step
from tests.crash.papers import Papers

ONCE = ("document.received", "document.read", "document.extracted", "document.filed")
"""Acts of which each document has exactly one."""
STEPS = (Step.READ, Step.EXTRACT, Step.FILE)


def faults(archive: Archive, papers: Papers) -> list[str]:
    """Everything that is wrong, in words; empty when nothing was lost or doubled."""
    with archive.reading() as session:
        found = [
            *_station(papers),
            *_custody(session, papers),
            *_acts(session),
            *_records(session, archive),
            *_customers(session, papers),
            *_batches(session, papers),
        ]
    return found + [f"fsck: {finding.code} {finding.subject}" for finding in fsck.check(archive, deep=True)]


def _station(papers: Papers) -> Iterator[str]:
    """Every scan left the folder for `sent/`, whole and under its own name."""
    sent = papers.sent()
    for name in sorted(papers.sha256_of.keys() | sent.keys()):
        if sent.get(name) != papers.sha256_of.get(name):
            yield f"scan {name} is not in sent/ as it was made"
    if not papers.is_settled():
        yield "the station still has a batch under way"


def _custody(session: Session, papers: Papers) -> Iterator[str]:
    """What was acknowledged is there once, kept, and nothing else is."""
    kept = Counter(session.scalars(select(BatchFile.sha256).where(BatchFile.outcome == FileOutcome.KEPT)))
    filed = Counter(session.scalars(select(Document.sha256).where(Document.state == DocumentState.FILED)))
    expected = Counter(papers.sha256_of.values())
    for what, found in (("kept", kept), ("filed", filed)):
        for sha256 in (expected - found).elements():
            yield f"lost: {sha256[:12]} is not {what}"
        for sha256 in (found - expected).elements():
            yield f"doubled: {sha256[:12]} is {what} again"
    for name, rows, count in (("files", BatchFile, len(expected)), ("documents", Document, len(expected))):
        if (found_rows := session.scalar(select(func.count()).select_from(rows))) != count:
            yield f"{found_rows} {name} for {count} scans"


def _acts(session: Session) -> Iterator[str]:
    """Each document went through each step once, by the audit log and by the jobs."""
    ids = list(session.scalars(select(Document.id)))
    acts = Counter(tuple(row) for row in session.execute(select(AuditEntry.object, AuditEntry.action)))
    finished = select(Job.document_id, Job.step).where(Job.state == JobState.DONE)
    done = Counter(tuple(row) for row in session.execute(finished))
    for document_id in ids:
        for action in ONCE:
            if (times := acts[(f"document:{document_id}", action)]) != 1:
                yield f"{action} {times} times for {document_id}"
        for step in STEPS:
            if (times := done[(document_id, step.value)]) != 1:
                yield f"job {step} done {times} times for {document_id}"
    unfinished = session.scalar(select(func.count()).select_from(Job).where(Job.state != JobState.DONE))
    if unfinished:
        yield f"{unfinished} jobs are not done"


def _records(session: Session, archive: Archive) -> Iterator[str]:
    """One archival code each, given without a gap; each field set once; each record found once."""
    documents = session.scalars(select(Document)).all()
    codes = {document.archival_code for document in documents}
    given = session.scalar(select(func.sum(CounterRow.value)).where(CounterRow.name.like("%KH·%")))
    if not len(codes) == len(documents) == given:
        yield f"{len(codes)} archival codes for {len(documents)} documents, {given} given"
    fields, states = (session.scalar(select(func.count()).select_from(table)) for table in (Field, FieldHistory))
    if not fields or fields != states:
        yield f"{states} states in the history of {fields} fields"
    for document in documents:
        query = SearchQuery(archival_code=document.archival_code)
        hits = [hit.document_id for hit in archive.index.search(session.connection(), query).hits]
        if hits != [document.id]:
            yield f"found {len(hits)} times: {document.id}"


def _customers(session: Session, papers: Papers) -> Iterator[str]:
    count = session.scalar(select(func.count()).select_from(Customer))
    proposed = session.scalar(
        select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "customer.proposed")
    )
    if not count == proposed == papers.companies:
        yield f"{count} customers, {proposed} proposed, for {papers.companies} companies"


def _batches(session: Session, papers: Papers) -> Iterator[str]:
    states = Counter(session.scalars(select(Batch.state)))
    if states != Counter({BatchState.SEALED.value: papers.receipts()}):
        yield f"batches {dict(states)} for {papers.receipts()} receipts"
