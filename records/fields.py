"""Fields of a document: their sealed evidence, their history, and what a person decides about them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from records.ids import new_id, utc_now
from records.models import Document, Field, FieldHistory, Part
from records.readings import Check, DocumentReading, FieldReading
from records.sealing import Keyring, document_subject
from records.terms import FieldState

SETTLED = frozenset({FieldState.SURE, FieldState.ABSENT, FieldState.CONFIRMED, FieldState.CORRECTED,
                     FieldState.UNREADABLE, FieldState.NOT_PRINTED})  # fmt: skip
"""States that ask nothing of a person."""

# On the tables, and made once: each field of each document goes through these.
_parts, _fields, _history = (cast(Table, each.__table__) for each in (Part, Field, FieldHistory))
_FORGET_PARTS = delete(_parts).where(_parts.c.document_id == bindparam("of"))
_FORGET_FIELDS = delete(_fields).where(_fields.c.document_id == bindparam("of"))
_VERSIONS = select(_fields.c.part_no, _fields.c.name, _fields.c.version).where(_fields.c.document_id == bindparam("of"))
_KEEP_PARTS, _KEEP_FIELDS, _REMEMBER = insert(_parts), insert(_fields), insert(_history)
_REMEMBERED = tuple(_history.c.keys())


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
    session.execute(_FORGET_PARTS, {"of": document.id})
    versions = {(row.part_no, row.name): row.version for row in session.execute(_VERSIONS, {"of": document.id})}
    if versions:
        session.execute(_FORGET_FIELDS, {"of": document.id})
    rows = _rows_of(document.id, readings, engine, _seal_all(keyring, document.id, readings), versions)
    if readings:
        session.execute(_KEEP_PARTS, [_part_row(document.id, *each) for each in enumerate(readings, start=1)])
    if rows:
        session.execute(_KEEP_FIELDS, rows)
        session.execute(_REMEMBER, [{name: row[name] for name in _REMEMBERED} for row in rows])


def _part_row(document_id: str, part_no: int, reading: DocumentReading) -> dict[str, Any]:
    return {"document_id": document_id, "part_no": part_no, "kind": reading.kind, "page_nos": list(reading.page_nos),
            "confidence": reading.confidence}  # fmt: skip


def _rows_of(
    document_id: str,
    readings: Sequence[DocumentReading],
    engine: str,
    sealed: Mapping[tuple[int, str], bytes],
    versions: Mapping[tuple[int, str], int],
) -> list[dict[str, Any]]:
    """A row for each field found; its version goes on from the one that stood there."""
    now = utc_now()
    return [
        {
            "id": new_id(),
            "document_id": document_id,
            "part_no": part_no,
            "name": field.name,
            "position": position,
            "state": field.state,
            "confidence": field.confidence,
            "page_no": field.page_no,
            "checks": as_rows(field.checks),
            "sealed": sealed[part_no, field.name],
            "as_printed": False,
            "version": versions.get((part_no, field.name), 0) + 1,
            "decided_by": engine,
            "decided_at": now,
        }
        for part_no, reading in enumerate(readings, start=1)
        for position, field in enumerate(reading.fields.values())
    ]


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
