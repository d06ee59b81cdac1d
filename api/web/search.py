"""The search page. What is sought goes in bodies, never in addresses: it may be a name or a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from fastapi import Request, Response
from pydantic import Field

from api.deps import Reading, TheArchive, require
from api.routes import search
from api.schemas.search import ExcerptView, ExportOrder, SavedSought, SearchOrder, TableForm
from api.web import words
from api.web.pages import Visitor, router_of, show
from api.web.places import SEARCH
from api.web.understanding import Understood, understood
from index.entry import DateName
from records.regions import region_names
from records.terms import DocumentKind, Role

router = router_of(SEARCH)

SHOWN = 20
EXPORTERS = (Role.ARCHIVIST,)


class Sought(SavedSought):
    cursor: str | None = Field(default=None, max_length=400)


class Exported(Sought):
    form: TableForm = "xlsx"


@router.get("/search")
def get_search(request: Request, who: Visitor, archive: TheArchive, session: Reading) -> Response:
    regions = region_names(session)
    seen = {code: name for code, name in regions.items() if who.actor.regions is None or code in who.actor.regions}
    saved = [
        (each.id, each.name, each.sought.model_dump_json(exclude_none=True))
        for each in search.list_searches(who.actor, archive, session).searches
    ]
    return show(
        request, "search.html", who=who, regions=seen, kinds=list(DocumentKind), saved=saved,
        date_names=get_args(DateName), may_export=who.actor.may(*EXPORTERS),
    )  # fmt: skip


@router.post("/search/results")
def find(request: Request, sought: Sought, who: Visitor, archive: TheArchive, session: Reading) -> Response:
    """A piece of the page: the hits, and how what is found divides."""
    regions = region_names(session)
    meant = _meant(sought, regions)
    order = _order(sought, meant)
    answer = search.search_by_body(who.actor, archive, session, order)
    hits = [(hit, pieces(hit.excerpt)) for hit in answer.hits]
    return show(
        request, "results.html", who=who, answer=answer, hits=hits, parts=meant.parts, regions=regions,
        sought=sought,
    )  # fmt: skip


@router.post("/search/export", dependencies=[require(*EXPORTERS)])
def export(request: Request, sought: Exported, who: Visitor, archive: TheArchive, session: Reading) -> Response:
    """What the page asks, as the table of the API."""
    regions = region_names(session)
    order = _order(sought, _meant(sought, regions)).model_dump(exclude={"limit", "cursor"})
    order |= {"language": words.chosen(request.cookies.get(words.COOKIE)), "form": sought.form}
    return search.export(who.actor, archive, session, ExportOrder.model_validate(order))


def _meant(sought: Sought, regions: Mapping[str, str]) -> Understood:
    called = {name: code for code, name in regions.items()} | {code: code for code in regions}
    return understood(sought.typed, called)


def _order(sought: Sought, meant: Understood) -> SearchOrder:
    chosen = {
        "region_codes": [sought.region] if sought.region else None,
        "kinds": [sought.kind] if sought.kind else None,
        "date_name": sought.date_name,
        "date_from": sought.date_from,
        "date_to": sought.date_to,
    }
    given = {name: value for name, value in chosen.items() if value is not None}
    return SearchOrder.model_validate({**meant.filters, **given, "limit": SHOWN, "cursor": sought.cursor})


def pieces(excerpt: ExcerptView | None) -> list[tuple[str, bool]]:
    """An excerpt cut at its highlights: (text, whether it is one)."""
    cut: list[tuple[str, bool]] = []
    at = 0
    text = excerpt.text if excerpt else ""
    for start, end in excerpt.highlights if excerpt else []:
        cut += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in [*cut, (text[at:], False)] if piece[0]]
