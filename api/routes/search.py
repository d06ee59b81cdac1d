"""Finding: by text, codes, region and dates; what a person may see is part of the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from api import content
from api.deps import Reading, TheActor, TheArchive, require
from api.masking import mask
from api.schemas.documents import CustomerView
from api.schemas.search import ExcerptView, HitView, SearchAnswer, SearchFilters, SearchOrder
from api.views import customer_views, document_summary
from index.entry import SearchHit, SearchQuery
from index.excerpt import Excerpt, excerpt
from intake.archive import Archive
from records.actors import READERS, Actor
from records.documents import page_texts, visible_documents
from records.models import Customer, Document, Page
from records.sealing import Keyring
from records.terms import DocumentState

router = APIRouter(tags=["search"], dependencies=[require(*READERS)])

NEIGHBOURHOOD = 100
"""Characters on either side; more than an excerpt shows, so that its marks of cutting are true."""


@router.get("/search", summary="Find documents")
def search(
    actor: TheActor, archive: TheArchive, session: Reading, filters: Annotated[SearchFilters, Query()]
) -> SearchAnswer:
    return _answer(archive, session, actor, filters, fingerprint=None)


@router.post("/search", summary="Find documents, by a customer's number too")
def search_by_body(actor: TheActor, archive: TheArchive, session: Reading, order: SearchOrder) -> SearchAnswer:
    sought = order.number
    fingerprint = archive.keyring.fingerprint(sought.purpose, sought.number) if sought else None
    return _answer(archive, session, actor, order, fingerprint=fingerprint)


def _answer(
    archive: Archive, session: Session, actor: Actor, filters: SearchFilters, *, fingerprint: str | None
) -> SearchAnswer:
    found = archive.index.search(session.connection(), _query(filters, actor, fingerprint))
    hits = _joined(session, archive.keyring, actor, found.hits, filters.text)
    content.note(session, archive, actor, "search.made", "search:documents", hits=len(hits))
    return SearchAnswer(hits=hits, next_cursor=found.next_cursor, total_estimate=found.total_estimate)


def _query(filters: SearchFilters, actor: Actor, fingerprint: str | None) -> SearchQuery:
    asked = filters.model_dump(exclude={"number", "region_codes", "kinds", "states"})
    return SearchQuery(
        **asked,
        region_codes=_set(filters.region_codes),
        kinds=_set(filters.kinds),
        states=_set(filters.states),
        allowed_regions=actor.regions,
        fingerprint=fingerprint,
    )


def _set(values: Sequence[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(str(value) for value in values)


def _joined(session: Session, keyring: Keyring, actor: Actor, hits: Sequence[SearchHit], text: str) -> list[HitView]:
    """Hits with what the records say now: an index that commits by itself may be a moment behind them."""
    wanted = visible_documents(actor).where(
        Document.id.in_([hit.document_id for hit in hits]), Document.state == DocumentState.FILED
    )
    documents = {document.id: document for document in session.scalars(wanted)}
    customers = _customers(session, keyring, list(documents.values()))
    excerpts = _excerpts(session, keyring, [hit for hit in hits if hit.document_id in documents], text)
    return [
        HitView(
            document=document_summary(documents[hit.document_id]),
            customer=customers.get(documents[hit.document_id].customer_id or ""),
            page_no=hit.page_no,
            score=hit.score,
            excerpt=excerpts.get((hit.document_id, hit.page_no)),
        )
        for hit in hits
        if hit.document_id in documents
    ]


def _customers(session: Session, keyring: Keyring, documents: Sequence[Document]) -> Mapping[str, CustomerView]:
    ids = {document.customer_id for document in documents}
    found = session.scalars(select(Customer).where(Customer.id.in_(ids))).all()
    return {view.id: view for view in customer_views(keyring, found)}


def _excerpts(
    session: Session, keyring: Keyring, hits: Sequence[SearchHit], text: str
) -> Mapping[tuple[str, int | None], ExcerptView]:
    """The piece of the page that answers, numbers of people masked. Masking comes first, so places still fit."""
    places = [(hit.document_id, hit.page_no) for hit in hits if hit.page_no]
    pages = session.scalars(select(Page).where(tuple_(Page.document_id, Page.page_no).in_(places))).all()
    excerpts: dict[tuple[str, int | None], ExcerptView] = {}
    for page, page_text in zip(pages, page_texts(keyring, list(pages)), strict=True):
        cut = _excerpt(mask(page_text), text)
        excerpts[page.document_id, page.page_no] = ExcerptView(text=cut.text, highlights=list(cut.highlights))
    return excerpts


def _excerpt(page_text: str, text: str) -> Excerpt:
    """Cut from around a plain match where there is one, so that a long page costs no more than a short one."""
    run = next(iter(text.split()), "")
    at = page_text.lower().find(run.lower())
    if at >= 0:
        cut = excerpt(page_text[max(0, at - NEIGHBOURHOOD) : at + len(run) + NEIGHBOURHOOD], text)
        if cut.highlights or not run:
            return cut
    return excerpt(page_text, text)  # it stands there in other widths, across a line, or inside a longer word
