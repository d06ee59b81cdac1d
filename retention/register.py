"""The destruction register (销毁登记): append-only, hash-chained, kept for ever (R98, R101, K48).

Two entries tell of one document: `begun`, committed before the first byte is deleted, and `destroyed`, committed after
its absence was verified. Where its paper was kept, a third, `paper_destroyed`, tells how and where that went, and who
saw it. Nothing here names a natural person: the customer stands by its code, the title is the kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from contextlib import closing
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from records import chain
from records.errors import ChainBroken
from records.ids import utc_now
from records.models import Customer, Document, StoredObject
from records.terms import DocumentKind
from retention.models import RegisterEntry, RegisterHead
from retention.schedule import Rule

BEGUN = "begun"
DESTROYED = "destroyed"
PAPER_DESTROYED = "paper_destroyed"
HEAD_ROW = 1

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
    head = session.scalars(select(RegisterHead).where(RegisterHead.id == HEAD_ROW).with_for_update()).one_or_none()
    if head is None:
        head = RegisterHead(id=HEAD_ROW, seq=0, hash=chain.GENESIS)
        session.add(head)
    seq, at = head.seq + 1, utc_now()
    said = {"seq": seq, "at": at.isoformat(), "event": event, "list": list_id, "document": document.id, **facts}
    entry = chain.canonical(said)
    digest = chain.link_hash(head.hash, entry)
    row = {
        "seq": seq,
        "document_id": document.id,
        "archival_code": document.archival_code,
        "list_id": list_id,
        "event": event,
        "at": at,
        "entry": entry,
        "previous_hash": head.hash,
        "hash": digest,
    }
    session.execute(insert(RegisterEntry).values(row))
    head.seq, head.hash = seq, digest
    session.flush()
    return seq


def entries_of(session: Session, document_id: str) -> list[RegisterEntry]:
    statement = select(RegisterEntry).where(RegisterEntry.document_id == document_id).order_by(RegisterEntry.seq)
    return list(session.scalars(statement))


def has_begun(session: Session, document_id: str) -> bool:
    begun = select(RegisterEntry.seq).where(RegisterEntry.document_id == document_id, RegisterEntry.event == BEGUN)
    return session.scalar(begun.limit(1)) is not None


def links(session: Session) -> Generator[chain.Link, None, None]:
    """The register's chain in order, streamed."""
    statement = (
        select(RegisterEntry.seq, RegisterEntry.entry, RegisterEntry.previous_hash, RegisterEntry.hash)
        .order_by(RegisterEntry.seq)
        .execution_options(yield_per=5_000)
    )
    with session.execute(statement) as rows:
        for seq, entry, previous_hash, digest in rows:
            yield chain.Link(seq=seq, entry=entry, previous_hash=previous_hash, hash=digest)


def verify(session: Session) -> tuple[int, str]:
    """Check the whole register against its head."""
    with closing(links(session)) as entries:
        seq, digest = chain.verify(entries)
    head = session.get(RegisterHead, HEAD_ROW)
    if head is not None and (head.seq, head.hash) != (seq, digest):
        raise ChainBroken("The end of the register is not where its head says.", seq=seq, head=head.seq)
    return seq, digest
