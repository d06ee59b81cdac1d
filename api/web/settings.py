"""Settings: people and stations for administrators, regions and templates for archivists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from api.deps import Reading, require
from api.routes import accounts
from api.web.pages import PageRoute, Visitor, router_of, show
from api.web.places import SETTINGS
from ocr.templates import shipped
from records.actors import Actor
from records.documents import visible_documents
from records.errors import NotFound
from records.form_templates import MOST_CHARACTERS, templates_in_force
from records.models import Document, RegionTable
from records.regions import current_regions
from records.terms import DocumentKind, DocumentState, Role
from retention.schedule import current_schedule

router = router_of(SETTINGS)
people_router = APIRouter(route_class=PageRoute, dependencies=[require(Role.ADMINISTRATOR)], include_in_schema=False)

SHOWN = 100
NEW = "new"
TRIED_ON = (DocumentKind.REGISTRATION_FORM, DocumentKind.OTHER)
STANDING = (DocumentState.WAITING, DocumentState.VERIFIED, DocumentState.FILED)
START = """kind: registration_form
titles: []
fields:
  - { name: , labels: [], rule: text, lines: 1 }
stops: []
"""
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
        templates=shipped().values(), own=templates_in_force(session),
    )  # fmt: skip


@router.get("/settings/templates/{name}", dependencies=[require(Role.ARCHIVIST)])
def get_template(name: str, request: Request, who: Visitor, session: Reading, kept: int | None = None) -> Response:
    """One of the company's own templates, or a `new` one."""
    template = next((each for each in templates_in_force(session) if each.name == name), None)
    if template is None and name != NEW:
        raise NotFound(name=name)
    return show(
        request, "template.html", who=who, own=template, kept=kept, start=START, most=MOST_CHARACTERS,
        documents=_to_try_on(session, who.actor),
    )  # fmt: skip


def _to_try_on(session: Session, actor: Actor) -> Sequence[Document]:
    """The latest papers that were read and are a form, or may be one."""
    read = visible_documents(actor).where(Document.kind.in_(TRIED_ON), Document.state.in_(STANDING))
    return session.scalars(read.order_by(Document.id.desc()).limit(SHOWN)).all()


@people_router.get("/settings/people")
def get_people(request: Request, who: Visitor, session: Reading, cursor: Cursor = None) -> Response:
    users = accounts.list_users(session, cursor, SHOWN)
    stations = accounts.list_stations(session, None, SHOWN)
    regions = sorted(current_regions(session).values(), key=lambda region: region.code)
    return show(
        request, "people.html", who=who, users=users.items, next_cursor=users.next_cursor, stations=stations.items,
        regions=regions, roles=list(Role), me=who.actor.id,
    )  # fmt: skip
