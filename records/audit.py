"""Audit: who did what to which object, appended in the same transaction as the act (K14, K49).

Details carry ids, codes and counts, never names or numbers of people: the chain must survive erasure (K50).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from records.actors import Actor
from records.ledger import Ledger
from records.models import AuditEntry, AuditHead

_ledger = Ledger(AuditEntry, AuditHead, {"actor": "actor", "action": "action", "object": "object"})
links, verify, end = _ledger.links, _ledger.verify, _ledger.end


@dataclass(frozen=True)
class Act:
    """`action` and `subject` as `record` takes them."""

    action: str
    subject: str
    details: dict[str, Any] = field(default_factory=dict)


def record(session: Session, actor: Actor, action: str, subject: str, **details: Any) -> int:
    """Append one act and give its number; last in a use, as it holds the lock that puts acts in their order.

    Args:
        action: `noun.verb` in the past tense: `document.filed`, `batch.sealed`.
        subject: what it was done to, as `noun:id`.
    """
    return _ledger.append(session, _said(actor, Act(action, subject, details)))


def record_all(session: Session, actor: Actor, acts: Iterable[Act]) -> None:
    """Append acts in the order given, at once."""
    _ledger.append_all(session, (_said(actor, act) for act in acts))


def _said(actor: Actor, act: Act) -> dict[str, Any]:
    return {"actor": actor.id, "action": act.action, "object": act.subject, "details": act.details}
