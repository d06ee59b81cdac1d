"""Blind double keying: two people type a field without seeing each other; where they differ, a third settles it.

Which fields are typed so is set (`GUIDANG_DOUBLE_KEYED_FIELDS`). What was read by the machine is no voice here: a clerk
types what the paper says, and until the field is settled nobody is shown what was read. An entry is sealed, and gone
with the doubt.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from records.actors import Actor
from records.desk_models import Keying
from records.documents import readable_document
from records.errors import InvalidInput
from records.fields import FieldView, Settlement
from records.models import Field
from records.sealing import Keyring, document_subject
from records.terms import FieldState, Role


class Turn(StrEnum):
    """Whose turn it is at a field."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    DONE = "done"
    """The one who asks has typed; another must."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    by: str
    state: FieldState
    value: str | None


@dataclass(frozen=True, kw_only=True)
class KeyedField:
    """A field to be typed blindly. `entries` are for the third alone, in no order that says whose they are."""

    part_no: int
    name: str
    turn: Turn
    entries: list[Entry]


def is_blind(field: Field | FieldView, names: Collection[str]) -> bool:
    """Whether two people still type it."""
    return field.name in names and field.state == FieldState.DOUBTFUL


def without_reading(field: FieldView, names: Collection[str]) -> FieldView:
    """A field as it may be shown: of one that is still typed blindly, nothing that was read."""
    if not is_blind(field, names):
        return field
    return replace(field, value=None, text=None, checks=[], suggestions=[])


def blind_places(session: Session, document_id: str, names: Collection[str]) -> set[tuple[int, str]]:
    """Part number and name of each field of a document that is still typed blindly."""
    if not names:
        return set()
    return {(row.part_no, row.name) for row in session.scalars(_blind(document_id, names))}


def key(session: Session, keyring: Keyring, field: Field, settlement: Settlement) -> bool:
    """Take down what one person typed; True where the field is settled by it.

    Raises:
        InvalidInput: a reading was confirmed instead of typed.
    """
    if settlement.state == FieldState.CONFIRMED:
        raise InvalidInput("This field is typed by two people; a reading is not confirmed.")
    others = [entry for entry in _entries(session, keyring, field) if entry.by != settlement.by]
    mine = Entry(by=settlement.by, state=settlement.state, value=settlement.value)
    if len(others) >= 2 or any((each.state, each.value) == (mine.state, mine.value) for each in others):
        session.execute(delete(Keying).where(*_of(field)))
        return True
    _write(session, keyring, field, mine)
    return False


def keyed_fields(
    session: Session, keyring: Keyring, actor: Actor, document_id: str, names: frozenset[str]
) -> list[KeyedField]:
    """The fields of a document that are typed blindly, as they stand for this actor."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    readable_document(session, actor, document_id)
    rows = session.scalars(_blind(document_id, names).order_by(Field.part_no, Field.position))
    return [_keyed(row, actor, _entries(session, keyring, row)) for row in rows]


def _blind(document_id: str, names: Collection[str]) -> Select[Field]:
    return select(Field).where(
        Field.document_id == document_id, Field.name.in_(names), Field.state == FieldState.DOUBTFUL
    )


def _keyed(row: Field, actor: Actor, entries: list[Entry]) -> KeyedField:
    others = sorted((each for each in entries if each.by != actor.id), key=lambda each: each.value or "")
    if len(others) >= 2:
        return KeyedField(part_no=row.part_no, name=row.name, turn=Turn.THIRD, entries=others)
    turn = Turn.DONE if len(entries) > len(others) else (Turn.FIRST, Turn.SECOND)[len(others)]
    return KeyedField(part_no=row.part_no, name=row.name, turn=turn, entries=[])


def _entries(session: Session, keyring: Keyring, field: Field) -> list[Entry]:
    rows = list(session.scalars(select(Keying).where(*_of(field))))
    opened = keyring.open_many((document_subject(row.document_id), row.sealed, _context(field)) for row in rows)
    said = [json.loads(plain or b"{}") for plain in opened]
    return [
        Entry(by=row.by, state=FieldState(each["state"]), value=each["value"])
        for row, each in zip(rows, said, strict=True)
    ]


def _write(session: Session, keyring: Keyring, field: Field, entry: Entry) -> None:
    plain = json.dumps({"state": entry.state, "value": entry.value}, ensure_ascii=False).encode()
    sealed = keyring.seal(document_subject(field.document_id), plain, _context(field))
    row = Keying(document_id=field.document_id, part_no=field.part_no, name=field.name, by=entry.by, sealed=sealed)
    session.merge(row)
    session.flush()


def _of(field: Field) -> tuple[ColumnElement[bool], ...]:
    return (Keying.document_id == field.document_id, Keying.part_no == field.part_no, Keying.name == field.name)


def _context(field: Field) -> str:
    return f"keyings:{field.part_no}:{field.name}"
