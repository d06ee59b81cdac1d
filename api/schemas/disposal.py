"""Destruction lists on the wire: who draws them up, who signs, who carries them out."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.schemas.base import ArchivalCode, Id, RegionCode, Wire
from records.terms import Demand, DocumentKind, DocumentState, ListState, Role, ShreddingMethod, SignOffDecision


class ListBody(Wire):
    title: str = Field(min_length=1, max_length=200, examples=["2026年第一批到期档案"])
    document_ids: list[Id] = Field(min_length=1, max_length=10_000)


class WithdrawBody(Wire):
    reason: str = Field(min_length=1, max_length=1000, examples=["改列下一批"])


class DecideBody(Wire):
    """`seat` left out: the first open one that is for whoever signs."""

    decision: SignOffDecision
    opinion: str = Field(min_length=1, max_length=1000, examples=["同意销毁"])
    seat: str | None = Field(default=None, max_length=60, examples=["archives_head"])
    on_behalf_of: Id | None = Field(default=None, description="In whose place, where there is a delegation.")


class ConfirmBody(Wire):
    """Typed again by whoever confirms, so that it is this list and no other that is destroyed."""

    number: str = Field(max_length=60, examples=["XH-2026-00003"])
    documents: int = Field(ge=1, examples=[12])


class CountBody(Wire):
    """How many records a supervisor counted."""

    documents: int = Field(ge=1, examples=[12])


class SupervisionBody(Wire):
    remark: str = Field(min_length=1, max_length=1000, examples=["已现场监销"])


class ShreddingBody(Wire):
    """How the paper of destroyed records was destroyed. No documents: all that is left of the list."""

    method: ShreddingMethod
    place: str = Field(min_length=1, max_length=200, examples=["档案室碎纸间"])
    witness_id: Id
    on: dt.date
    document_ids: list[Id] = Field(default_factory=list, max_length=10_000)


class PaperBody(Wire):
    document_id: Id
    place: str = Field(min_length=1, max_length=100, examples=["A区 3架 12盒"])
    reason: str = Field(default="", max_length=500, examples=["入库"])


class PaperView(Wire):
    document_id: Id
    place: str = Field(examples=["A区 3架 12盒"])
    noted_by: str
    noted_at: dt.datetime
    method: ShreddingMethod | None
    destroyed_on: dt.date | None
    destroyed_place: str | None
    destroyed_by: str | None
    witness_id: Id | None


class SupervisionView(Wire):
    user_id: Id
    department: str = Field(examples=["档案部"])
    counted_documents: int
    counted_at: dt.datetime
    signed_at: dt.datetime | None
    remark: str | None


class SampleView(Wire):
    """A record a supervisor opens before counting; `is_opened` by whoever asks, since the list was approved."""

    document_id: Id
    is_opened: bool


class ApprovalView(Wire):
    """`is_approved`: an agreement that counts; the return of the list ends that."""

    round_no: int = Field(examples=[1])
    seat: str = Field(examples=["archives_head"])
    user_id: Id
    on_behalf_of: Id | None
    decision: SignOffDecision
    is_approved: bool
    opinion: str = Field(examples=["同意销毁"])
    decided_at: dt.datetime


class SeatView(Wire):
    name: str = Field(examples=["archives_head"])
    title: str = Field(examples=["档案部门负责人"])
    roles: list[Role]
    departments: list[str] = Field(examples=[["档案部"]])
    may_be_author: bool
    is_signed: bool


class ListedView(Wire):
    document_id: Id
    archival_code: ArchivalCode | None
    kind: DocumentKind | None
    region_code: RegionCode | None
    state: DocumentState
    outcome: str | None = Field(examples=["destroyed"])


class ListSummary(Wire):
    id: Id
    number: str = Field(examples=["XH-2026-00003"])
    title: str = Field(examples=["2026年第一批到期档案"])
    state: ListState
    proposed_by: str
    proposed_at: dt.datetime
    round_no: int
    confirmed_by: str | None
    confirmed_at: dt.datetime | None
    executed_by: str | None
    executed_at: dt.datetime | None
    closed_at: dt.datetime | None = Field(description="Final: the paper gone too, and signed by the supervisors.")
    version: int


class ListView(ListSummary):
    """`policy` names whose signatures the list needs; `seats` which are there."""

    policy: str = Field(examples=["six"])
    needs_confirmation: bool
    needs_supervision: bool
    waived: dict[Demand, str] = Field(examples=[{"supervision": "全公司只有一个部门"}])
    seats: list[SeatView]
    sample: list[SampleView]
    supervisions: list[SupervisionView]
    papers: list[PaperView]
    approvals: list[ApprovalView]
    documents: list[ListedView]


class OutcomeView(Wire):
    """`destroyed`, or the code of what kept the document."""

    document_id: Id
    outcome: str = Field(examples=["destroyed"])


class ExecutionView(Wire):
    destruction_list: ListSummary
    outcomes: list[OutcomeView]


class DelegationBody(Wire):
    delegate_id: Id
    seats: list[str] = Field(min_length=1, max_length=20, examples=[["supervising_leader"]])
    starts_on: dt.date
    ends_on: dt.date
    reason: str = Field(min_length=1, max_length=500, examples=["因公外出，委托书 2026-07"])


class DelegationView(Wire):
    id: Id
    principal_id: Id
    delegate_id: Id
    seats: list[str] = Field(examples=[["supervising_leader"]])
    starts_on: dt.date
    ends_on: dt.date
    reason: str = Field(examples=["因公外出，委托书 2026-07"])
    made_at: dt.datetime
    ended_at: dt.datetime | None
