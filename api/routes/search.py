"""Finding: by text, codes, region and dates; what a person may see is part of the query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from api import content
from api.deps import Reading, TheActor, TheArchive, Writing, require
from api.masking import mask
from api.schemas.documents import CustomerView
from api.schemas.search import (
    CountView,
    ExcerptView,
    ExportOrder,
    FacetsView,
    HitView,
    SavedSearchesView,
    SavedSearchView,
    SavedSought,
    SaveOrder,
    SearchAnswer,
    SearchFilters,
    SearchOrder,
)
from api.spreadsheet import csv_of, xlsx_of
from api.views import customer_views, document_summary
from api.web import words
from index.entry import MAX_LIMIT, Counted, SearchHit, SearchQuery
from index.excerpt import Excerpt, excerpt
from intake.archive import Archive
from records import saved_searches
from records.actors import READERS, Actor
from records.documents import page_texts, visible_documents
from records.errors import InvalidInput
from records.models import Customer, Document, Page
from records.saved_searches import SavedSearch
from records.sealing import Keyring
from records.terms import DocumentState, Role

router = APIRouter(tags=["search"], dependencies=[require(*READERS)])

MOST_EXPORTED = 5_000
EXPORTED = (
    "archival_code", "kind", "customer_code", "customer", "region", "formed_on", "filed_on", "due_on", "pages", "id"
)  # fmt: skip
_FORMS = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
    "csv": ("text/csv; charset=utf-8", csv_of),
}
_TABLE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind, _ in _FORMS.values()}}
}

BEFORE, AFTER = 22, 62
"""Characters around a match; more than an excerpt shows, so that its marks of cutting are true."""


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


@router.post(
    "/search/export",
    summary="What is found as a table (an Excel workbook, or CSV); archivists only",
    response_class=Response,
    responses=_TABLE,
    dependencies=[require(Role.ARCHIVIST)],
)
def export(actor: TheActor, archive: TheArchive, session: Reading, order: ExportOrder) -> Response:
    sought = order.number
    fingerprint = archive.keyring.fingerprint(sought.purpose, sought.number) if sought else None
    documents = list(_exported(archive, session, actor, _query(order, actor, fingerprint)))
    customers = _customers(session, archive.keyring, documents)
    rows = [_exported_row(order.language, document, customers) for document in documents]
    media_type, written = _FORMS[order.form]
    table = written([words.say(order.language, f"export.{column}") for column in EXPORTED], rows)
    content.note(session, archive, actor, "search.exported", "search:documents", records=len(rows))
    headers = {
        "Content-Disposition": f'attachment; filename="guidang.{order.form}"',
        "Cache-Control": "private, no-store",
    }
    return Response(table, media_type=media_type, headers=headers)


@router.get("/searches", summary="One's own saved searches, by name")
def list_searches(actor: TheActor, archive: TheArchive, session: Reading) -> SavedSearchesView:
    saved = saved_searches.saved_searches(session, archive.keyring, actor)
    return SavedSearchesView(searches=[_saved_view(each) for each in saved])


@router.post("/searches", status_code=201, summary="Keep a search under a name, for oneself")
def save_search(order: SaveOrder, actor: TheActor, archive: TheArchive, session: Writing) -> SavedSearchView:
    if mask(order.sought.typed + " " + order.name) != order.sought.typed + " " + order.name:
        raise InvalidInput("A saved search keeps no number of a person.")
    sought = order.sought.model_dump(mode="json")
    return _saved_view(saved_searches.save_search(session, archive.keyring, actor, order.name, sought))


@router.delete("/searches/{search_id}", status_code=204, summary="Forget a saved search")
def forget_search(search_id: str, actor: TheActor, session: Writing) -> None:
    saved_searches.forget_search(session, actor, search_id)


def _saved_view(saved: SavedSearch) -> SavedSearchView:
    sought = SavedSought.model_validate(saved.sought)
    return SavedSearchView(id=saved.id, name=saved.name, sought=sought, created_at=saved.created_at)


def _exported(archive: Archive, session: Session, actor: Actor, query: SearchQuery) -> Iterator[Document]:
    """What is found in its order, page after page, up to the limit."""
    cursor, left = None, MOST_EXPORTED
    while left > 0:
        asked = replace(query, cursor=cursor, limit=min(MAX_LIMIT, left))
        found = archive.index.search(session.connection(), asked)
        ids = [hit.document_id for hit in found.hits]
        wanted = visible_documents(actor).where(Document.id.in_(ids), Document.state == DocumentState.FILED)
        documents = {document.id: document for document in session.scalars(wanted)}
        yield from (documents[each] for each in ids if each in documents)
        cursor, left = found.next_cursor, left - len(ids)
        if cursor is None:
            return


def _exported_row(language: str, document: Document, customers: Mapping[str, CustomerView]) -> list[str]:
    customer = customers.get(document.customer_id or "")
    values = {
        "archival_code": document.archival_code,
        "kind": words.said_of(language, "kind", document.kind),
        "customer_code": customer.code if customer else None,
        "customer": mask(customer.name) if customer and customer.name else None,
        "region": document.region_code,
        "formed_on": document.formed_on,
        "filed_on": document.filed_at.date() if document.filed_at else None,
        "due_on": document.due_on,
        "pages": document.page_count,
        "id": document.id,
    }
    return ["" if values[column] is None else str(values[column]) for column in EXPORTED]


def _answer(
    archive: Archive, session: Session, actor: Actor, filters: SearchFilters, *, fingerprint: str | None
) -> SearchAnswer:
    found = archive.index.search(session.connection(), _query(filters, actor, fingerprint))
    hits = _joined(session, archive.keyring, actor, found.hits, filters.text)
    facets = None if found.total_estimate is None else _facets(found.counted)
    content.note(session, archive, actor, "search.made", "search:documents", hits=len(hits))
    return SearchAnswer(
        hits=hits, next_cursor=found.next_cursor, total_estimate=found.total_estimate,
        counted_all=found.counted_all, facets=facets,
    )  # fmt: skip


def _facets(counted: Sequence[Counted]) -> FacetsView:
    """As the index has them, like the count they divide: the records of five hundred hits cost more than the hits."""
    return FacetsView(
        kinds=_counts(each.kind for each in counted),
        regions=_counts(each.region_code for each in counted),
        years=_counts(None if each.filed_year is None else str(each.filed_year) for each in counted),
    )


def _counts(values: Iterable[str | None]) -> list[CountView]:
    return [CountView(value=value, count=count) for value, count in Counter(filter(None, values)).most_common()]


def _query(filters: SearchFilters, actor: Actor, fingerprint: str | None) -> SearchQuery:
    asked = filters.model_dump(exclude={"number", "language", "form", "region_codes", "kinds", "states"})
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
        cut = excerpt(page_text[max(0, at - BEFORE) : at + len(run) + AFTER], text)
        if cut.highlights or not run:
            return cut
    return excerpt(page_text, text)  # it stands there in other widths, across a line, or inside a longer word
