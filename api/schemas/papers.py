"""Movements of papers on the wire."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.schemas.base import Id, Wire
from records.terms import MovementKind


class MovementBody(Wire):
    kind: MovementKind
    place: str = Field(min_length=1, max_length=100, examples=["法务部"], description="Where it goes, or to whom.")
    reason: str = Field(min_length=1, max_length=500, examples=["诉讼取证，借阅单 2026-013"])
    back_on: dt.date | None = Field(default=None, description="Of a loan: the day on which it comes back.")


class MovementView(Wire):
    kind: MovementKind
    place: str = Field(examples=["A区 3架 12盒"])
    reason: str = Field(examples=["入库"])
    back_on: dt.date | None
    by: str
    since: dt.datetime
    until: dt.datetime | None = Field(description="When the next movement was entered; null: it is there.")


class MovementsView(Wire):
    """The ledger of one paper, the latest first; `next` is what may be entered now."""

    document_id: Id
    movements: list[MovementView]
    next: list[MovementKind]
