"""The archive itself: version, parts, how much it holds."""

from __future__ import annotations

import shutil

from fastapi import APIRouter
from sqlalchemy import func, select

from api.deps import Reading, TheArchive, TheSettings, require
from api.openapi import VERSION
from api.schemas.operations import SpaceView, StorageView, SystemView
from records.models import Document, StoredObject
from records.terms import Role
from storage.database import is_sqlite

router = APIRouter(tags=["system"], dependencies=[require(Role.ADMINISTRATOR, Role.ARCHIVIST, Role.AUDITOR)])


@router.get("/system/space", summary="How much room is left where the data directory lies")
def get_space(settings: TheSettings) -> SpaceView:
    usage = shutil.disk_usage(settings.data)
    return SpaceView(free_bytes=usage.free, total_bytes=usage.total)


@router.get("/system", summary="Version, parts and storage; it counts everything, so do not ask often")
def get_system(archive: TheArchive, settings: TheSettings, session: Reading) -> SystemView:
    objects, object_bytes = session.execute(select(func.count(), func.sum(StoredObject.size_bytes))).one()
    storage = StorageView(
        documents=session.scalar(select(func.count()).select_from(Document)) or 0,
        objects=objects,
        object_bytes=int(object_bytes or 0),
        indexed_documents=archive.index.count(session.connection()),
    )
    return SystemView(
        version=VERSION,
        database="sqlite" if is_sqlite(archive.engine) else "postgresql",
        object_store="s3" if settings.objects_location.startswith("s3://") else "directory",
        index=settings.index,
        storage=storage,
    )
