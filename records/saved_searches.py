"""Searches that people keep for themselves. What is sought may be a name: it is sealed, and only its owner opens it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.actors import READERS, Actor
from records.desk_models import SavedSearchRow
from records.errors import InvalidInput, NotFound
from records.ids import new_id, utc_now
from records.sealing import Keyring, user_subject

MOST_SAVED = 50


@dataclass(frozen=True, kw_only=True)
class SavedSearch:
    id: str
    name: str
    sought: dict[str, Any]
    created_at: dt.datetime


def save_search(session: Session, keyring: Keyring, actor: Actor, name: str, sought: dict[str, Any]) -> SavedSearch:
    """Raises InvalidInput: this person keeps as many as one can."""
    actor.require(*READERS)
    kept = session.scalar(select(func.count()).where(SavedSearchRow.user_id == actor.id)) or 0
    if kept >= MOST_SAVED:
        raise InvalidInput(f"At most {MOST_SAVED} searches can be saved. Forget one first.")
    saved = SavedSearch(id=new_id(), name=name.strip(), sought=sought, created_at=utc_now())
    subject = user_subject(actor.id)
    keyring.create_key(subject)
    plain = json.dumps({"name": saved.name, "sought": sought}, ensure_ascii=False).encode()
    sealed = keyring.seal(subject, plain, _context(saved.id))
    session.add(SavedSearchRow(id=saved.id, user_id=actor.id, sealed=sealed, created_at=saved.created_at))
    session.flush()
    return saved


def saved_searches(session: Session, keyring: Keyring, actor: Actor) -> list[SavedSearch]:
    rows = session.scalars(select(SavedSearchRow).where(SavedSearchRow.user_id == actor.id)).all()
    subject = user_subject(actor.id)
    opened = keyring.open_many((subject, row.sealed, _context(row.id)) for row in rows)
    saved = [
        SavedSearch(id=row.id, created_at=row.created_at, **json.loads(plain))
        for row, plain in zip(rows, opened, strict=True)
        if plain is not None
    ]
    return sorted(saved, key=lambda each: (each.name, each.id))


def forget_search(session: Session, actor: Actor, search_id: str) -> None:
    row = session.get(SavedSearchRow, search_id)
    if row is None or row.user_id != actor.id:
        raise NotFound(search_id=search_id)
    session.delete(row)


def _context(search_id: str) -> str:
    return f"saved_searches:{search_id}"
