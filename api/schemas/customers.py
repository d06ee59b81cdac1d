from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from api.schemas.base import ArchivalCode, Id, RegionCode, Version, Wire
from api.schemas.disposal import PaperView
from api.schemas.documents import CustomerView, DocumentSummary, HoldBrief, TrailEntry
from api.schemas.schedules import EVIDENCE
from records.completeness import RequiredPaper
from records.terms import DocumentKind, FieldState


class CustomerWithDocuments(Wire):
    """The first 200 documents; the rest by `/documents?customer_id=`."""

    customer: CustomerView
    documents: list[DocumentSummary]


class NoticeBody(Wire):
    """What a natural person was told; no name and no number."""

    given_on: dt.date
    purpose: str = Field(min_length=1, max_length=500, examples=["核验身份，办理开户"])
    keeping: str = Field(min_length=1, max_length=500, examples=["关系终止后三年，之后销毁"])
    document_id: Id | None = Field(default=None, description="The scan of a signed consent in the same file.")


class NoticeView(NoticeBody):
    id: Id
    customer_id: Id
    noted_by: str = Field(examples=["019aa8c1f3e07b1c2d3e4f5061728394"])
    noted_at: dt.datetime


class NoticeList(Wire):
    """The latest first."""

    notices: list[NoticeView]


class FileFieldView(Wire):
    """A value, the record it stands in and who settled it; numbers of people masked unless a purpose was stated."""

    name: str = Field(examples=["legal_representative"])
    kind: DocumentKind
    value: str = Field(examples=["赵青禾"])
    state: FieldState
    document_id: Id
    archival_code: ArchivalCode | None
    page_no: int | None = Field(examples=[1])
    decided_by: str | None = Field(examples=["019aa8c1f3e07b1c2d3e4f5061728394"])
    decided_at: dt.datetime


class FileEntryView(Wire):
    """A field as the newest record has it, and where older ones say something else."""

    latest: FileFieldView
    differing: list[FileFieldView]


class FileFieldsView(Wire):
    """Of the 50 newest records."""

    customer_id: Id
    entries: list[FileEntryView]


class SubjectHold(HoldBrief):
    subject: str = Field(examples=["customer:019aa8c1f3e07b1c2d3e4f5061728394"])


class VolumeView(Wire):
    """卷: one relationship with the customer and what was filed in it; its periods run from its own end."""

    volume_no: int = Field(examples=[1])
    opened_on: dt.date
    ended_on: dt.date | None


class CustomerFileView(CustomerWithDocuments):
    """A customer file as a whole. `missing`: papers that a customer of this kind must have and no record holds."""

    entries: list[FileEntryView]
    missing: list[RequiredPaper]
    holds: list[SubjectHold]
    papers: list[PaperView] = Field(description="Where the papers are that the archive keeps of the documents.")
    volumes: list[VolumeView]


class CustomerTrailView(Wire):
    customer_id: Id
    entries: list[TrailEntry]


class AcceptOrder(Wire):
    version: Version


class EndOrder(Wire):
    ended_on: dt.date
    evidence: str = Field(min_length=1, max_length=500, examples=["终止协议 2026-07"], description=EVIDENCE)
    version: Version


class ReopenOrder(Wire):
    reopened_on: dt.date
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
