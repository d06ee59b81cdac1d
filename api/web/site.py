"""All pages, as the application includes them."""

from __future__ import annotations

from fastapi import APIRouter

from api.web import (
    appraisal,
    assets,
    audit,
    batches,
    customers,
    delegations,
    documents,
    entrance,
    reminders,
    requests,
    retention,
    running,
    schedules,
    search,
    settings,
    verify,
    yearbook,
)

site = APIRouter()
for _router in (
    assets.router,
    entrance.login_router,
    entrance.router,
    verify.router,
    search.router,
    documents.router,
    batches.router,
    customers.router,
    retention.router,
    appraisal.router,
    schedules.router,
    requests.router,
    delegations.router,
    reminders.router,
    yearbook.router,
    retention.register_router,
    audit.router,
    running.router,
    settings.router,
    settings.people_router,
):
    site.include_router(_router)
