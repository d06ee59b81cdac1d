"""What has happened to records, as far as their periods run from it: dates of their own, of their customers, events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from records.models import Document, Part
from records.record_dates import StatedDay, days_of_many
from records.terms import DocumentKind, Trigger
from records.volumes import ends_of
from retention.models import EventRetraction, Restriction, RetentionEvent, TermChange
from retention.triggers import EVENTS, Facts, FieldDay, Source

REQUEST = "request:"
"""How the source of a change begins that a granted request made."""


class DatedRecord(NamedTuple):
    """The columns of a document that its term follows from, read without the rest: millions are, for a preview."""

    id: str
    customer_id: str | None
    volume_no: int
    archival_code: str | None
    retention_class: str | None
    schedule_version: int | None
    received_at: dt.datetime
    filed_at: dt.datetime | None
    formed_on: dt.date | None
    due_on: dt.date | None


DATED = tuple(getattr(Document, name) for name in DatedRecord._fields)
Dated = Document | DatedRecord


def facts_of_many(session: Session, documents: Sequence[Dated], named: Collection[str]) -> dict[str, Facts]:
    """The facts of each document by its id; of the days that records state, those of the fields named only."""
    ends = ends_of(session, {document.customer_id for document in documents if document.customer_id})
    stated = days_of_many(session, [document.id for document in documents], named)
    events = events_on(session, {subject for document in documents for subject in subjects_of(document)})
    return {
        document.id: {
            Trigger.RECEIVED: document.received_at.date(),
            Trigger.FILED: (document.filed_at or document.received_at).date(),
            Trigger.FORMED: document.formed_on,
            Trigger.RELATIONSHIP_ENDED: ends.get((document.customer_id or "", document.volume_no)),
        }
        | latest_of(events, subjects_of(document))
        | facts_of_paper(stated[document.id].values())
        for document in documents
    }


def facts_of_paper(stated: Iterable[StatedDay]) -> dict[Source, dt.date | None]:
    """The days that a record states."""
    return {FieldDay(field=each.field): each.day for each in stated}


def kinds_of_many(session: Session, documents: Sequence[Dated]) -> dict[str, list[DocumentKind]]:
    """The kinds of the parts of each document by its id."""
    kinds: dict[str, list[DocumentKind]] = {document.id: [] for document in documents}
    rows = select(Part.document_id, Part.kind).where(Part.document_id.in_(kinds)).order_by(Part.part_no)
    for document_id, kind in session.execute(rows):
        kinds[document_id].append(DocumentKind(kind))
    return kinds


def asked_for(session: Session, documents: Sequence[Dated]) -> set[str]:
    """Those whose customer asked for their destruction and was granted it."""
    ids = [document.id for document in documents]
    moved = select(TermChange.document_id).where(TermChange.document_id.in_(ids), TermChange.source.startswith(REQUEST))
    restricted = select(Restriction.document_id).where(
        Restriction.document_id.in_(ids), Restriction.source.startswith(REQUEST), Restriction.lifted_at.is_(None)
    )
    return {*session.scalars(moved), *session.scalars(restricted)}


Subject = tuple[str, int | None]
"""What an event happened to: a document, or a customer in the relationship of one volume."""


def subjects_of(document: Dated) -> list[Subject]:
    return subjects(document.id, document.customer_id, document.volume_no)


def subjects(document_id: str, customer_id: str | None, volume_no: int) -> list[Subject]:
    own: Subject = (f"document:{document_id}", None)
    return [own, (f"customer:{customer_id}", volume_no)] if customer_id else [own]


Events = dict[Subject, dict[Trigger, dt.date]]


def events_on(session: Session, wanted: Iterable[Subject]) -> Events:
    """The last day reported of each kind of event on each of these subjects: reporting another never shortens.

    What was retracted has not happened. The end of a relationship is read from its volume.
    """
    names = sorted({name for name, _volume_no in wanted})
    retracted = exists().where(EventRetraction.event_id == RetentionEvent.id)
    days = (
        select(
            RetentionEvent.subject, RetentionEvent.volume_no, RetentionEvent.kind, func.max(RetentionEvent.happened_on)
        )
        .where(RetentionEvent.subject.in_(names), RetentionEvent.kind.in_(EVENTS), ~retracted)
        .group_by(RetentionEvent.subject, RetentionEvent.volume_no, RetentionEvent.kind)
    )
    events: Events = {}
    for name, volume_no, kind, day in session.execute(days):
        events.setdefault((name, volume_no), {})[Trigger(kind)] = day
    return events


def latest_of(events: Events, wanted: Sequence[Subject]) -> dict[Source, dt.date | None]:
    found: dict[Source, dt.date | None] = {}
    for subject in wanted:
        for trigger, day in events.get(subject, {}).items():
            known = found.get(trigger)
            found[trigger] = day if known is None else max(known, day)
    return found
