from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from api.schemas.base import ArchivalCode, Id, Sha256, Wire
from api.schemas.documents import DocumentSummary
from records.terms import Disposition, DocumentKind, Trigger


class ClassView(Wire):
    name: str = Field(examples=["company_papers"])
    title: str = Field(examples=["企业客户证照"])
    kinds: list[DocumentKind]
    trigger: Trigger
    period_years: int = Field(examples=[10])
    period_days: int = Field(examples=[0])
    upper_bound_years: int | None = Field(examples=[30])
    disposition: Disposition
    authority: str = Field(examples=["客户档案保管期限表"])


class ScheduleView(Wire):
    version: int = Field(examples=[1])
    title: str = Field(examples=["客户档案保管期限表"])
    approved_by: str = Field(examples=["总经理办公会"])
    sha256: Sha256
    loaded_by: str
    loaded_at: dt.datetime
    classes: list[ClassView]


class SchedulesView(Wire):
    """Newest first; the first is in force."""

    schedules: list[ScheduleView]


class HoldBody(Wire):
    case_no: str = Field(min_length=1, max_length=100, examples=["2026-沪01-113"])
    reason: str = Field(min_length=1, max_length=1000, examples=["诉讼"])
    authority: str = Field(min_length=1, max_length=200, examples=["法务部"])
    subjects: list[str] = Field(min_length=1, max_length=1000, examples=[["customer:019aa8c1f3e07b1c2d3e4f5061728394"]])


class HoldView(Wire):
    id: Id
    case_no: str = Field(examples=["2026-沪01-113"])
    reason: str = Field(examples=["诉讼"])
    authority: str = Field(examples=["法务部"])
    subjects: list[str] = Field(examples=[["customer:019aa8c1f3e07b1c2d3e4f5061728394"]])
    placed_by: str
    placed_at: dt.datetime
    released_by: str | None
    released_at: dt.datetime | None
    release_reason: str | None


class ReleaseBody(Wire):
    reason: str = Field(min_length=1, max_length=1000, examples=["判决生效"])


RegisterEvent = Literal["begun", "destroyed", "paper_destroyed"]


class RegisterEntryView(Wire):
    """`entry` is what was hashed, with the eight columns under their printed names."""

    seq: int = Field(examples=[8])
    at: dt.datetime
    event: RegisterEvent
    document_id: Id
    archival_code: ArchivalCode | None
    list_id: Id
    entry: dict[str, Any] = Field(examples=[{"档号": "GD01-KH·YZ-2026-D10-000042", "题名": "营业执照"}])
    previous_hash: Sha256
    hash: Sha256


class RecordView(Wire):
    """A record, or the tombstone of one: then `register_entries` tell of its destruction."""

    is_destroyed: bool
    document: DocumentSummary
    register_entries: list[RegisterEntryView]


class ChainView(Wire):
    """Whether a chain holds, up to where, and where it breaks."""

    holds: bool
    seq: int | None = Field(examples=[117], description="The last number checked; where broken, the first that fails.")
    head: Sha256 | None
    detail: str | None = Field(default=None, examples=["An entry was changed."])
