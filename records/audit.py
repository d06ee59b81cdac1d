"""Audit: who did what to which object, appended in the same transaction as the act (K14, K49).

Details carry ids, codes and counts, never names or numbers of people: the chain must survive erasure (K50).
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from records import chain
from records.actors import Actor
from records.errors import ChainBroken
from records.ids import utc_now
from records.models import AuditEntry, AuditHead

HEAD_ROW = 1


def record(session: Session, actor: Actor, action: str, subject: str, **details: Any) -> int:
    """Append one act and give its number.

    Args:
        action: `noun.verb` in the past tense: `document.filed`, `batch.sealed`.
        subject: what it was done to, as `noun:id`.
    """
    # The lock on the head serialises acts, so callers record last, shortly before their transaction commits.
    head = session.scalars(select(AuditHead).where(AuditHead.id == HEAD_ROW).with_for_update()).one_or_none()
    if head is None:
        head = AuditHead(id=HEAD_ROW, seq=0, hash=chain.GENESIS)
        session.add(head)
    at = utc_now()
    seq = head.seq + 1
    entry = chain.canonical(
        {
            "seq": seq,
            "at": at.isoformat(),
            "actor": actor.id,
            "action": action,
            "object": subject,
            "details": details,
        }
    )
    digest = chain.link_hash(head.hash, entry)
    session.execute(
        insert(AuditEntry).values(
            seq=seq,
            at=at,
            actor=actor.id,
            action=action,
            object=subject,
            entry=entry,
            previous_hash=head.hash,
            hash=digest,
        )
    )
    head.seq, head.hash = seq, digest
    session.flush()
    return seq


def links(session: Session, *, after_seq: int = 0) -> Generator[chain.Link, None, None]:
    """The chain in order, streamed."""
    statement = (
        select(AuditEntry.seq, AuditEntry.entry, AuditEntry.previous_hash, AuditEntry.hash)
        .where(AuditEntry.seq > after_seq)
        .order_by(AuditEntry.seq)
        .execution_options(yield_per=5_000)
    )
    with session.execute(statement) as rows:
        for seq, entry, previous_hash, digest in rows:
            yield chain.Link(seq=seq, entry=entry, previous_hash=previous_hash, hash=digest)


def verify(session: Session) -> tuple[int, str]:
    """Check the whole chain, its copied columns and its head; give back the head's number and hash."""
    # Closed here where the chain breaks: a cursor on the server must not outlive its transaction.
    with closing(links(session)) as entries:
        seq, digest = chain.verify(entries)
    head = session.get(AuditHead, HEAD_ROW)
    if head is not None and (head.seq, head.hash) != (seq, digest):
        raise ChainBroken("The end of the chain is not where its head says.", seq=seq, head=head.seq)
    _compare_columns(session)
    return seq, digest


def _compare_columns(session: Session) -> None:
    """The columns beside an entry only help to find it; they must say what the hashed entry says."""
    statement = (
        select(AuditEntry.seq, AuditEntry.actor, AuditEntry.action, AuditEntry.object, AuditEntry.entry)
        .order_by(AuditEntry.seq)
        .execution_options(yield_per=5_000)
    )
    with session.execute(statement) as rows:
        for seq, actor, action, subject, entry in rows:
            said = json.loads(entry)
            if (said["seq"], said["actor"], said["action"], said["object"]) != (seq, actor, action, subject):
                raise ChainBroken("The columns beside an entry differ from it.", seq=seq)
