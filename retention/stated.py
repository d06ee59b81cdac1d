"""Days that records state, for whoever asks why a period does not run, and taken out of records filed without (K32).

A record filed before a schedule named a field, or before such days were kept, has its value sealed: `take_days` opens
it with the key at hand. What falls due by that is never earlier than it was (K38).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.fields import FieldView, open_each
from records.models import Document, Field, Part, RecordDate
from records.record_dates import STATED, days_of_many, row_of, stated_days
from records.sealing import Keyring
from records.terms import DocumentKind, DocumentState, Role, ScheduleState
from retention.amending import next_of_kinds
from retention.due import restart_periods
from retention.facts import kinds_of_many
from retention.models import RetentionSchedule
from retention.schedule import current_schedule, schedule_of

NOT_STATED = "not_stated"
SOURCE = "stated:days"
"""The source of a change that came of taking days out."""
_KINDS = sorted(kind.value for kind, fields in STATED.items() if fields)


@dataclass(frozen=True, kw_only=True)
class Lack:
    """A field from which a record's period runs, and why it gives no day."""

    field: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a step of `take_days` did. `last` is the record it ended with; None once there is no other."""

    last: str | None
    documents: int
    days: int
    changed: int


def lacking(session: Session, document: Document) -> list[Lack]:
    """The fields from which the period of a record runs by the schedule in force and that give no day."""
    if document.state != DocumentState.FILED:
        return []
    named = sorted(current_schedule(session).fields_for(kinds_of_many(session, [document])[document.id]))
    stated = days_of_many(session, [document.id], named)[document.id]
    found = {name: stated[name].no_day if name in stated else NOT_STATED for name in named}
    return [Lack(field=name, why=why) for name, why in found.items() if why is not None]


def take_days(session: Session, keyring: Keyring, actor: Actor, *, after: str = "") -> Taken:
    """Take the days out of the next records after this one, and start the periods that run from them."""
    actor.require(Role.ARCHIVIST)
    ids = session.scalars(next_of_kinds(_KINDS, after)).all()
    if not ids:
        return Taken(last=None, documents=0, days=0, changed=0)
    filed = select(Document).where(Document.id.in_(ids), Document.state == DocumentState.FILED)
    documents = session.scalars(filed.order_by(Document.id).with_for_update()).all()
    differing, days = _take(session, keyring, documents)
    session.flush()
    changed = restart_periods(session, actor, differing, source=SOURCE, reason="stated_days")
    audit.record(session, actor, "records.days_taken", "archive:whole", documents=len(documents), days=days,
                 changed=changed)  # fmt: skip
    return Taken(last=ids[-1], documents=len(documents), days=days, changed=changed)


def _take(session: Session, keyring: Keyring, documents: Sequence[Document]) -> tuple[list[Document], int]:
    """Keep what records state and was not kept; gives these records, and how many days there are."""
    ids = [document.id for document in documents]
    named = _named_fields(session)
    wanted = named.union(*STATED.values())
    known, kinds = days_of_many(session, ids, wanted), _parts_of(session, ids)
    fields = _opened(session, keyring, ids, wanted)
    differing, days = [], 0
    for document in documents:
        stated = {each.field: each for each in stated_days(kinds[document.id], fields[document.id], named)}
        if stated.items() <= known[document.id].items():
            continue
        session.execute(
            delete(RecordDate).where(RecordDate.document_id == document.id, RecordDate.field.in_(list(stated)))
        )
        session.add_all(row_of(document.id, each) for each in stated.values())
        differing.append(document)
        days += len(stated)
    return differing, days


def _named_fields(session: Session) -> frozenset[str]:
    """Also those that a draft names, so that its preview is right before anybody approves it."""
    standing = select(RetentionSchedule.version).where(RetentionSchedule.state == ScheduleState.DRAFT)
    drafts = [schedule_of(session, version) for version in session.scalars(standing)]
    return frozenset().union(*(schedule.named_fields for schedule in (current_schedule(session), *drafts)))


def _parts_of(session: Session, ids: Sequence[str]) -> dict[str, dict[int, DocumentKind]]:
    parts: dict[str, dict[int, DocumentKind]] = {document_id: {} for document_id in ids}
    for part in session.scalars(select(Part).where(Part.document_id.in_(ids))):
        parts[part.document_id][part.part_no] = DocumentKind(part.kind)
    return parts


def _opened(
    session: Session, keyring: Keyring, ids: Sequence[str], wanted: frozenset[str]
) -> dict[str, list[FieldView]]:
    """The fields that may state a day, opened; no other is."""
    rows = session.scalars(select(Field).where(Field.document_id.in_(ids), Field.name.in_(wanted))).all()
    opened: dict[str, list[FieldView]] = {document_id: [] for document_id in ids}
    for row, view in zip(rows, open_each(keyring, rows), strict=True):
        opened[row.document_id].append(view)
    return opened
