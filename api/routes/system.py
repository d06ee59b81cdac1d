"""The archive itself: version, parts, how much it holds."""

from __future__ import annotations

import shutil

from fastapi import APIRouter
from sqlalchemy import func, select

from api.anchors import standing_of
from api.deps import Reading, TheArchive, TheAuthority, TheSettings, require
from api.openapi import VERSION
from api.schemas.operations import AnchorView, SpaceView, StorageView, SystemView
from api.stamps import stamp_standing
from records.models import Document, StoredObject
from records.terms import Role
from storage.database import is_sqlite

router = APIRouter(tags=["system"], dependencies=[require(Role.ADMINISTRATOR, Role.ARCHIVIST, Role.AUDITOR)])


@router.get("/system/space", summary="How much room is left where the data directory lies")
def get_space(settings: TheSettings) -> SpaceView:
    usage = shutil.disk_usage(settings.data)
    return SpaceView(free_bytes=usage.free, total_bytes=usage.total)


@router.get("/system/anchor", summary="When the ends of the chains were last anchored, and whether they still agree")
def get_anchor(archive: TheArchive, settings: TheSettings, authority: TheAuthority) -> AnchorView:
    standing = standing_of(archive, settings.anchors_directory)
    stamp = stamp_standing(settings.anchors_directory, authority)
    anchor = standing.anchor
    return AnchorView(
        state=standing.state,
        at=anchor.moment if anchor else None,
        audit_seq=anchor.audit.seq if anchor else None,
        register_seq=anchor.register.seq if anchor else None,
        stamp=stamp.state,
        stamped_at=stamp.at,
    )


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
