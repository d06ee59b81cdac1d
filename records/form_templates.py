"""Templates of the company's own forms: kept in versions, of which the latest of each name is in force.

What a template means is for `ocr`; here it is a text that somebody answers for.
"""

from __future__ import annotations

import re

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.desk_models import FormTemplate
from records.errors import InvalidInput, NotFound
from records.ids import utc_now
from records.terms import Role

MOST_CHARACTERS = 100_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def keep_template(session: Session, actor: Actor, name: str, text: str) -> FormTemplate:
    """Put a new version in force. The text was checked by the caller.

    Raises:
        InvalidInput: the name is not one of small letters, digits and underscores, or the text is too long.
    """
    actor.require(Role.ARCHIVIST)
    if not _NAME.fullmatch(name) or len(text) > MOST_CHARACTERS:
        raise InvalidInput("A template's name has small letters, digits and underscores.", name=name)
    latest = session.scalar(select(func.max(FormTemplate.version)).where(FormTemplate.name == name)) or 0
    kept = FormTemplate(name=name, version=latest + 1, text=text, kept_by=actor.id)
    session.add(kept)
    session.flush()
    audit.record(session, actor, "template.kept", f"template:{name}", version=kept.version)
    return kept


def withdraw_template(session: Session, actor: Actor, name: str) -> None:
    """Take the version in force out of use; what was read with it stays as it is."""
    actor.require(Role.ARCHIVIST)
    kept = next((each for each in templates_in_force(session) if each.name == name), None)
    if kept is None:
        raise NotFound(name=name)
    kept.withdrawn_at = utc_now()
    audit.record(session, actor, "template.withdrawn", f"template:{name}", version=kept.version)


def templates_in_force(session: Session) -> list[FormTemplate]:
    """By name."""
    return list(session.scalars(_IN_FORCE))


_latest = select(FormTemplate.name, func.max(FormTemplate.version)).group_by(FormTemplate.name).subquery()
_IN_FORCE = (  # made once: each document asks
    select(FormTemplate)
    .join(_latest, (FormTemplate.name == _latest.c[0]) & (FormTemplate.version == _latest.c[1]))
    .where(FormTemplate.withdrawn_at.is_(None))
    .order_by(FormTemplate.name)
)
