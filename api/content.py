"""Opening what is sealed, for somebody who may see it; each such act is in the audit log before the answer is sent."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from sqlalchemy.orm import Session

from intake.archive import Archive
from intake.pipeline import picture_name
from records import audit
from records.actors import Actor
from records.sealing import document_subject

PRIVATE = {"Cache-Control": "private, no-store"}


def open_object(archive: Archive, document_id: str, name: str) -> bytes:
    """Raises ObjectMissing, KeyDestroyed or SealBroken."""
    return archive.keyring.open(document_subject(document_id), archive.objects.get(name), name)


def picture(session: Session, archive: Archive, actor: Actor, which: tuple[str, int, str]) -> Response:
    """A page (document, number, `image` or `thumbnail`) for somebody who may see it. Raises NotFound."""
    document_id, page_no, what = which
    plain = open_object(archive, document_id, picture_name(session, document_id, page_no, what))
    note(session, archive, actor, "page.viewed", f"document:{document_id}", page=page_no, what=what)
    return Response(plain, media_type="image/jpeg", headers=PRIVATE)


def note(looking: Session, archive: Archive, actor: Actor, action: str, subject: str, **details: Any) -> None:
    """Write an act of looking into the audit log, in a transaction of its own: the looking itself changes nothing.

    It ends `looking`, the session that read: whoever waits for one connection must not hold another.
    """
    looking.close()
    with archive.transaction() as session:
        audit.record(session, actor, action, subject, **details)
