"""Documents as somebody may see them: the one place that says who sees which document, and what a tombstone keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, delete, insert, or_, select
from sqlalchemy.orm import Session

from records.actors import READERS, Actor
from records.errors import NotFound, WrongState
from records.models import Document, Page, Part, StoredObject
from records.readings import Box, Line, Mark, PageReading
from records.sealing import Keyring, document_subject
from records.terms import DocumentKind, DocumentState, MarkKind

FILE_NAME_CONTEXT = "documents.file_name"

# On the table, and made once: each page of each document goes through these.
_pages = cast(Table, Page.__table__)
_FORGET_PAGES = delete(_pages).where(_pages.c.document_id == bindparam("of"))
_KEEP_PAGES = insert(_pages)


def visible_documents(actor: Actor, *, restricted: bool = False) -> Select[Document]:
    """The documents this actor may see; every query over documents starts here.

    Args:
        restricted: the restricted ones too, for what decides on their retention and shows nothing of their content.
    """
    of_regions = select(Document).where(actor.sees(Document.region_code))
    if restricted:
        return of_regions
    return of_regions.where(or_(Document.restricted_at.is_(None), Document.state == DocumentState.DESTROYED))


def visible_document(
    session: Session, actor: Actor, document_id: str, *, lock: bool = False, restricted: bool = False
) -> Document:
    statement = visible_documents(actor, restricted=restricted).where(Document.id == document_id)
    document = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if document is None:
        raise NotFound(document_id=document_id)
    return document


def readable_document(session: Session, actor: Actor, document_id: str, *, lock: bool = False) -> Document:
    """A document whose content this actor may read. A tombstone has none."""
    actor.require(*READERS)
    document = visible_document(session, actor, document_id, lock=lock)
    if document.state in (DocumentState.DESTROYING, DocumentState.DESTROYED):
        raise WrongState("The document is destroyed; only its tombstone is left.", document_id=document_id)
    return document


def part_kinds(session: Session, document_id: str) -> dict[int, DocumentKind]:
    rows = session.scalars(select(Part).where(Part.document_id == document_id).order_by(Part.part_no))
    return {part.part_no: DocumentKind(part.kind) for part in rows}


def pages_of(session: Session, document_id: str) -> list[Page]:
    return list(session.scalars(select(Page).where(Page.document_id == document_id).order_by(Page.page_no)))


def objects_of_many(session: Session, document_ids: Iterable[str]) -> dict[str, list[StoredObject]]:
    """What is stored for each document by its id."""
    objects: dict[str, list[StoredObject]] = {document_id: [] for document_id in document_ids}
    for stored in session.scalars(select(StoredObject).where(StoredObject.document_id.in_(objects))):
        objects[stored.document_id].append(stored)
    return objects


def objects_of(session: Session, document_id: str) -> list[StoredObject]:
    statement = select(StoredObject).where(StoredObject.document_id == document_id).order_by(StoredObject.name)
    return list(session.scalars(statement))


def store_pages(session: Session, keyring: Keyring, document_id: str, readings: list[PageReading]) -> None:
    """Put the pages as read in place of an earlier reading of them."""
    session.execute(_FORGET_PAGES, {"of": document_id})
    sealed = keyring.seal_many(
        document_subject(document_id), [(_plain(reading), _page_context(reading.page_no)) for reading in readings]
    )
    rows = [
        {
            "document_id": document_id,
            "page_no": reading.page_no,
            "width_px": reading.width_px,
            "height_px": reading.height_px,
            "rotation_deg": reading.rotation_deg,
            "skew_deg": reading.skew_deg,
            "dpi": reading.dpi,
            "advice": list(reading.advice),
            "engine": reading.engine,
            "reading_sealed": each,
        }
        for reading, each in zip(readings, sealed, strict=True)
    ]
    if rows:
        session.execute(_KEEP_PAGES, rows)


def page_lines(keyring: Keyring, pages: list[Page]) -> list[list[dict[str, Any]]]:
    """The lines of each page in the clear; none where the key is gone."""
    return [content["lines"] for content in _opened(keyring, pages)]


def page_readings(keyring: Keyring, pages: list[Page]) -> list[PageReading]:
    """The pages as they were read."""
    return [
        replace(
            reading_from(page.page_no, (page.width_px, page.height_px), content),
            rotation_deg=page.rotation_deg,
            skew_deg=page.skew_deg,
            dpi=page.dpi,
            engine=page.engine,
            advice=tuple(page.advice),
        )
        for page, content in zip(pages, _opened(keyring, pages), strict=True)
    ]


def _plain(reading: PageReading) -> bytes:
    return json.dumps(content_of(reading), ensure_ascii=False, separators=(",", ":")).encode()


def content_of(reading: PageReading) -> dict[str, Any]:
    """What of a reading is sealed."""
    return {
        "lines": [
            {"text": ln.text, "confidence": ln.confidence, "box": ln.box, "looks": ln.looks} for ln in reading.lines
        ],
        "marks": [{"kind": m.kind, "box": m.box, "value": m.value, "colour": m.colour} for m in reading.marks],
        "sheet": reading.sheet,
    }


def reading_from(page_no: int, size_px: tuple[int, int], content: dict[str, Any]) -> PageReading:
    """The page with this content. Raises KeyError, TypeError or ValueError for what `content_of` never gave."""
    width_px, height_px = size_px
    return PageReading(
        page_no=page_no,
        width_px=width_px,
        height_px=height_px,
        lines=tuple(_line(line) for line in content["lines"]),
        marks=tuple(_mark(mark) for mark in content["marks"]),
        sheet=_box(content["sheet"]) if content.get("sheet") else None,
    )


def _opened(keyring: Keyring, pages: list[Page]) -> list[dict[str, Any]]:
    """The sealed content of each page; empty where the key is gone."""
    opened = keyring.open_many(
        (document_subject(page.document_id), page.reading_sealed or b"", _page_context(page.page_no)) for page in pages
    )
    contents = [json.loads(plain) if plain else [] for plain in opened]
    # Pages sealed before marks were looked for hold a list of lines and nothing else.
    return [{"lines": content, "marks": []} if isinstance(content, list) else content for content in contents]


def page_texts(keyring: Keyring, pages: list[Page]) -> list[str]:
    return ["\n".join(line["text"] for line in lines) for lines in page_lines(keyring, pages)]


def _line(line: dict[str, Any]) -> Line:
    return Line(text=line["text"], confidence=line["confidence"], box=_box(line["box"]), looks=line.get("looks", 1))


def _mark(mark: dict[str, Any]) -> Mark:
    return Mark(kind=MarkKind(mark["kind"]), box=_box(mark["box"]), value=mark["value"], colour=mark["colour"])


def _box(corners: list[list[float]]) -> Box:
    top_left, top_right, bottom_right, bottom_left = ((float(x), float(y)) for x, y in corners)
    return (top_left, top_right, bottom_right, bottom_left)


def _page_context(page_no: int) -> str:
    return f"pages.reading:{page_no}"
