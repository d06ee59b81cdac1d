"""Names of those who acted, for pages that tell who did what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import Station, User

STATION = "station:"


def names_of(session: Session, actors: Iterable[str | None]) -> Mapping[str, str]:
    """Names of users and stations by the id they act under; what is neither (an engine, the archive) keeps its own."""
    ids = {actor for actor in actors if actor}
    users = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    station_ids = {actor.removeprefix(STATION) for actor in ids if actor.startswith(STATION)}
    stations = session.execute(select(Station.id, Station.name).where(Station.id.in_(station_ids)))
    known = {row.id: row.name for row in users} | {f"{STATION}{row.id}": row.name for row in stations}
    return {actor: known.get(actor, actor) for actor in ids}
