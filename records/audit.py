"""Audit: who did what to which object, appended in the same transaction as the act (K14, K49).

Details carry ids, codes and counts, never names or numbers of people: the chain must survive erasure (K50).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from records.actors import Actor
from records.ledger import Ledger
from records.models import AuditEntry, AuditHead

_ledger = Ledger(AuditEntry, AuditHead, {"actor": "actor", "action": "action", "object": "object"})
links, verify, end = _ledger.links, _ledger.verify, _ledger.end


def record(session: Session, actor: Actor, action: str, subject: str, **details: Any) -> int:
    """Append one act and give its number; last in a use, as it holds the lock that puts acts in their order.

    Args:
        action: `noun.verb` in the past tense: `document.filed`, `batch.sealed`.
        subject: what it was done to, as `noun:id`.
    """
    said = {"actor": actor.id, "action": action, "object": subject, "details": details}
    return _ledger.append(session, said)
