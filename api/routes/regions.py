"""The company's regions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from api.deps import Reading, TheActor, ThePerson, Writing, require
from api.schemas.customers import LoadedVersion, RegionsView, RegionView
from records import regions
from records.terms import Role

router = APIRouter(tags=["regions"])

Yaml = Annotated[bytes, Body(media_type="application/yaml", max_length=1024 * 1024)]


@router.get("/regions", summary="The regions in force")
def list_regions(_person: ThePerson, session: Reading) -> RegionsView:
    in_force = regions.current_regions(session)
    return RegionsView(regions=[RegionView.model_validate(in_force[code]) for code in sorted(in_force)])


@router.post(
    "/regions",
    status_code=201,
    summary="Put a new version of the region file in force",
    dependencies=[require(Role.ARCHIVIST)],
)
def load_regions(source: Yaml, actor: TheActor, session: Writing) -> LoadedVersion:
    return LoadedVersion(version=regions.load_regions(session, actor, source))
