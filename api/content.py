"""Opening what is sealed, for somebody who may see it; each such act is in the audit log before the answer is sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from intake.archive import Archive
from records import audit
from records.actors import Actor
from records.sealing import document_subject


def open_object(archive: Archive, document_id: str, name: str) -> bytes:
    """Raises ObjectMissing, KeyDestroyed or SealBroken."""
    return archive.keyring.open(document_subject(document_id), archive.objects.get(name), name)


def note(looking: Session, archive: Archive, actor: Actor, action: str, subject: str, **details: Any) -> None:
    """Write an act of looking into the audit log, in a transaction of its own: the looking itself changes nothing.

    It ends `looking`, the session that read: whoever waits for one connection must not hold another.
    """
    looking.close()
    with archive.transaction() as session:
        audit.record(session, actor, action, subject, **details)
