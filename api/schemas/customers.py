from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from api.schemas.base import RegionCode, Version, Wire
from api.schemas.documents import CustomerView, DocumentSummary


class CustomerWithDocuments(Wire):
    """The first 200 documents; the rest by `/documents?customer_id=`."""

    customer: CustomerView
    documents: list[DocumentSummary]


class AcceptOrder(Wire):
    version: Version


class EndOrder(Wire):
    ended_on: dt.date
    version: Version


class EndAnswer(Wire):
    customer: CustomerView
    due_dates_given: int = Field(examples=[4], description="Records whose period starts with this.")


class LookupOrder(Wire):
    purpose: Literal["credit_code", "registration_number", "id_number"]
    number: str = Field(min_length=1, max_length=64, examples=["91310000MA1FL0XJ2K"], repr=False)


class RegionView(Wire):
    version: int = Field(examples=[1])
    code: RegionCode
    name: str = Field(examples=["华东"])
    area_prefixes: list[str] = Field(examples=[["31", "32"]])


class RegionsView(Wire):
    regions: list[RegionView]


class LoadedVersion(Wire):
    version: int = Field(examples=[2])
