from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from api.schemas.base import Id, Reason, RegionCode, Sha256, Wire
from intake.receive import MOST_FILES
from records.terms import BatchState, FileOutcome


class BatchBody(Wire):
    operator: str = Field(min_length=1, max_length=100, examples=["李"])
    declared_files: int = Field(ge=1, le=MOST_FILES, examples=[25])
    capture: dict[str, Any] = Field(
        default_factory=dict, examples=[{"device": "fi-8170", "dpi": 300}], description="Process metadata (DA/T 31)."
    )


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
    arrived_at: dt.datetime


class BatchWithFiles(BatchView):
    files: list[FileView] = Field(description="Those that arrived, by number.")


class ReceiptFile(FileView):
    later_refusal: Reason | None = Field(description="Kept, but could not be opened afterwards: scan it again.")


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
    files: list[ReceiptFile]
