"""A customer file as a whole: each field with the record it comes from and who settled it, and the papers it holds."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from records.actors import Actor
from records.completeness import RequiredPaper, papers_in
from records.documents import visible_documents
from records.fields import field_context
from records.models import Document, Field, Part
from records.sealing import Keyring, document_subject
from records.terms import DocumentKind, DocumentState, FieldState

MOST_RECORDS = 50
"""The newest so many records are opened; older ones stay one step away, each under its own archival code."""

_NOT_THERE = (FieldState.ABSENT, FieldState.NOT_PRINTED)
_Place = tuple[str, int]
"""Document id and part number."""


@dataclass(frozen=True, kw_only=True)
class FileField:
    """A value and the record it stands in. `decided_by`: the person who settled it, or the engine that read it."""

    name: str
    kind: DocumentKind
    value: str
    state: FieldState
    document_id: str
    archival_code: str | None
    part_no: int
    page_no: int | None
    decided_by: str | None
    decided_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A field of the file: what the newest record says, and where older ones say something else."""

    latest: FileField
    differing: tuple[FileField, ...]


def file_entries(session: Session, keyring: Keyring, actor: Actor, customer_id: str) -> list[Entry]:
    """What the newest records of a customer say, for somebody who may see them."""
    newest_first = _records(actor, customer_id).order_by(Document.filed_at.desc(), Document.id.desc())
    documents = {document.id: document for document in session.scalars(newest_first.limit(MOST_RECORDS))}
    parts = select(Part).where(Part.document_id.in_(documents))
    kinds = {(part.document_id, part.part_no): DocumentKind(part.kind) for part in session.scalars(parts)}
    rows = session.scalars(select(Field).where(Field.document_id.in_(documents))).all()
    order = {document_id: place for place, document_id in enumerate(documents)}
    return _entries(sorted(_opened(keyring, rows, documents, kinds), key=lambda field: order[field.document_id]))


def papers_held(session: Session, actor: Actor, customer_id: str) -> set[RequiredPaper]:
    """What all its records together hold, however many they are. No value is opened for it."""
    is_printed = and_(
        Field.document_id == Part.document_id, Field.part_no == Part.part_no, Field.state.not_in(_NOT_THERE)
    )
    # Not DISTINCT: SQLite would walk every part of the archive in the order of an index to get it.
    found = (
        _records(actor, customer_id)
        .with_only_columns(Part.kind, Field.name)
        .select_from(Document)
        .join(Part, Part.document_id == Document.id)
        .outerjoin(Field, is_printed)
    )
    printed: dict[DocumentKind, set[str]] = defaultdict(set)
    for kind, name in session.execute(found):
        printed[DocumentKind(kind)].add(name or "")
    return {paper for kind, names in printed.items() for paper in papers_in(kind, names)}


def _records(actor: Actor, customer_id: str) -> Select[Document]:
    return visible_documents(actor).where(Document.customer_id == customer_id, Document.state == DocumentState.FILED)


def _opened(
    keyring: Keyring,
    rows: Sequence[Field],
    documents: Mapping[str, Document],
    kinds: Mapping[_Place, DocumentKind],
) -> list[FileField]:
    """In reading order of their parts. Without those that have no value or whose key is gone."""
    ordered = sorted(rows, key=lambda row: (row.part_no, row.position))
    opened = keyring.open_many(
        (document_subject(row.document_id), row.sealed or b"", field_context(row.part_no, row.name)) for row in ordered
    )
    values = (json.loads(plain).get("value") if plain else None for plain in opened)
    return [
        FileField(
            name=row.name,
            kind=kinds[row.document_id, row.part_no],
            value=value,
            state=FieldState(row.state),
            document_id=row.document_id,
            archival_code=documents[row.document_id].archival_code,
            part_no=row.part_no,
            page_no=row.page_no,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row, value in zip(ordered, values, strict=True)
        if value
    ]


def _entries(newest_first: Iterable[FileField]) -> list[Entry]:
    """One for each field of each kind of paper: 名称 of the licence and 名称 of a form are two."""
    said: dict[tuple[DocumentKind, str], list[FileField]] = defaultdict(list)
    for field in newest_first:
        said[field.kind, field.name].append(field)
    ranks = {kind: rank for rank, kind in enumerate(DocumentKind)}
    grouped = sorted(said.items(), key=lambda group: ranks[group[0][0]])
    return [Entry(latest=fields[0], differing=tuple(_differing(fields))) for _place, fields in grouped]


def _differing(fields: Sequence[FileField]) -> Iterable[FileField]:
    seen = {fields[0].value}
    for field in fields[1:]:
        if field.value not in seen:
            seen.add(field.value)
            yield field
