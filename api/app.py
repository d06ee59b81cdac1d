"""The HTTP application: routes, their rights, and what surrounds them."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI

from api import errors, openapi
from api.bootstrap import confinement_of
from api.deps import actor, principal
from api.metrics import Metrics
from api.middleware import BodyLimit, Shell
from api.passwords import Argon2Passwords
from api.routes import (
    accounts,
    appraisal,
    audit,
    batches,
    customers,
    disposal,
    documents,
    files,
    grouping,
    health,
    jobs,
    papers,
    regions,
    reminders,
    requests,
    retention,
    schedules,
    search,
    sessions,
    system,
    templates,
    verification,
    yearbook,
)
from api.settings import Settings
from api.timestamping import authority_of
from api.web.site import site
from intake.archive import Archive
from records.accounts import Passwords

API = "/api/v1"


def create_app(archive: Archive, settings: Settings, passwords: Passwords | None = None) -> FastAPI:
    """The application over an opened archive. Nothing is opened or closed here."""
    # The framework's own pages load scripts from a network; the description is behind the login like everything else.
    app = FastAPI(title="Guidang 归档", version=openapi.VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    authority = authority_of(settings)
    metrics = Metrics(archive, settings.anchors_directory, authority)
    app.state.archive, app.state.settings, app.state.metrics = archive, settings, metrics
    app.state.authority = authority
    app.state.confinement = confinement_of(settings)
    app.state.passwords = passwords or Argon2Passwords()
    errors.install(app)
    app.include_router(health.router)
    app.include_router(sessions.login_router, prefix=API)
    app.include_router(_behind_login())
    app.include_router(site)  # each page says whose it is
    app.add_middleware(BodyLimit)
    app.add_middleware(Shell, observe=metrics.observe)
    openapi.install(app)
    return app


def _behind_login() -> APIRouter:
    """Deny by default: a route gets in here, or answers to nobody."""
    guarded = APIRouter(prefix=API, dependencies=[Depends(principal)])
    guarded.include_router(sessions.router)  # also with a one-time password, to replace it
    settled = APIRouter(dependencies=[Depends(actor)])
    for module in (
        accounts,
        appraisal,
        audit,
        batches,
        customers,
        disposal,
        files,
        grouping,
        jobs,
        papers,
        regions,
        templates,
        reminders,
        requests,
        retention,
        schedules,
        search,
        system,
        verification,
        yearbook,
    ):
        settled.include_router(module.router)
    settled.include_router(documents.router)
    settled.include_router(documents.trail_router)
    settled.include_router(openapi.router)
    guarded.include_router(settled)
    return guarded
