"""Schedules, the changes they make, and the events periods run from, on the wire."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.schemas.base import ArchivalCode, Id, Sha256, Wire
from records.terms import Demand, Disposition, DocumentKind, MoveEffect, Role, ScheduleState, Trigger


class ClassView(Wire):
    name: str = Field(examples=["company_papers"])
    title: str = Field(examples=["企业客户证照"])
    kinds: list[DocumentKind]
    trigger: str = Field(examples=["relationship_ended", "field:business_term", "latest:filed,field:valid_period"])
    period_years: int = Field(examples=[10])
    period_days: int = Field(examples=[0])
    minimum_years: int = Field(examples=[5])
    upper_bound_years: int | None = Field(examples=[30])
    disposition: Disposition
    authority: str = Field(examples=["客户档案保管期限表"])


class PolicySeatView(Wire):
    name: str = Field(examples=["archives_head"])
    title: str = Field(examples=["档案部门负责人"])
    roles: list[Role]
    departments: list[str] = Field(examples=[["档案部"]])
    may_be_author: bool


class DisposalView(Wire):
    """Who signs destruction lists, and what these do without: each with the reason the schedule gives."""

    name: str = Field(examples=["two"])
    seats: list[PolicySeatView]
    waived: dict[Demand, str] = Field(examples=[{"supervision": "全公司只有一个部门"}])


class ScheduleView(Wire):
    version: int = Field(examples=[1])
    title: str = Field(examples=["客户档案保管期限表"])
    approved_by: str = Field(examples=["总经理办公会"])
    sha256: Sha256
    loaded_by: str
    loaded_at: dt.datetime
    state: ScheduleState
    decided_by: str | None
    decided_at: dt.datetime | None
    disposal: DisposalView
    classes: list[ClassView]


class SchedulesView(Wire):
    """Newest first; the first that is `in_force` counts."""

    schedules: list[ScheduleView]


class MoveView(Wire):
    """A record that a draft would move. `shorter`: the draft would have it due earlier, and that is not done."""

    document_id: Id
    archival_code: ArchivalCode | None
    class_before: str | None = Field(examples=["company_papers"])
    class_after: str = Field(examples=["company_papers"])
    due_before: dt.date | None
    due_after: dt.date | None
    effect: MoveEffect


class MoveCount(Wire):
    class_before: str = Field(examples=["company_papers"])
    class_after: str = Field(examples=["company_papers"])
    effect: MoveEffect
    documents: int = Field(examples=[1200])


class MovesSummary(Wire):
    """`total` is what an approval must name."""

    total: int = Field(examples=[1200])
    counts: list[MoveCount]


class ApproveBody(Wire):
    expected_moves: int = Field(ge=0, description="`total` of the summary: nobody approves what he did not see.")


class DiscardBody(Wire):
    reason: str = Field(min_length=1, max_length=1000, examples=["期限有误"])


EVIDENCE = "What it rests on: `document:<id>` of the archive, or a reference to something outside it."


class EventBody(Wire):
    subject: str = Field(max_length=80, examples=["customer:019aa8c1f3e07b1c2d3e4f5061728394"])
    kind: Trigger = Field(examples=["deregistered"])
    happened_on: dt.date
    evidence: str = Field(min_length=1, max_length=500, examples=["登记机关注销公告 2026-07"], description=EVIDENCE)
    note: str = Field(default="", max_length=500, examples=["电话核实"])
    volume_no: int | None = Field(default=None, ge=1, description="Of a customer's file; the present one where absent.")


class RetractionView(Wire):
    reason: str = Field(examples=["登记错误，客户仍在经营"])
    retracted_by: str
    retracted_at: dt.datetime


class EventView(Wire):
    id: Id
    subject: str = Field(examples=["customer:019aa8c1f3e07b1c2d3e4f5061728394"])
    volume_no: int | None = Field(examples=[1], description="Of a customer's file.")
    kind: Trigger
    happened_on: dt.date
    evidence: str
    note: str
    reported_by: str
    reported_at: dt.datetime
    retraction: RetractionView | None = Field(default=None, description="It has not happened, or not so.")


class EventList(Wire):
    events: list[EventView]


class EventAnswer(Wire):
    event: EventView
    due_dates_changed: int = Field(examples=[12])


class RetractBody(Wire):
    reason: str = Field(min_length=1, max_length=1000, examples=["登记错误，客户仍在经营"])


class RetractAnswer(EventAnswer):
    documents_destroyed: int = Field(examples=[0], description="Records that were destroyed before; that stays.")
    lists: list[str] = Field(
        examples=[["XH-2026-00001"]], description="Lists under way with records that this moved: they are kept."
    )


class TermChangeView(Wire):
    """A due date that was changed, by what and why."""

    due_before: dt.date | None
    due_on: dt.date | None
    source: str = Field(examples=["appraisal:019aa8c1f3e07b1c2d3e4f5061728394"])
    reason: str = Field(examples=["诉讼时效未过"])
    changed_by: str
    changed_at: dt.datetime


class LackView(Wire):
    """A field of the paper from which the period runs, and why it gives no day."""

    field: str = Field(examples=["business_term"])
    why: str = Field(examples=["endless", "unreadable", "not_stated"])


class TermChanges(Wire):
    """Oldest first."""

    due_on: dt.date | None
    lacking: list[LackView]
    changes: list[TermChangeView]
