"""Looking at a file that is sent for it: it is opened in a process of its own, and nothing of it is kept."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.bodies import JPEG, RAW_BODY, body_of
from api.content import PRIVATE
from api.deps import TheActor, TheArchive, TheConfinement, require
from api.schemas.templates import SeenPages
from records import audit
from records.terms import Role

router = APIRouter(tags=["files"])


@router.post(
    "/files/glimpse",
    summary="The first page of a file that was refused, as far as it can be drawn; nothing of it is kept",
    response_class=Response,
    responses=JPEG,
    openapi_extra=RAW_BODY,
    dependencies=[require(Role.SCANNER)],
)
async def glimpse(request: Request, confinement: TheConfinement) -> Response:  # async: the body is read as it comes
    data = await body_of(request, confinement.limits.max_bytes)
    picture = await run_in_threadpool(confinement.glimpse, data)
    return Response(picture, media_type="image/jpeg", headers=PRIVATE)


@router.post(
    "/files/reading",
    summary="What is read on the first pages of a file, to try templates on; nothing of it is kept",
    openapi_extra=RAW_BODY,
    dependencies=[require(Role.ARCHIVIST)],
)
async def read(  # async: as glimpse
    request: Request, actor: TheActor, archive: TheArchive, confinement: TheConfinement
) -> SeenPages:
    data = await body_of(request, confinement.limits.max_bytes)
    pages = await run_in_threadpool(confinement.read, data)
    await run_in_threadpool(_note, archive, actor, len(pages))
    return SeenPages.model_validate({"pages": pages})


def _note(archive: TheArchive, actor: TheActor, pages: int) -> None:
    with archive.transaction() as session:
        audit.record(session, actor, "file.tried", "file:uploaded", pages=pages)
