"""Pages out of templates, and what a page says when it cannot be shown."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends as DependsParam
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.deps import Principal, require, settled_principal
from api.errors import default_message, status_of
from api.messages import CHINESE
from api.web import assets, words
from api.web.places import Place, places_of
from records.dates import CHINA
from records.errors import ArchiveError, InvalidInput, NotAuthenticated, NotPermitted, PasswordChangeRequired

"""Times are shown by the clock on the wall: one zone in all of China."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class PageRoute(APIRoute):
    """Answers to a person: a login where one is needed, and errors as a page. Scripts get problems like the API's."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except (ArchiveError, RequestValidationError) as error:
                if _is_script(request):
                    raise
                return _instead(request, error if isinstance(error, ArchiveError) else InvalidInput())

        return shown


def visitor(asking: Annotated[Principal, Depends(settled_principal)]) -> Principal:
    """A person with a password of his own; stations have no pages."""
    if asking.user is None:
        raise NotPermitted("A station only sends batches.")
    return asking


Visitor = Annotated[Principal, Depends(visitor)]


def router_of(place: Place) -> APIRouter:
    """A router for the pages of a place, for those whose place it is."""
    dependencies: list[DependsParam] = [require(*sorted(place.roles))]
    return APIRouter(route_class=PageRoute, dependencies=dependencies, include_in_schema=False)


def show(request: Request, template: str, *, who: Principal | None = None, status: int = 200, **facts: Any) -> Response:
    """A template with its facts. `who` None: a page for nobody yet."""
    language = words.chosen(request.cookies.get(words.COOKIE))
    page = _TEMPLATES.get_template(template).render(
        **facts,
        who=who.user if who else None,
        places=places_of(who.actor) if who else [],
        here=request.url.path,
        language=language,
        other_language=words.other(language),
        say=partial(words.say, language),
        said_of=partial(words.said_of, language),
        trigger_said=partial(words.trigger_said, language),
        words_json=partial(_words_json, language),
    )
    return HTMLResponse(page, status_code=status)


def moment(at: dt.datetime | None) -> str:
    return "–" if at is None else at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def day(at: dt.datetime | dt.date | None) -> str:
    return "–" if at is None else (at.astimezone(CHINA).date() if isinstance(at, dt.datetime) else at).isoformat()


def clock(at: dt.datetime) -> str:
    return at.astimezone(CHINA).strftime("%H:%M")


def size(size_bytes: int) -> str:
    amount = float(size_bytes)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


_TEMPLATES.globals["asset"] = assets.address
_TEMPLATES.filters |= {"moment": moment, "clock": clock, "day": day, "size": size}


def _words_json(language: str, *groups: str) -> Markup:
    """For a block of data in a page. `<` is written so that no word can end the block."""
    said = json.dumps(words.section(language, *groups), ensure_ascii=False)
    return Markup(said.replace("<", "\\u003c"))


def _is_script(request: Request) -> bool:
    return request.method != "GET" or "x-requested-with" in request.headers


def _instead(request: Request, error: ArchiveError) -> Response:
    if isinstance(error, NotAuthenticated):
        asked = request.url.path if request.url.path != "/" else ""
        return RedirectResponse(f"/login?then={quote(asked)}" if asked else "/login", status_code=303)
    if isinstance(error, PasswordChangeRequired):
        return RedirectResponse("/password", status_code=303)
    status = status_of(type(error))
    if status >= 500:
        raise error  # the one place that logs and answers failures of ours
    language = words.chosen(request.cookies.get(words.COOKIE))
    said = CHINESE.get(error.code) if language == words.DEFAULT else default_message(type(error))
    asking: Principal | None = getattr(request.state, "asking", None)
    who = asking if asking is not None and asking.user is not None else None
    return show(request, "error.html", who=who, status=status, message=said or error.code)
