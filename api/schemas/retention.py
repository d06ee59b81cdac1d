from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from api.schemas.base import ArchivalCode, Id, RegionCode, Sha256, Wire
from api.schemas.disposal import PaperView
from api.schemas.documents import DocumentSummary
from records.terms import DocumentKind


class HoldQueryBody(Wire):
    """Every document, kept or to come, for which all that is given holds."""

    region_code: RegionCode | None = None
    kind: DocumentKind | None = None
    retention_class: str | None = Field(default=None, max_length=60, examples=["company_papers"])
    received_from: dt.date | None = None
    received_before: dt.date | None = None


class HoldBody(Wire):
    case_no: str = Field(min_length=1, max_length=100, examples=["2026-沪01-113"])
    reason: str = Field(min_length=1, max_length=1000, examples=["诉讼"])
    authority: str = Field(min_length=1, max_length=200, examples=["法务部"])
    subjects: list[str] = Field(
        default_factory=list, max_length=10_000, examples=[["customer:019aa8c1f3e07b1c2d3e4f5061728394"]]
    )
    query: HoldQueryBody | None = None


class HoldView(Wire):
    id: Id
    case_no: str = Field(examples=["2026-沪01-113"])
    reason: str = Field(examples=["诉讼"])
    authority: str = Field(examples=["法务部"])
    subjects: list[str] = Field(examples=[["customer:019aa8c1f3e07b1c2d3e4f5061728394"]])
    query: HoldQueryBody | None
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
    is_final: bool = Field(description="Destroyed, and the paper it was scanned from too where the archive kept it.")
    document: DocumentSummary
    paper: PaperView | None
    list_number: str | None = Field(examples=["XH-2026-00001"], description="The list on which it was destroyed.")
    register_entries: list[RegisterEntryView]


class ChainView(Wire):
    """Whether a chain holds, up to where, and where it breaks."""

    holds: bool
    seq: int | None = Field(examples=[117], description="The last number checked; where broken, the first that fails.")
    head: Sha256 | None
    detail: str | None = Field(default=None, examples=["An entry was changed."])
