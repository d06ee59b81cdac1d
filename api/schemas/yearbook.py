"""The yearly numbers on the wire."""

from __future__ import annotations

from pydantic import Field

from api.schemas.base import Wire
from records.terms import YearlyNumber

_NUMBERS = [{"filed": 412, "filed_pages": 1204, "destroyed": 37}]


class YearbookLine(Wire):
    """`-` stands where there is no region or class: holds, files received. A number that is absent is 0."""

    region_code: str = Field(examples=["HD"])
    retention_class: str = Field(examples=["company_papers"])
    numbers: dict[YearlyNumber, int] = Field(examples=_NUMBERS)


class YearbookView(Wire):
    year: int = Field(examples=[2026])
    lines: list[YearbookLine]
    total: dict[YearlyNumber, int] = Field(examples=_NUMBERS)
