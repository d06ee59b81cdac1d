"""The search page. What is sought goes in bodies, never in addresses: it may be a name or a number."""

from __future__ import annotations

import datetime as dt

from fastapi import Request, Response
from pydantic import Field

from api.deps import Reading, TheArchive
from api.routes import search
from api.schemas.base import RegionCode, Wire
from api.schemas.search import ExcerptView, SearchOrder
from api.web.pages import Visitor, router_of, show
from api.web.places import SEARCH
from api.web.understanding import understood
from records.regions import current_regions
from records.terms import DocumentKind

router = router_of(SEARCH)

SHOWN = 20
MOST_COUNTED = 1000


class Sought(Wire):
    typed: str = Field(default="", max_length=200, repr=False)
    region: RegionCode | None = None
    kind: DocumentKind | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    cursor: str | None = Field(default=None, max_length=400)


@router.get("/search")
def get_search(request: Request, who: Visitor, session: Reading) -> Response:
    regions = {region.code: region.name for region in current_regions(session).values()}
    return show(request, "search.html", who=who, regions=regions, kinds=list(DocumentKind))


@router.post("/search/results")
def find(request: Request, sought: Sought, who: Visitor, archive: TheArchive, session: Reading) -> Response:
    """A piece of the page: the hits."""
    regions = list(current_regions(session).values())
    called = {region.name: region.code for region in regions} | {region.code: region.code for region in regions}
    meant = understood(sought.typed, called)
    chosen = {
        "region_codes": [sought.region] if sought.region else None,
        "kinds": [sought.kind] if sought.kind else None,
        "date_from": sought.date_from,
        "date_to": sought.date_to,
    }
    given = {name: value for name, value in chosen.items() if value is not None}
    order = SearchOrder.model_validate({**meant.filters, **given, "limit": SHOWN, "cursor": sought.cursor})
    answer = search.search_by_body(who.actor, archive, session, order)
    hits = [(hit, pieces(hit.excerpt)) for hit in answer.hits]
    return show(request, "results.html", who=who, answer=answer, hits=hits, parts=meant.parts, most=MOST_COUNTED)


def pieces(excerpt: ExcerptView | None) -> list[tuple[str, bool]]:
    """An excerpt cut at its highlights: (text, whether it is one)."""
    cut: list[tuple[str, bool]] = []
    at = 0
    text = excerpt.text if excerpt else ""
    for start, end in excerpt.highlights if excerpt else []:
        cut += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in [*cut, (text[at:], False)] if piece[0]]
