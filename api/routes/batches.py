"""Receiving: a station opens a batch, puts its files, seals it and gets its receipt."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from api import content
from api.bodies import JPEG, RAW_BODY, body_of
from api.deps import Reading, TheActor, TheArchive, Writing
from api.once import OnlyOnce
from api.paging import Cursor, Limit, Order, page
from api.schemas.base import Listed, reason_of
from api.schemas.batches import (
    BatchBody,
    BatchView,
    BatchWithFiles,
    FileView,
    PageAdvice,
    Receipt,
    ReceiptFile,
    RescanWish,
    StationChoice,
)
from intake import receive, rescans
from intake.archive import Archive
from intake.receive import MOST_FILES, BatchOrder, SentFile
from intake.standing import Standing, standings
from records.actors import READERS, Actor
from records.errors import FileTooLarge, InvalidInput, NeedsPerson, NotFound
from records.models import Batch, BatchFile, Document, Station
from records.terms import BatchState, DocumentState, FileOutcome, Role

router = APIRouter(tags=["batches"])

FileNo = Annotated[int, Path(ge=1, le=MOST_FILES)]
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):\s*(?:,|$)")
_MOST_NAME_CHARACTERS = 255


class Announced(BaseModel):
    """What a station says of a file in headers."""

    content_digest: str = Field(description="RFC 9530: `sha-256=:BASE64:`")
    x_file_name: str | None = Field(default=None, max_length=3000, description="Percent-encoded UTF-8; kept sealed.")


@router.post("/batches", status_code=201, summary="Open a batch")
def open_batch(body: BatchBody, actor: TheActor, session: Writing, once: OnlyOnce) -> BatchView:
    order = BatchOrder(operator=body.operator, declared_files=body.declared_files, capture=body.capture,
                       station_id=body.station_id)  # fmt: skip
    return once.answer(body, lambda: BatchView.model_validate(receive.open_batch(session, actor, order)), BatchView)


@router.get("/batches", summary="List batches, newest first")
def list_batches(actor: TheActor, session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[BatchView]:
    mine = Batch.station_id == actor.station_id if actor.station_id else actor.sees(Batch.region_code)
    actor.require(Role.SCANNER, *READERS)
    order = Order(columns=(Batch.id,), is_descending=True)
    batches, next_cursor = page(session, select(Batch).where(mine), order, (cursor, limit))
    return Listed(items=[BatchView.model_validate(batch) for batch in batches], next_cursor=next_cursor)


@router.get("/batches/{batch_id}", summary="A batch, and which of its files have arrived")
def get_batch(batch_id: str, actor: TheActor, session: Reading) -> BatchWithFiles:
    actor.require(Role.SCANNER, *READERS)
    batch = receive.batch_of(session, actor, batch_id)
    files = [_file_view(row) for row in receive.files_of(session, batch_id)]
    return BatchWithFiles(**dict(BatchView.model_validate(batch)), files=files)


@router.put(
    "/batches/{batch_id}/files/{file_no}",
    summary="Send one file; sending it again is harmless",
    openapi_extra=RAW_BODY,
)
async def put_file(  # async: the body is read as it comes, and refused as soon as it is too large
    request: Request,
    batch_id: str,
    file_no: FileNo,
    actor: TheActor,
    archive: TheArchive,
    announced: Annotated[Announced, Header()],
) -> FileView:
    sha256, name = _announced_sha256(announced.content_digest), _file_name(announced.x_file_name)
    actor.require(Role.SCANNER)
    known = await run_in_threadpool(_arrived, archive, actor, batch_id, file_no, sha256)
    try:
        data = await body_of(request, archive.limits.max_bytes)
    except FileTooLarge as refusal:  # written down, so that the batch can be sealed without it
        await run_in_threadpool(_refuse, archive, actor, (batch_id, file_no, sha256), refusal)
        raise
    if known is not None:
        return _file_view(known)
    sent = SentFile(batch_id=batch_id, file_no=file_no, name=name, data=data, sha256=sha256)
    return _file_view(await run_in_threadpool(_take, archive, actor, sent))


@router.put(
    "/batches/{batch_id}/files/{file_no}/rescan",
    summary="Send a better scan of a file that was refused or sent back",
    openapi_extra=RAW_BODY,
)
async def put_rescan(  # async: as put_file
    request: Request,
    batch_id: str,
    file_no: Annotated[int, Path(ge=1)],
    actor: TheActor,
    archive: TheArchive,
    announced: Annotated[Announced, Header()],
) -> FileView:
    sha256, name = _announced_sha256(announced.content_digest), _file_name(announced.x_file_name)
    number, known = await run_in_threadpool(_rescan_place, archive, actor, (batch_id, file_no, sha256))
    data = await body_of(request, archive.limits.max_bytes)
    if known is not None:
        return _file_view(known)
    sent = SentFile(batch_id=batch_id, file_no=number, name=name, data=data, sha256=sha256)
    return _file_view(await run_in_threadpool(_take_rescan, archive, actor, sent, file_no))


@router.post("/batches/{batch_id}/seal", summary="Close the batch; sealing again is harmless")
def seal_batch(batch_id: str, actor: TheActor, session: Writing) -> BatchView:
    actor.require(Role.SCANNER)
    return BatchView.model_validate(receive.seal_batch(session, actor, batch_id))


@router.get("/batches/{batch_id}/receipt", summary="What the archive has taken, and how it stands")
def get_receipt(batch_id: str, actor: TheActor, session: Reading) -> Receipt:
    actor.require(Role.SCANNER, *READERS)
    batch = receive.batch_of(session, actor, batch_id)
    rows = receive.files_of(session, batch_id)
    known = standings(session, batch)
    better = {row.rescan_of for row in rows if row.outcome != FileOutcome.REFUSED}
    numbers = {row.file_no for row in rows}
    return Receipt(
        batch_id=batch.id,
        batch_number=batch.number,
        station_id=batch.station_id,
        station_name=session.get_one(Station, batch.station_id).name,
        operator=batch.operator,
        state=BatchState(batch.state),
        opened_at=batch.opened_at,
        sealed_at=batch.sealed_at,
        declared_files=batch.declared_files,
        missing=[number for number in range(1, batch.declared_files + 1) if number not in numbers][:50],
        files=[_receipt_file(row, known.get(row.document_id or ""), row.file_no in better) for row in rows],
    )


@router.get(
    "/batches/{batch_id}/files/{file_no}/picture",
    summary="A refused file's first page, small, where the file was kept and that page opened",
    response_class=Response,
    responses=JPEG,
)
def get_picture(
    batch_id: str, file_no: Annotated[int, Path(ge=1)], actor: TheActor, archive: TheArchive, session: Reading
) -> Response:
    """For whoever scans too, who may see no document: it is the paper to be found and scanned again."""
    actor.require(Role.SCANNER, *READERS)
    row = session.get(BatchFile, (receive.batch_of(session, actor, batch_id).id, file_no))
    document = session.get(Document, row.document_id) if row and row.document_id else None
    if document is None or document.state != DocumentState.REFUSED or document.restricted_at is not None:
        raise NotFound(batch_id=batch_id, file_no=file_no)
    return content.picture(session, archive, actor, (document.id, 1, "thumbnail"))


@router.get("/scanning/stations", summary="The stations at which one may scan")
def list_own_stations(actor: TheActor, session: Reading) -> list[StationChoice]:
    return [StationChoice.model_validate(station) for station in session.scalars(receive.stations_of(actor))]


def _receipt_file(row: BatchFile, standing: Standing | None, has_better: bool) -> ReceiptFile:
    refused = standing.refused_code if standing else None
    asked = standing.rescan if standing else None
    return ReceiptFile(
        **dict(_file_view(row)),
        later_refusal=reason_of(refused),
        rescan=RescanWish.model_validate(asked) if asked else None,
        wants_rescan=not has_better and (refused is not None or row.outcome == FileOutcome.REFUSED),
        parked=reason_of(NeedsPerson.code) if standing and standing.is_parked else None,
        state=standing.state if standing else None,
        page_count=standing.page_count if standing else None,
        advice=[PageAdvice(page_no=no, codes=codes) for no, codes in sorted(standing.advice.items())]
        if standing
        else [],
        missing_side=standing.missing_side if standing else None,
        is_unpaired=standing is not None and standing.is_unpaired,
    )


def _rescan_place(archive: Archive, actor: Actor, place: tuple[str, int, str]) -> tuple[int, BatchFile | None]:
    with archive.reading() as session:
        return rescans.place_of(session, actor, *place)


def _take_rescan(archive: Archive, actor: Actor, sent: SentFile, rescan_of: int) -> BatchFile:
    kept = receive.keep_file(archive, sent)
    with archive.transaction() as session:
        return rescans.record_rescan(session, actor, kept, rescan_of)


def _arrived(archive: Archive, actor: Actor, batch_id: str, file_no: int, sha256: str) -> BatchFile | None:
    with archive.reading() as session:
        return receive.arrived(session, actor, batch_id, file_no, sha256)


def _take(archive: Archive, actor: Actor, sent: SentFile) -> BatchFile:
    """Bytes before row; the row is committed before the station gets its answer."""
    kept = receive.keep_file(archive, sent)
    with archive.transaction() as session:
        return receive.record_file(session, actor, kept)


def _refuse(archive: Archive, actor: Actor, announced: tuple[str, int, str], refusal: FileTooLarge) -> None:
    batch_id, file_no, sha256 = announced
    with archive.transaction() as session:
        receive.record_file(session, actor, receive.refused_file(batch_id, file_no, sha256, refusal))


def _announced_sha256(content_digest: str) -> str:
    match = _DIGEST.search(content_digest)
    try:
        digest = base64.b64decode(match[1], validate=True) if match else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise InvalidInput("Content-Digest must be sha-256=:BASE64: with the file's SHA-256 (RFC 9530).")
    return digest.hex()


def _file_name(header: str | None) -> str | None:
    if not header:
        return None
    try:
        name = unquote(header, errors="strict")
    except UnicodeDecodeError as exc:
        raise InvalidInput("X-File-Name must be UTF-8, percent-encoded.") from exc
    return name[:_MOST_NAME_CHARACTERS]


def _file_view(row: BatchFile) -> FileView:
    return FileView(
        file_no=row.file_no,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        outcome=FileOutcome(row.outcome),
        reason=reason_of(row.reason_code),
        document_id=row.document_id,
        duplicate_of=row.duplicate_of,
        rescan_of=row.rescan_of,
        arrived_at=row.arrived_at,
    )
