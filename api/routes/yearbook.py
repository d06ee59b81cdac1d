"""The yearly numbers (工作台账), as JSON and as a table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from api.deps import Reading, TheActor, require
from api.routes.retention import ONLOOKERS
from api.schemas.yearbook import YearbookView
from api.spreadsheet import csv_of
from api.web import words
from records.terms import YearlyNumber
from retention.yearbook import Yearbook, yearbook_of

router = APIRouter(tags=["retention"], dependencies=[require(*ONLOOKERS)])

Year = Annotated[int, Path(ge=1900, le=2999)]
_TABLE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/retention/yearbook/{year}", summary="What was received, filed, appraised, destroyed and held in a year")
def get_yearbook(year: Year, actor: TheActor, session: Reading) -> YearbookView:
    found = yearbook_of(session, actor, year)
    return YearbookView.model_validate(found)


@router.get("/retention/yearbook/{year}/csv", summary="The same as CSV", response_class=Response, responses=_TABLE)
def get_table(
    year: Year,
    actor: TheActor,
    session: Reading,
    language: Annotated[Literal["zh-CN", "en"], Query()] = "zh-CN",
) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="guidang-{year}.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(table_of(yearbook_of(session, actor, year), language), media_type="text/csv", headers=headers)


def table_of(yearbook: Yearbook, language: str) -> bytes:
    """One row for each region and class, the sum last."""
    head = [words.say(language, f"yearbook.{name}") for name in ("year", "region", "class")]
    head += [words.said_of(language, "yearly", number) for number in YearlyNumber]
    rows = [(line.region_code, line.retention_class, line.numbers) for line in yearbook.lines]
    rows.append((words.say(language, "yearbook.total"), "", yearbook.total))
    return csv_of(head, (
        [str(yearbook.year), region, name, *(str(numbers[number]) for number in YearlyNumber)]
        for region, name, numbers in rows
    ))  # fmt: skip
