"""The yearly numbers: one year in sight, the others one step away."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from api.deps import Reading
from api.routes import yearbook
from api.routes.retention import today
from api.web.pages import Visitor, router_of, show
from api.web.places import RETENTION
from records.terms import YearlyNumber
from retention.yearbook import years_of

router = router_of(RETENTION)


@router.get("/retention/yearbook")
def get_yearbook(
    request: Request, who: Visitor, session: Reading, year: Annotated[int | None, Query(ge=1900, le=2999)] = None
) -> Response:
    found = yearbook.get_yearbook(year or today().year, who.actor, session)
    counted = [number for number in YearlyNumber if found.total.get(number)]
    return show(request, "yearbook.html", who=who, book=found, counted=counted, years=years_of(session, today().year))
