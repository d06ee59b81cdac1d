"""Verification by field: the same field of many documents at once, the wrong ones picked out, the rest confirmed.

Only values that stand all their checks are shown so: what fails a check is looked at in its document.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from records import audit, claims
from records.actors import Actor
from records.fields import FieldView, open_each
from records.models import Document, Field, Part
from records.sealing import Keyring
from records.terms import DocumentKind, FieldState, Role, WaitingFor

MOST_TOGETHER = 40
CANDIDATES = 5 * MOST_TOGETHER


@dataclass(frozen=True, kw_only=True)
class Group:
    """How many documents that nobody has in hand ask for a look at one field."""

    kind: DocumentKind
    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class GroupWish:
    """`after`: the document to go on from, in the order of the queue."""

    kind: DocumentKind
    name: str
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class GroupField:
    document_id: str
    field: FieldView


def groups(session: Session, actor: Actor, *, but: Collection[str]) -> list[Group]:
    """Most asked for first; `but` are fields that are never settled so."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    free = claims.free_documents(actor, WaitingFor.FIELDS).with_only_columns(Document.id).order_by(None)
    counted = (
        select(Part.kind, Field.name, func.count())
        .join(Part, and_(Part.document_id == Field.document_id, Part.part_no == Field.part_no))
        .where(*_ASKED, Field.name.not_in(but), Field.document_id.in_(free))
        .group_by(Part.kind, Field.name)
    )
    found = [Group(kind=DocumentKind(kind), name=name, count=count) for kind, name, count in session.execute(counted)]
    return sorted(found, key=lambda group: -group.count)


def claim_group(
    session: Session, keyring: Keyring, actor: Actor, wish: GroupWish, lease: dt.timedelta
) -> list[GroupField]:
    """Take the next documents that ask for this field. Their values are shown in full, and the audit log says so."""
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    taken: list[Field] = []
    for field in session.scalars(_candidates(actor, wish)):
        if len(taken) == MOST_TOGETHER:
            break
        if _holds(field) and claims.take(session, actor, field.document_id, lease):
            taken.append(field)
    for field in taken:
        audit.record(session, actor, "fields.revealed", f"document:{field.document_id}", purpose="verification")
    opened = open_each(keyring, taken)
    return [GroupField(document_id=row.document_id, field=view) for row, view in zip(taken, opened, strict=True)]


_ASKED = (Field.state == FieldState.DOUBTFUL, Field.page_no.is_not(None))


def _candidates(actor: Actor, wish: GroupWish) -> Select[Field]:
    """The field of each free document, in the order of the queue; the documents are locked."""
    fields = (
        claims.free_documents(actor, WaitingFor.FIELDS)
        .join(Field, Field.document_id == Document.id)
        .join(Part, and_(Part.document_id == Field.document_id, Part.part_no == Field.part_no))
        .where(*_ASKED, Part.kind == wish.kind, Field.name == wish.name)
        .order_by(Field.part_no)
        .limit(CANDIDATES)
        .with_for_update(of=Document, skip_locked=True)
        .with_only_columns(Field)
    )
    return fields.where(Document.id > wish.after) if wish.after is not None else fields


def _holds(field: Field) -> bool:
    return all(check["passed"] for check in field.checks)
