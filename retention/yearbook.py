"""The yearly numbers (工作台账): what was received, filed, appraised, destroyed and held in a year (R109, R121, R122).

Each number is counted from what the archive keeps for ever – receipts, the audit log, rounds of appraisal that were
concluded, the register, tombstones – and from nothing that changes later: a record that moved to another class since
is counted under the one it was filed in. So the figures of a year that is over stay, whatever is destroyed. Years are
those of UTC, as in archival codes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import JSON, Select, String, cast, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import ColumnElement

from records.actors import Actor
from records.models import AuditEntry, Batch, BatchFile, Document
from records.terms import FileOutcome, Role, Verdict, YearlyNumber
from retention import register
from retention.models import Appraisal, AppraisedDocument, Hold, RegisterEntry

NOT_SAID = "-"
"""In place of a region or a class where there is none: a hold has neither, a file is received before it has a class."""
_SUBJECT_AT = len("document:") + 1


@dataclass(frozen=True, kw_only=True)
class Line:
    """The numbers of one region and retention class."""

    region_code: str
    retention_class: str
    numbers: Counter[YearlyNumber]


@dataclass(frozen=True, kw_only=True)
class Yearbook:
    year: int
    lines: tuple[Line, ...]
    total: Counter[YearlyNumber]


_Found = tuple[str | None, str | None, YearlyNumber, int]


def yearbook_of(session: Session, actor: Actor, year: int) -> Yearbook:
    """The numbers of a year, of the regions this actor may see."""
    actor.require(Role.ARCHIVIST, Role.APPROVER, Role.AUDITOR)
    lines: dict[tuple[str, str], Counter[YearlyNumber]] = {}
    total: Counter[YearlyNumber] = Counter()
    counted = (_received, _sent_back, _filed, _appraised, _destroyed, _held)
    for region_code, retention_class, number, count in (row for each in counted for row in each(session, actor, year)):
        lines.setdefault((region_code or NOT_SAID, retention_class or NOT_SAID), Counter())[number] += count
        total[number] += count
    told = (Line(region_code=place[0], retention_class=place[1], numbers=lines[place]) for place in sorted(lines))
    return Yearbook(year=year, lines=tuple(told), total=total)


def years_of(session: Session, this_year: int) -> list[int]:
    """The years of which there is anything to tell, the present one first."""
    begun = session.scalar(select(AuditEntry.at).order_by(AuditEntry.seq).limit(1))
    return list(range(this_year, (begun.year if begun else this_year) - 1, -1))


def _received(session: Session, actor: Actor, year: int) -> Iterator[_Found]:
    """Files taken into custody: handed over by a station, with a receipt."""
    files = (
        select(Batch.region_code, func.count())
        .join(BatchFile, BatchFile.batch_id == Batch.id)
        .where(_in(BatchFile.arrived_at, year), BatchFile.outcome != FileOutcome.REFUSED, actor.sees(Batch.region_code))
        .group_by(Batch.region_code)
    )
    for region_code, count in session.execute(files):
        yield region_code, None, YearlyNumber.RECEIVED, count


def _sent_back(session: Session, actor: Actor, year: int) -> Iterator[_Found]:
    acts = _of_documents(actor, "document.sent_back", year).with_only_columns(Document.region_code, func.count())
    for region_code, count in session.execute(acts.group_by(Document.region_code)):
        yield region_code, None, YearlyNumber.SENT_BACK, count


def _filed(session: Session, actor: Actor, year: int) -> Iterator[_Found]:
    filed_as = _detail(session, "retention_class").label("filed_as")
    acts = _of_documents(actor, "document.filed", year).with_only_columns(
        Document.region_code, filed_as, func.count(), func.sum(Document.page_count)
    )
    for region_code, retention_class, count, pages in session.execute(acts.group_by(Document.region_code, "filed_as")):
        yield region_code, retention_class, YearlyNumber.FILED, count
        yield region_code, retention_class, YearlyNumber.FILED_PAGES, pages or 0


def _appraised(session: Session, actor: Actor, year: int) -> Iterator[_Found]:
    judged = (
        select(Document.region_code, AppraisedDocument.batch, AppraisedDocument.outcome, func.count())
        .join(Appraisal, Appraisal.id == AppraisedDocument.appraisal_id)
        .join(Document, Document.id == AppraisedDocument.document_id)
        .where(_in(Appraisal.concluded_at, year), actor.sees(Document.region_code))
        .group_by(Document.region_code, AppraisedDocument.batch, AppraisedDocument.outcome)
    )
    for region_code, batch, outcome, count in session.execute(judged):
        number = YearlyNumber.APPRAISED_KEEP if outcome == Verdict.KEEP else YearlyNumber.APPRAISED_DESTROY
        yield region_code, batch.partition("/")[0], number, count


def _destroyed(session: Session, actor: Actor, year: int) -> Iterator[_Found]:
    """By the register, each document once, its copies too; the tombstone says of what class and region."""
    entries = (
        select(Document.region_code, Document.retention_class, RegisterEntry.event, func.count(),
               func.sum(Document.page_count))
        .join(Document, Document.id == RegisterEntry.document_id)
        .where(RegisterEntry.event != register.BEGUN, _in(RegisterEntry.at, year), actor.sees(Document.region_code))
        .group_by(Document.region_code, Document.retention_class, RegisterEntry.event)
    )  # fmt: skip
    for region_code, retention_class, event, count, pages in session.execute(entries):
        if event == register.PAPER_DESTROYED:
            yield region_code, retention_class, YearlyNumber.PAPER_DESTROYED, count
        else:
            yield region_code, retention_class, YearlyNumber.DESTROYED, count
            yield region_code, retention_class, YearlyNumber.DESTROYED_PAGES, pages or 0


def _held(session: Session, _actor: Actor, year: int) -> Iterator[_Found]:
    """Cases; what each lies on may grow, so it is not counted."""
    for number, at in ((YearlyNumber.HOLDS_PLACED, Hold.placed_at), (YearlyNumber.HOLDS_RELEASED, Hold.released_at)):
        if count := session.scalar(select(func.count()).select_from(Hold).where(_in(at, year))):
            yield None, None, number, count


def _of_documents(actor: Actor, action: str, year: int) -> Select[AuditEntry]:
    """Acts upon documents that this actor may see, by the audit log, beside the documents."""
    return (
        select(AuditEntry)
        .join(Document, Document.id == func.substr(AuditEntry.object, _SUBJECT_AT))
        .where(AuditEntry.action == action, _in(AuditEntry.at, year), actor.sees(Document.region_code))
    )


def _in(
    column: InstrumentedAttribute[dt.datetime] | InstrumentedAttribute[dt.datetime | None], year: int
) -> ColumnElement[bool]:
    return (column >= dt.datetime(year, 1, 1, tzinfo=dt.UTC)) & (column < dt.datetime(year + 1, 1, 1, tzinfo=dt.UTC))


def _detail(session: Session, name: str) -> ColumnElement[str]:
    """A detail of an audit entry: its text is JSON, which SQLite reads as it is and PostgreSQL when told."""
    is_text = session.get_bind().dialect.name == "sqlite"
    entry = type_coerce(AuditEntry.entry, JSON) if is_text else cast(AuditEntry.entry, JSON)
    return cast(entry["details"][name].as_string(), String)
