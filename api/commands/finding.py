"""A search from the command line: hits with what the records say of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.entry import SearchHit, SearchQuery
from index.excerpt import excerpt
from intake.archive import Archive
from records import audit
from records.actors import Actor
from records.customers import customer_names
from records.documents import page_texts
from records.models import Customer, Document, Page


@dataclass(frozen=True, kw_only=True)
class Found:
    archival_code: str
    kind: str
    customer_code: str
    customer_name: str
    region_code: str
    page_no: int | None
    excerpt: str


def find(archive: Archive, actor: Actor, query: SearchQuery) -> list[Found]:
    with archive.reading() as session:
        hits = archive.index.search(session.connection(), query).hits
        found = [_found(archive, session, hit, query.text) for hit in hits]
    with archive.transaction() as session:
        audit.record(session, actor, "search.made", "search:documents", hits=len(found))
    return found


def _found(archive: Archive, session: Session, hit: SearchHit, text: str) -> Found:
    document = session.get_one(Document, hit.document_id)
    customer = session.get(Customer, document.customer_id) if document.customer_id else None
    page = session.scalars(
        select(Page).where(Page.document_id == document.id, Page.page_no == (hit.page_no or 1))
    ).one_or_none()
    page_text = page_texts(archive.keyring, [page])[0] if page else ""
    return Found(
        archival_code=document.archival_code or "",
        kind=document.kind or "",
        customer_code=customer.code if customer else "",
        customer_name=(customer_names(archive.keyring, [customer])[0] or "") if customer else "",
        region_code=document.region_code or "",
        page_no=hit.page_no,
        excerpt=excerpt(page_text, text, 40).text,
    )
