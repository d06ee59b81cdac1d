"""Settings: people and stations for administrators, regions and templates for archivists."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import Reading, require
from api.routes import accounts
from api.web.pages import PageRoute, Visitor, router_of, show
from api.web.places import SETTINGS
from ocr.templates import shipped
from records.models import RegionTable
from records.regions import current_regions
from records.terms import Role
from retention.schedule import current_schedule

router = router_of(SETTINGS)
people_router = APIRouter(route_class=PageRoute, dependencies=[require(Role.ADMINISTRATOR)], include_in_schema=False)

SHOWN = 100
Cursor = Annotated[str | None, Query(max_length=400)]


@router.get("/settings")
def get_settings(request: Request, who: Visitor, session: Reading) -> Response:
    """For archivists; an administrator's settings are people and stations."""
    if not who.actor.may(Role.ARCHIVIST):
        return get_people(request, who, session)
    regions = sorted(current_regions(session).values(), key=lambda region: region.code)
    loaded = session.get(RegionTable, regions[0].version) if regions else None
    return show(
        request, "settings.html", who=who, regions=regions, loaded=loaded, schedule=current_schedule(session),
        templates=shipped().values(),
    )  # fmt: skip


@people_router.get("/settings/people")
def get_people(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    users = accounts.list_users(session, cursor, SHOWN)
    stations = accounts.list_stations(session, None, SHOWN)
    regions = sorted(current_regions(session).values(), key=lambda region: region.code)
    return show(
        request, "people.html", who=who, users=users.items, next_cursor=users.next_cursor, stations=stations.items,
        regions=regions, roles=list(Role), me=who.actor.id,
    )  # fmt: skip
