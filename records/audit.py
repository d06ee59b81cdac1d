"""Audit: who did what to which object, appended in the same transaction as the act (K14, K49).

Details carry ids, codes and counts, never names or numbers of people: the chain must survive erasure (K50).
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from json.encoder import encode_basestring as _quoted
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from records import chain
from records.actors import Actor
from records.errors import ChainBroken
from records.ids import utc_now
from records.models import AuditEntry, AuditHead

HEAD_ROW = 1

# Tables, not classes, and statements made once: every act of everybody goes through here, so this counts.
_head, _entries = cast(Table, AuditHead.__table__), cast(Table, AuditEntry.__table__)
_HEAD = select(_head.c.seq, _head.c.hash).where(_head.c.id == HEAD_ROW).with_for_update()
_BEGIN, _APPEND = insert(_head), insert(_entries)
_MOVE_ON = update(_head).where(_head.c.id == HEAD_ROW).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))


def record(session: Session, actor: Actor, action: str, subject: str, **details: Any) -> int:
    """Append one act and give its number.

    Args:
        action: `noun.verb` in the past tense: `document.filed`, `batch.sealed`.
        subject: what it was done to, as `noun:id`.
    """
    session.flush()
    # The lock on the head serialises acts, so callers record last, shortly before their transaction commits.
    head = session.execute(_HEAD).one_or_none()
    if head is None:
        session.execute(_BEGIN, {"id": HEAD_ROW, "seq": 0, "hash": chain.GENESIS})
    last_seq, previous_hash = head or (0, chain.GENESIS)
    at, seq = utc_now(), last_seq + 1
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
    digest = chain.link_hash(previous_hash, entry)
    row = {
        "seq": seq,
        "at": at,
        "actor": actor.id,
        "action": action,
        "object": subject,
        "entry": entry,
        "previous_hash": previous_hash,
        "hash": digest,
    }
    session.execute(_APPEND, row)
    session.execute(_MOVE_ON, {"new_seq": seq, "new_hash": digest})
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
    with closing(_links_with_columns(session)) as entries:
        seq, digest = chain.verify(entries)
    head = session.execute(select(_head.c.seq, _head.c.hash)).one_or_none()
    if head is not None and tuple(head) != (seq, digest):
        raise ChainBroken("The end of the chain is not where its head says.", seq=seq, head=head.seq)
    return seq, digest


def _links_with_columns(session: Session) -> Generator[chain.Link, None, None]:
    """The chain in order. The columns beside an entry only help to find it; they must say what the hashed entry says.

    An entry is canonical JSON, so its first and its last keys are known and it need not be parsed.
    """
    statement = (
        select(
            AuditEntry.seq, AuditEntry.actor, AuditEntry.action, AuditEntry.object,
            AuditEntry.entry, AuditEntry.previous_hash, AuditEntry.hash,
        )
        .order_by(AuditEntry.seq)
        .execution_options(yield_per=5_000)
    )  # fmt: skip
    with session.execute(statement) as rows:
        for seq, actor, action, subject, entry, previous_hash, digest in rows:
            begins = f'{{"action":{_quoted(action)},"actor":{_quoted(actor)},"at":'
            ends = f',"object":{_quoted(subject)},"seq":{seq}}}'
            if not (entry.startswith(begins) and entry.endswith(ends)):
                raise ChainBroken("The columns beside an entry differ from it, or it was changed.", seq=seq)
            yield chain.Link(seq=seq, entry=entry, previous_hash=previous_hash, hash=digest)
