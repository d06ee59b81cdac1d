"""Coming in: the login, a password of one's own, and where a person's day begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import Principal, principal
from api.web.pages import PageRoute, Visitor, show
from api.web.places import start_of
from records.errors import NotPermitted

login_router = APIRouter(route_class=PageRoute, include_in_schema=False)
router = APIRouter(route_class=PageRoute, include_in_schema=False)


@login_router.get("/login")
def get_login(request: Request, then: Annotated[str, Query(max_length=400)] = "/") -> Response:
    # Only a path of ours: two slashes, or a slash and its mirror, would lead to another host.
    is_ours = then.startswith("/") and not then.startswith(("//", "/\\"))
    return show(request, "login.html", then=then if is_ours else "/")


@router.get("/password")
def get_password(request: Request, asking: Annotated[Principal, Depends(principal)]) -> Response:
    if asking.user is None:
        raise NotPermitted("A station has no password.")
    return show(request, "password.html", is_first=asking.user.must_change_password)


@router.get("/")
def get_start(who: Visitor) -> Response:
    start = start_of(who.actor)
    return RedirectResponse(start.path if start else "/password", status_code=303)
