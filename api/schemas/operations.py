from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from api.anchors import AnchorState
from api.schemas.base import Id, Sha256, Wire
from api.stamps import StampState
from records.terms import JobState, RescanReason, Step


class AuditEntryView(Wire):
    seq: int = Field(examples=[117])
    at: dt.datetime
    actor: str = Field(examples=["019aa8c1f3e07b1c2d3e4f5061728394"])
    action: str = Field(examples=["document.filed"])
    object: str = Field(examples=["document:019aa8c1f3e07b1c2d3e4f5061728394"])
    details: dict[str, Any] = Field(examples=[{"customer": "HD000017"}])
    previous_hash: Sha256
    hash: Sha256


class JobSendBackBody(Wire):
    reason: RescanReason = Field(examples=["unreadable"])


class JobView(Wire):
    id: Id
    step: Step
    document_id: Id
    state: JobState
    attempts: int = Field(examples=[1])
    run_after: dt.datetime
    lease_until: dt.datetime | None
    worker: str | None = Field(examples=["host-1a2b3c4d"])
    error_code: str | None = Field(examples=["engine_failed"])
    error: str | None = Field(examples=["The recognition engine failed on this page."])
    created_at: dt.datetime


class JobCount(Wire):
    state: JobState
    step: Step
    count: int = Field(examples=[12])


class JobCounts(Wire):
    """Jobs that are not done."""

    counts: list[JobCount]


class HourView(Wire):
    start: dt.datetime
    ended: dict[Step, int] = Field(examples=[{"read": 40, "extract": 40, "file": 38}])


class WorkerView(Wire):
    """A worker with work in hand, or that ended some in the last hour."""

    name: str = Field(examples=["host-1a2b3c4d"])
    step: Step | None
    document_id: Id | None
    ended: int = Field(examples=[212], description="Steps in the last hour.")
    last_ended_at: dt.datetime | None


class ActivityView(Wire):
    """The last hours, the present one included, oldest first."""

    hours: list[HourView]
    workers: list[WorkerView]


class SpaceView(Wire):
    """Of the disk that holds the data directory."""

    free_bytes: int = Field(examples=[81234567890])
    total_bytes: int = Field(examples=[268435456000])


class AnchorView(Wire):
    """The ends of the audit log and of the register as they were last written outside the database."""

    state: AnchorState
    at: dt.datetime | None
    audit_seq: int | None = Field(examples=[4711])
    register_seq: int | None = Field(examples=[212])
    stamp: StampState = Field(description="Of the time-stamping authority (RFC 3161), where one is set.")
    stamped_at: dt.datetime | None = Field(description="By the authority's clock.")


class StorageView(Wire):
    documents: int = Field(examples=[1204])
    objects: int = Field(examples=[3612])
    object_bytes: int = Field(examples=[812345678])
    indexed_documents: int = Field(examples=[1180])


class SystemView(Wire):
    version: str = Field(examples=["0.1.0"])
    database: Literal["sqlite", "postgresql"]
    object_store: Literal["directory", "s3"]
    index: str = Field(examples=["database"])
    storage: StorageView


class Health(Wire):
    status: Literal["alive"] = "alive"


class Readiness(Wire):
    """`workers` informs only: the archive can receive without any."""

    is_ready: bool
    parts: dict[str, Literal["answers", "does_not_answer"]] = Field(examples=[{"database": "answers"}])
    workers: Literal["active", "idle", "none_seen"]
