"""Indexing: a filed document becomes searchable in the transaction that files it, and again whenever it changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from index.entry import IndexedDocument
from intake.archive import Archive
from records.customers import customer_names, fingerprints_of
from records.documents import page_texts, pages_of
from records.models import Customer, Document
from records.terms import DocumentState


def index_document(session: Session, archive: Archive, document: Document, texts: Sequence[str] | None = None) -> None:
    """Bring the index in line with the document as it stands now: nothing of a restricted one is in it.

    Args:
        texts: of its pages, where the caller has just read them.
    """
    if document.restricted_at is not None:
        return archive.index.remove(session.connection(), [document.id])
    archive.index.add(session.connection(), entry_of(session, archive, document, texts))


def reindexer(archive: Archive) -> Callable[[Session, Document], None]:
    """`index_document` for uses that know no archive."""

    def reindex(session: Session, document: Document) -> None:
        index_document(session, archive, document)

    return reindex


def is_searchable() -> ColumnElement[bool]:
    """The condition over `documents`: it belongs in the index."""
    return and_(Document.state == DocumentState.FILED, Document.restricted_at.is_(None))


def entry_of(
    session: Session, archive: Archive, document: Document, texts: Sequence[str] | None = None
) -> IndexedDocument:
    if texts is None:
        texts = page_texts(archive.keyring, pages_of(session, document.id))
    customer = session.get(Customer, document.customer_id) if document.customer_id else None
    names = customer_names(archive.keyring, [customer]) if customer else []
    return IndexedDocument(
        document_id=document.id,
        customer_id=document.customer_id,
        kind=document.kind or "",
        region_code=document.region_code,
        customer_code=customer.code if customer else None,
        archival_code=document.archival_code,
        state=document.state,
        filed_on=document.filed_at.date() if document.filed_at else None,
        document_on=document.formed_on,
        fingerprints=tuple(fingerprints_of(session, customer.id)) if customer else (),
        names=" ".join(name for name in names if name),
        pages=tuple(texts),
    )
