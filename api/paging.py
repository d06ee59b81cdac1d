"""Pages by cursor: a cursor is the sort key of the last row given, so nothing is skipped or repeated as rows arrive."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Query
from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from records.errors import InvalidInput

Row = TypeVar("Row")
Asked = tuple[str | None, int]
"""Cursor and limit."""

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")]


@dataclass(frozen=True, kw_only=True)
class Order:
    """Columns that together are unique, with their types (str, int or date)."""

    columns: tuple[InstrumentedAttribute[Any], ...]
    types: tuple[type, ...] = (str,)
    is_descending: bool = False

    def beyond(self, key: Sequence[Any]) -> ColumnElement[bool]:
        if len(self.columns) == 1:
            column = self.columns[0]
            return column.__lt__(key[0]) if self.is_descending else column.__gt__(key[0])
        place, last = tuple_(*self.columns), tuple_(*key)
        return place < last if self.is_descending else place > last

    def clauses(self) -> list[ColumnElement[Any]]:
        return [column.desc() if self.is_descending else column.asc() for column in self.columns]


def page(session: Session, statement: Select[Row], order: Order, asked: Asked) -> tuple[list[Row], str | None]:
    """One page of a statement over one entity, and the cursor of the next page if there is one."""
    cursor, limit = asked
    if cursor is not None:
        statement = statement.where(order.beyond(decode(cursor, order.types)))
    rows = list(session.scalars(statement.order_by(None).order_by(*order.clauses()).limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode([getattr(rows[limit - 1], column.key) for column in order.columns])


def encode(key: Sequence[str | int | dt.date]) -> str:
    plain = [part.isoformat() if isinstance(part, dt.date) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str, types: Sequence[type]) -> list[Any]:
    """Raises InvalidInput for a cursor that did not come from `encode` with these types."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_as(kind, part) for kind, part in zip(types, key, strict=True)]
    except (binascii.Error, ValueError, TypeError) as exc:
        raise InvalidInput("The cursor is not one that was given out.") from exc


def _as(kind: type, part: object) -> str | int | dt.date:
    if kind is dt.date and isinstance(part, str):
        return dt.date.fromisoformat(part)
    if type(part) is kind and isinstance(part, (str, int)):
        return part
    raise TypeError
