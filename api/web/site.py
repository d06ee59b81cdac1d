"""All pages, as the application includes them."""

from __future__ import annotations

from fastapi import APIRouter

from api.web import (
    appraisal,
    assets,
    batches,
    customers,
    documents,
    entrance,
    retention,
    running,
    schedules,
    search,
    verify,
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
    retention.register_router,
    running.router,
):
    site.include_router(_router)
