"""Documents: what they are, what was read from them, their pages and their original."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api import content
from api.bodies import JPEG
from api.content import PRIVATE
from api.deps import Reading, TheActor, TheArchive, TheSettings, require
from api.masking import mask, mask_value, masked
from api.paging import Cursor, Limit, Order, page
from api.schemas.base import Listed, Wire
from api.schemas.documents import (
    DocumentSummary,
    DocumentView,
    FieldHistoryView,
    FieldMoment,
    FieldsView,
    FixityView,
    LinesView,
    LineView,
    RevealOrder,
    TrailEntry,
    TrailView,
)
from api.settings import Settings
from api.views import document_summaries, document_view, field_view
from intake.archive import Archive
from intake.formats.inspection import MediaType
from intake.pipeline import picture_name
from intake.searchable import searchable_pdf
from records import keying
from records.actors import READERS, Actor
from records.documents import (
    objects_of,
    page_lines,
    page_readings,
    pages_of,
    readable_document,
    visible_document,
    visible_documents,
)
from records.errors import FixityError, NotFound, ObjectMissing, WrongState
from records.fields import FieldView, opened_fields, opened_history
from records.models import AuditEntry, Document, Page, StoredObject
from records.terms import DocumentKind, DocumentState, Role, WaitingFor
from storage.objects import original_name

router = APIRouter(tags=["documents"], dependencies=[require(*READERS)])
trail_router = APIRouter(tags=["documents"], dependencies=[require(*READERS, Role.AUDITOR)])

PageNo = Annotated[int, Path(ge=1)]
MOST_TRAIL_ENTRIES = 1000
_ANY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


class DocumentFilters(Wire):
    """Every condition must hold."""

    state: DocumentState | None = None
    kind: DocumentKind | None = None
    waiting_for: WaitingFor | None = None
    region_code: str | None = None
    customer_id: str | None = None
    batch_id: str | None = None
    sha256: str | None = None
    cursor: Cursor = None
    limit: Limit = 50

    def conditions(self) -> list[ColumnElement[bool]]:
        """One condition for each filter that was given."""
        given = self.model_dump(exclude={"cursor", "limit"}, exclude_none=True)
        return [getattr(Document, name) == value for name, value in given.items()]


@router.get("/documents", summary="List documents, newest first")
def list_documents(
    actor: TheActor, session: Reading, filters: Annotated[DocumentFilters, Query()]
) -> Listed[DocumentSummary]:
    statement = visible_documents(actor).where(*filters.conditions())
    order = Order(columns=(Document.id,), is_descending=True)
    documents, next_cursor = page(session, statement, order, (filters.cursor, filters.limit))
    return Listed(items=document_summaries(documents), next_cursor=next_cursor)


@router.get("/documents/{document_id}", summary="A document, its parts and pages, its customer and its holds")
def get_document(document_id: str, actor: TheActor, archive: TheArchive, session: Reading) -> DocumentView:
    view = document_view(session, archive.keyring, visible_document(session, actor, document_id))
    content.note(session, archive, actor, "document.viewed", f"document:{document_id}")
    return view


@router.get("/documents/{document_id}/fields", summary="Its fields with their evidence; numbers of people masked")
def get_fields(
    document_id: str, actor: TheActor, archive: TheArchive, session: Reading, settings: TheSettings
) -> FieldsView:
    readable_document(session, actor, document_id)
    fields = [field_view(masked(field)) for field in _shown(session, archive, settings, document_id)]
    content.note(session, archive, actor, "fields.viewed", f"document:{document_id}")
    return FieldsView(document_id=document_id, fields=fields)


@router.post("/documents/{document_id}/reveal", summary="Its fields with numbers in full, for a stated purpose")
def reveal_fields(
    document_id: str,
    order: RevealOrder,
    actor: TheActor,
    archive: TheArchive,
    session: Reading,
    settings: TheSettings,
) -> FieldsView:
    readable_document(session, actor, document_id)
    fields = [field_view(field) for field in _shown(session, archive, settings, document_id)]
    content.note(session, archive, actor, "fields.revealed", f"document:{document_id}", purpose=order.purpose)
    return FieldsView(document_id=document_id, fields=fields)


@router.get("/documents/{document_id}/fields/history", summary="Every state its fields have had, oldest first")
def get_field_history(
    document_id: str, actor: TheActor, archive: TheArchive, session: Reading, settings: TheSettings
) -> FieldHistoryView:
    readable_document(session, actor, document_id)
    blind = keying.blind_places(session, document_id, settings.double_keyed)
    history = [
        _moment(moment, is_blind=(moment["part_no"], moment["name"]) in blind)
        for moment in opened_history(session, archive.keyring, document_id)
    ]
    content.note(session, archive, actor, "fields.viewed", f"document:{document_id}", history=True)
    return FieldHistoryView(document_id=document_id, history=history)


@router.get(
    "/documents/{document_id}/pages/{page_no}/image",
    summary="A page upright, for the eye",
    response_class=Response,
    responses=JPEG,
)
def get_page_image(
    document_id: str, page_no: PageNo, actor: TheActor, archive: TheArchive, session: Reading
) -> Response:
    return _picture(archive, session, actor, (document_id, page_no, "image"))


@router.get(
    "/documents/{document_id}/pages/{page_no}/thumbnail",
    summary="A page, small",
    response_class=Response,
    responses=JPEG,
)
def get_page_thumbnail(
    document_id: str, page_no: PageNo, actor: TheActor, archive: TheArchive, session: Reading
) -> Response:
    return _picture(archive, session, actor, (document_id, page_no, "thumbnail"))


@router.get("/documents/{document_id}/pages/{page_no}/lines", summary="The lines of a page with their boxes")
def get_page_lines(
    document_id: str,
    page_no: PageNo,
    actor: TheActor,
    archive: TheArchive,
    session: Reading,
    settings: TheSettings,
) -> LinesView:
    """None while a field of the document is typed blindly by two people."""
    found = _page(session, actor, document_id, page_no)
    is_blind = bool(keying.blind_places(session, document_id, settings.double_keyed))
    lines = [] if is_blind else page_lines(archive.keyring, [found])[0]
    content.note(session, archive, actor, "page.viewed", f"document:{document_id}", page=page_no, what="lines")
    return LinesView(
        document_id=document_id,
        page_no=page_no,
        width_px=found.width_px,
        height_px=found.height_px,
        lines=[LineView(text=mask(ln["text"]), confidence=ln["confidence"], box=ln["box"]) for ln in lines],
    )


@router.get(
    "/documents/{document_id}/original",
    summary="The original as it was received; archivists only",
    response_class=Response,
    responses=_ANY,
    dependencies=[require(Role.ARCHIVIST)],
)
def get_original(document_id: str, actor: TheActor, archive: TheArchive, session: Reading) -> Response:
    document = readable_document(session, actor, document_id)
    plain = content.open_object(archive, document_id, original_name(document_id, document.sha256))
    content.note(session, archive, actor, "original.downloaded", f"document:{document_id}", sha256=document.sha256)
    extension = next((kind.extension for kind in MediaType if kind.mime == document.media_type), "")
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="{document_id}{extension}"'}
    return Response(plain, media_type=document.media_type, headers=headers)


@router.get(
    "/documents/{document_id}/searchable",
    summary="A PDF of its pages whose text can be searched and selected; archivists only",
    response_class=Response,
    responses=_PDF,
    dependencies=[require(Role.ARCHIVIST)],
)
def get_searchable_copy(
    document_id: str, actor: TheActor, archive: TheArchive, session: Reading, settings: TheSettings
) -> Response:
    document = readable_document(session, actor, document_id)
    if keying.blind_places(session, document_id, settings.double_keyed):
        raise WrongState("Two people still type a field of it.", document_id=document_id, state=document.state)
    readings = page_readings(archive.keyring, pages_of(session, document_id))
    if not readings:
        raise NotFound("The document is not read yet.", document_id=document_id)
    names = [picture_name(session, document_id, reading.page_no, "image") for reading in readings]
    pictures = (content.open_object(archive, document_id, name) for name in names)
    copy = searchable_pdf(zip(pictures, readings, strict=True))
    content.note(session, archive, actor, "copy.downloaded", f"document:{document_id}", pages=len(readings))
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="{document_id}.pdf"'}
    return Response(copy, media_type="application/pdf", headers=headers)


@router.post("/documents/{document_id}/fixity", summary="Read every object of it again and hold it against its hashes")
def check_fixity(document_id: str, actor: TheActor, archive: TheArchive, session: Reading) -> FixityView:
    readable_document(session, actor, document_id)
    kept = objects_of(session, document_id)
    broken = [row.name for row in kept if not _is_whole(archive, row)]
    content.note(session, archive, actor, "fixity.checked", f"document:{document_id}", broken=len(broken))
    return FixityView(document_id=document_id, objects=len(kept), broken=broken)


def _is_whole(archive: Archive, row: StoredObject) -> bool:
    try:
        plain = content.open_object(archive, row.document_id, row.name)
    except (FixityError, ObjectMissing):
        return False
    return hashlib.sha256(plain).hexdigest() == row.sha256


@trail_router.get("/documents/{document_id}/audit", summary="Who did what to it, newest first, the last 1,000 acts")
def get_trail(document_id: str, actor: TheActor, session: Reading) -> TrailView:
    if not actor.may(Role.AUDITOR):  # an auditor sees acts of every region, and nothing else of a document
        visible_document(session, actor, document_id)
    acts = select(AuditEntry).where(AuditEntry.object == f"document:{document_id}").order_by(AuditEntry.seq.desc())
    entries = [
        TrailEntry(seq=e.seq, at=e.at, actor=e.actor, action=e.action, details=json.loads(e.entry)["details"])
        for e in session.scalars(acts.limit(MOST_TRAIL_ENTRIES))
    ]
    return TrailView(document_id=document_id, entries=entries)


def _picture(archive: Archive, session: Session, actor: Actor, which: tuple[str, int, str]) -> Response:
    document_id, page_no, _ = which
    _page(session, actor, document_id, page_no)
    return content.picture(session, archive, actor, which)


def _page(session: Session, actor: Actor, document_id: str, page_no: int) -> Page:
    readable_document(session, actor, document_id)
    found = session.get(Page, (document_id, page_no))
    if found is None:
        raise NotFound("The document has no such page, or it is not read yet.", document_id=document_id, page=page_no)
    return found


def _shown(session: Session, archive: Archive, settings: Settings, document_id: str) -> Iterator[FieldView]:
    """Its fields; of those that two people still type, nothing that was read."""
    fields = opened_fields(session, archive.keyring, document_id)
    return (keying.without_reading(field, settings.double_keyed) for field in fields)


def _moment(moment: dict[str, Any], *, is_blind: bool) -> FieldMoment:
    value = moment["value"]
    if is_blind:
        return FieldMoment(**moment | {"value": None, "checks": []})
    return FieldMoment(**moment | {"value": None if value is None else mask_value(moment["name"], value)})
