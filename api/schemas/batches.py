from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from api.schemas.base import Id, Reason, RegionCode, Sha256, Wire
from intake.receive import MOST_FILES
from records.terms import BatchState, DocumentState, FileOutcome, RescanReason


class BatchBody(Wire):
    operator: str = Field(min_length=1, max_length=100, examples=["李"])
    declared_files: int = Field(ge=1, le=MOST_FILES, examples=[25])
    capture: dict[str, Any] = Field(
        default_factory=dict,
        examples=[{"device": "fi-8170", "dpi": 300, "duplex": True}],
        description="Process metadata (DA/T 31). `duplex`: both sides of each sheet were scanned.",
    )
    station_id: Id | None = Field(default=None, description="At which station a person scans; a token says it already.")


class BatchView(Wire):
    id: Id
    number: str = Field(examples=["JS-2026-000012"])
    station_id: Id
    operator: str = Field(examples=["李"])
    region_code: RegionCode | None
    declared_files: int = Field(examples=[25])
    state: BatchState
    opened_at: dt.datetime
    sealed_at: dt.datetime | None


class FileView(Wire):
    """What became of one file. `duplicate_of` is the document with the same bytes that came first."""

    file_no: int = Field(examples=[1])
    sha256: Sha256
    size_bytes: int = Field(examples=[482133])
    outcome: FileOutcome
    reason: Reason | None
    document_id: Id | None
    duplicate_of: Id | None
    rescan_of: int | None = Field(description="The file that this one was scanned again for.", examples=[None])
    arrived_at: dt.datetime


class BatchWithFiles(BatchView):
    files: list[FileView] = Field(description="Those that arrived, by number.")


class RescanWish(Wire):
    """A person sent the file back (R23)."""

    reason: RescanReason
    asked_at: dt.datetime


class PageAdvice(Wire):
    """What DA/T 31 would object to on a page; nothing is refused for it."""

    page_no: int = Field(examples=[1])
    codes: list[str] = Field(examples=[["low_dpi"]])


class ReceiptFile(FileView):
    """A file and how its document stands. `wants_rescan`: it was refused or sent back and no better scan came yet."""

    later_refusal: Reason | None = Field(
        description="Kept, but could not be opened afterwards or was sent back: scan it again."
    )
    rescan: RescanWish | None
    wants_rescan: bool
    parked: Reason | None = Field(description="Working on it failed several times: it waits for a person.")
    state: DocumentState | None
    page_count: int | None = Field(examples=[2])
    advice: list[PageAdvice]
    missing_side: str | None = Field(description="`front` or `back` of an ID card.", examples=[None])
    is_unpaired: bool = Field(description="Scanned on both sides, and yet an odd number of pages.")


class Receipt(Wire):
    """What the archive has taken. A station may let go of a scan once its hash is named here as kept or duplicate."""

    batch_id: Id
    batch_number: str = Field(examples=["JS-2026-000012"])
    station_id: Id
    station_name: str = Field(examples=["上海一号扫描站"])
    operator: str = Field(examples=["李"])
    state: BatchState
    opened_at: dt.datetime
    sealed_at: dt.datetime | None
    declared_files: int = Field(examples=[25])
    missing: list[int] = Field(description="Declared and not arrived, by number; the first 50.", examples=[[7]])
    files: list[ReceiptFile]


class StationChoice(Wire):
    """A station at which one may scan."""

    id: Id
    name: str = Field(examples=["上海一号扫描站"])
    region_code: RegionCode | None
