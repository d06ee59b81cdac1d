"""The destruction register (销毁登记): append-only, hash-chained, kept for ever (R98, R101, K48).

Two entries tell of one document: `begun`, committed before the first byte is deleted, and `destroyed`, committed after
its absence was verified. Where its paper was kept, a third, `paper_destroyed`, tells how and where that went, and who
saw it. Nothing here names a natural person: the customer stands by its code, the title is the kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.ledger import Ledger
from records.models import Customer, Document, StoredObject
from records.terms import DocumentKind
from retention.models import RegisterEntry, RegisterHead
from retention.rules import Rule

BEGUN = "begun"
DESTROYED = "destroyed"
PAPER_DESTROYED = "paper_destroyed"

_ledger = Ledger(
    RegisterEntry,
    RegisterHead,
    {"document_id": "document", "archival_code": "档号", "list_id": "list", "event": "event"},
)
links, verify, end = _ledger.links, _ledger.verify, _ledger.end

TITLES = {
    DocumentKind.BUSINESS_LICENSE: "营业执照",
    DocumentKind.ID_CARD: "居民身份证",
    DocumentKind.REGISTRATION_FORM: "客户信息登记表",
    DocumentKind.BANK_PERMIT: "开户许可证",
    DocumentKind.CONTRACT: "合同",
    DocumentKind.OTHER: "其他材料",
}


def columns_of(
    document: Document, customer: Customer | None, rule: Rule | None, objects: list[StoredObject], today: dt.date
) -> dict[str, Any]:
    """The eight columns of 机关档案管理规定 art. 44 under their printed names, then hashes and counts."""
    filed_on = (document.filed_at or document.received_at).date()
    return {
        "档号": document.archival_code,
        "文号": document.id,
        "责任者": customer.code if customer else None,
        "题名": TITLES[DocumentKind(document.kind or DocumentKind.OTHER)],
        "形成时间": (document.formed_on or document.received_at.date()).isoformat(),
        "应保管期限": rule.period_text if rule else None,
        "已保管时间": f"{(today - filed_on).days}天",
        "销毁时间": today.isoformat(),
        "page_count": document.page_count,
        "sha256": document.sha256,
        "object_count": len(objects),
        "object_sha256": sorted(stored.stored_sha256 for stored in objects),
        "retention_class": document.retention_class,
        "authority": rule.authority if rule else None,
        "schedule_version": document.schedule_version,
    }


def append(session: Session, document: Document, *, list_id: str, event: str, facts: dict[str, Any]) -> int:
    """Append one entry in the caller's transaction and give its number."""
    return append_all(session, [(document, facts)], list_id=list_id, event=event)


def append_all(session: Session, told: Iterable[tuple[Document, dict[str, Any]]], *, list_id: str, event: str) -> int:
    """Append an entry for each document with its facts, in the order given; gives the number of the last."""
    about = {"event": event, "list": list_id}
    return _ledger.append_all(
        session,
        ({**facts, **about, "document": each.id, "档号": each.archival_code} for each, facts in told),
    )


def entries_of(session: Session, document_id: str) -> list[RegisterEntry]:
    statement = select(RegisterEntry).where(RegisterEntry.document_id == document_id).order_by(RegisterEntry.seq)
    return list(session.scalars(statement))


def has_begun(session: Session, document_id: str) -> bool:
    begun = select(RegisterEntry.seq).where(RegisterEntry.document_id == document_id, RegisterEntry.event == BEGUN)
    return session.scalar(begun.limit(1)) is not None
