"""Fields of a document: their sealed evidence, their history, and what a person decides about them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from records.ids import utc_now
from records.models import Document, Field, FieldHistory, Part
from records.readings import Check, DocumentReading, FieldReading
from records.sealing import Keyring, document_subject
from records.terms import FieldState

SETTLED = frozenset({FieldState.SURE, FieldState.ABSENT, FieldState.CONFIRMED, FieldState.CORRECTED,
                     FieldState.UNREADABLE, FieldState.NOT_PRINTED})  # fmt: skip
"""States that ask nothing of a person."""


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """A field opened for somebody who may see it."""

    part_no: int
    name: str
    state: FieldState
    value: str | None
    text: str | None
    confidence: float
    page_no: int | None
    box: list[list[float]] | None
    checks: list[dict[str, Any]]
    suggestions: list[str]
    as_printed: bool
    version: int
    decided_by: str | None


def store_readings(
    session: Session, keyring: Keyring, document: Document, readings: Sequence[DocumentReading], engine: str
) -> None:
    """Put what extraction found in place of what an earlier extraction found; the history keeps both."""
    session.execute(delete(Part).where(Part.document_id == document.id))
    existing = {(f.part_no, f.name): f for f in session.scalars(select(Field).where(Field.document_id == document.id))}
    sealed = _seal_all(keyring, document.id, readings)
    for part_no, reading in enumerate(readings, start=1):
        part = Part(document_id=document.id, part_no=part_no, kind=reading.kind, page_nos=list(reading.page_nos),
                    confidence=reading.confidence)  # fmt: skip
        session.add(part)
        for position, field in enumerate(reading.fields.values()):
            row = existing.pop((part_no, field.name), None) or _new_row(session, document, part_no, field.name)
            _set(row, field.state, engine, sealed[part_no, field.name])
            row.confidence, row.page_no, row.position = field.confidence, field.page_no, position
            row.checks, row.as_printed = as_rows(field.checks), False
            _remember(session, row)
    for row in existing.values():
        session.delete(row)
    session.flush()


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """How a person settles a field. `value` None: the value stays as it was read, or there is none to be had."""

    state: FieldState
    value: str | None
    checks: Sequence[Check]
    as_printed: bool
    by: str


def settle(session: Session, keyring: Keyring, field: Field, settlement: Settlement) -> FieldView:
    """Set what a person decided; what was read stays in the history and in `text`."""
    evidence = _open(keyring, field)
    if settlement.state != FieldState.CONFIRMED:
        evidence["value"] = settlement.value
    sealed = _seal(keyring, field.document_id, field.part_no, field.name, evidence)
    _set(field, settlement.state, settlement.by, sealed)
    field.checks, field.as_printed = as_rows(settlement.checks), settlement.as_printed
    _remember(session, field)
    session.flush()
    return _view(field, evidence)


def as_rows(checks: Iterable[Check]) -> list[dict[str, Any]]:
    return [{"name": check.name, "passed": check.passed} for check in checks]


def opened_fields(session: Session, keyring: Keyring, document_id: str) -> list[FieldView]:
    """All fields of a document in the clear, in part and reading order."""
    rows = session.scalars(
        select(Field).where(Field.document_id == document_id).order_by(Field.part_no, Field.position)
    ).all()
    return open_each(keyring, rows)


def open_each(keyring: Keyring, rows: Sequence[Field]) -> list[FieldView]:
    """Fields of whatever documents in the clear, in the order of the rows."""
    opened = keyring.open_many(
        (document_subject(row.document_id), row.sealed or b"", field_context(row.part_no, row.name)) for row in rows
    )
    return [_view(row, json.loads(plain) if plain else {}) for row, plain in zip(rows, opened, strict=True)]


def opened_history(session: Session, keyring: Keyring, document_id: str) -> list[dict[str, Any]]:
    """Every state each field has had, oldest first."""
    rows = session.scalars(
        select(FieldHistory)
        .where(FieldHistory.document_id == document_id)
        .order_by(FieldHistory.part_no, FieldHistory.name, FieldHistory.version)
    ).all()
    opened = keyring.open_many(
        (document_subject(row.document_id), row.sealed or b"", field_context(row.part_no, row.name)) for row in rows
    )
    return [
        {
            "part_no": row.part_no,
            "name": row.name,
            "version": row.version,
            "state": row.state,
            "value": json.loads(plain).get("value") if plain else None,
            "decided_by": row.decided_by,
            "decided_at": row.decided_at,
            "checks": row.checks,
            "as_printed": row.as_printed,
        }
        for row, plain in zip(rows, opened, strict=True)
    ]


def _new_row(session: Session, document: Document, part_no: int, name: str) -> Field:
    row = Field(document_id=document.id, part_no=part_no, name=name, version=0)
    session.add(row)
    return row


def _set(row: Field, state: FieldState, by: str, sealed: bytes) -> None:
    row.state, row.decided_by, row.sealed = state, by, sealed
    row.decided_at, row.version = utc_now(), row.version + 1


def _remember(session: Session, row: Field) -> None:
    session.add(
        FieldHistory(document_id=row.document_id, part_no=row.part_no, name=row.name, version=row.version,
                     state=row.state, decided_by=row.decided_by, decided_at=row.decided_at, checks=row.checks,
                     as_printed=row.as_printed, sealed=row.sealed)
    )  # fmt: skip


def _evidence(field: FieldReading) -> dict[str, Any]:
    return {"value": field.value, "text": field.text, "box": field.box, "suggestions": list(field.suggestions)}


def field_context(part_no: int, name: str) -> str:
    """The context a field's evidence is sealed with."""
    return f"fields:{part_no}:{name}"


def _seal_all(keyring: Keyring, document_id: str, readings: Sequence[DocumentReading]) -> dict[tuple[int, str], bytes]:
    """The evidence of every field by part and name, sealed with one look-up of the key."""
    fields = {
        (part_no, field.name): field
        for part_no, reading in enumerate(readings, start=1)
        for field in reading.fields.values()
    }
    plain = [(_plain(_evidence(field)), field_context(*place)) for place, field in fields.items()]
    return dict(zip(fields, keyring.seal_many(document_subject(document_id), plain), strict=True))


def _seal(keyring: Keyring, document_id: str, part_no: int, name: str, evidence: dict[str, Any]) -> bytes:
    return keyring.seal(document_subject(document_id), _plain(evidence), field_context(part_no, name))


def _plain(evidence: dict[str, Any]) -> bytes:
    return json.dumps(evidence, ensure_ascii=False).encode()


def _open(keyring: Keyring, row: Field) -> dict[str, Any]:
    plain = keyring.open(document_subject(row.document_id), row.sealed or b"", field_context(row.part_no, row.name))
    evidence: dict[str, Any] = json.loads(plain)
    return evidence


def _view(row: Field, evidence: dict[str, Any]) -> FieldView:
    return FieldView(
        part_no=row.part_no,
        name=row.name,
        state=FieldState(row.state),
        value=evidence.get("value"),
        text=evidence.get("text"),
        confidence=row.confidence,
        page_no=row.page_no,
        box=evidence.get("box"),
        checks=row.checks,
        suggestions=evidence.get("suggestions", []),
        as_printed=row.as_printed,
        version=row.version,
        decided_by=row.decided_by,
    )
