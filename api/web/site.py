"""All pages, as the application includes them."""

from __future__ import annotations

from fastapi import APIRouter

from api.web import assets, entrance, verify
from api.web.pages import PageRoute

site = APIRouter(route_class=PageRoute)
for _module in (assets, entrance, verify):
    site.include_router(_module.router)
site.include_router(entrance.login_router)
