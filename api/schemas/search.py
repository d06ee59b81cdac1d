from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from api.schemas.base import ArchivalCode, CustomerCode, Id, RegionCode, Wire
from api.schemas.documents import CustomerView, DocumentSummary
from index.entry import MAX_LIMIT
from records.terms import DocumentKind, DocumentState


class SearchFilters(Wire):
    """Every condition must hold; ranges include both ends."""

    text: str = Field(default="", max_length=200, examples=["海棠贸易"])
    region_codes: list[RegionCode] | None = Field(default=None, examples=[["HD"]])
    region_prefix: RegionCode | None = None
    customer_id: Id | None = None
    customer_code: CustomerCode | None = None
    customer_code_prefix: str | None = Field(default=None, examples=["HD"])
    code_from: str | None = Field(default=None, examples=["HD000001"], description="Customer code, from.")
    code_to: str | None = Field(default=None, examples=["HD000100"], description="Customer code, to.")
    archival_code: ArchivalCode | None = None
    archival_code_prefix: str | None = Field(default=None, examples=["GD01-KH·YZ-2026"])
    kinds: list[DocumentKind] | None = None
    states: list[DocumentState] | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    date_name: Literal["filed_on", "document_on"] = "filed_on"
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(default=None, max_length=400, examples=[None])


class NumberSought(Wire):
    purpose: Literal["credit_code", "registration_number", "id_number"]
    number: str = Field(min_length=1, max_length=64, examples=["91310000MA1FL0XJ2K"], repr=False)


class SearchOrder(SearchFilters):
    number: NumberSought | None = Field(default=None, description="A number of a customer, compared whole.")


class ExcerptView(Wire):
    """`highlights` are (start, end) places in `text`."""

    text: str = Field(examples=["…名称 海棠贸易有限公司…"])
    highlights: list[tuple[int, int]] = Field(examples=[[[4, 8]]])


class HitView(Wire):
    document: DocumentSummary
    customer: CustomerView | None
    page_no: int | None = Field(examples=[1])
    score: int = Field(examples=[1])
    excerpt: ExcerptView | None


class CountView(Wire):
    value: str = Field(examples=["business_license"])
    count: int = Field(examples=[12])


class FacetsView(Wire):
    """How the counted documents divide, the most frequent first; years are those of filing."""

    kinds: list[CountView]
    regions: list[CountView]
    years: list[CountView]


class SearchAnswer(Wire):
    """`total_estimate` and `facets` on the first page only, of the latest records where not all were counted."""

    hits: list[HitView]
    next_cursor: str | None
    total_estimate: int | None = Field(examples=[12], description="500 at most.")
    counted_all: bool = Field(default=True, description="If not, there are `total_estimate` or more.")
    facets: FacetsView | None = None


TableForm = Literal["xlsx", "csv"]


class ExportOrder(SearchOrder):
    """`limit` and `cursor` mean nothing here: all is exported, 5,000 records at most."""

    language: Literal["zh-CN", "en"] = "zh-CN"
    form: TableForm = "xlsx"


class SavedSought(Wire):
    """What the search page asks: the box and its filters."""

    typed: str = Field(default="", max_length=200, examples=["华东 海棠贸易"], repr=False)
    region: RegionCode | None = None
    kind: DocumentKind | None = None
    date_name: Literal["filed_on", "document_on"] = "filed_on"
    date_from: dt.date | None = None
    date_to: dt.date | None = None


class SaveOrder(Wire):
    name: str = Field(min_length=1, max_length=60, examples=["本季度华东执照"], repr=False)
    sought: SavedSought


class SavedSearchView(SaveOrder):
    id: Id
    created_at: dt.datetime


class SavedSearchesView(Wire):
    searches: list[SavedSearchView]
