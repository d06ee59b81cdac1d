from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from pydantic import Field

from api.schemas.base import ArchivalCode, CustomerCode, Id, Reason, RegionCode, Sha256, Version, Wire
from records.keying import Turn
from records.terms import (
    CustomerKind,
    CustomerState,
    DocumentKind,
    DocumentState,
    FieldState,
    RescanReason,
    WaitingFor,
)


class CustomerView(Wire):
    id: Id
    code: CustomerCode
    kind: CustomerKind
    region_code: RegionCode
    state: CustomerState
    name: str | None = Field(examples=["海棠贸易有限公司"])
    opened_at: dt.datetime
    volume_no: int = Field(examples=[1], description="The volume of its file that takes what is filed now.")
    ended_on: dt.date | None
    version: int


class DocumentSummary(Wire):
    id: Id
    state: DocumentState
    waiting_for: WaitingFor | None
    kind: DocumentKind | None
    region_code: RegionCode | None
    customer_id: Id | None
    volume_no: int = Field(examples=[1], description="Of the customer's file; 1 until it is filed.")
    archival_code: ArchivalCode | None
    page_count: int | None = Field(examples=[2])
    media_type: str = Field(examples=["image/jpeg"])
    size_bytes: int = Field(examples=[482133])
    batch_id: Id
    file_no: int = Field(examples=[1])
    duplicate_of: Id | None
    refusal: Reason | None = None
    received_at: dt.datetime
    filed_at: dt.datetime | None
    due_on: dt.date | None
    destroyed_at: dt.datetime | None
    version: int


class PartView(Wire):
    part_no: int = Field(examples=[1])
    kind: DocumentKind
    page_nos: list[int] = Field(examples=[[1]])
    confidence: float = Field(examples=[0.98])


class PageView(Wire):
    """`advice` holds codes of what DA/T 31 would object to."""

    page_no: int = Field(examples=[1])
    width_px: int = Field(examples=[2480])
    height_px: int = Field(examples=[3508])
    rotation_deg: int = Field(examples=[0])
    skew_deg: float = Field(examples=[0.4])
    dpi: float | None = Field(examples=[300.0])
    engine: str = Field(examples=["paddle 3.7 tiny+small"])
    advice: list[str] = Field(examples=[["low_dpi"]])


class HoldBrief(Wire):
    id: Id
    case_no: str = Field(examples=["2026-沪01-113"])
    authority: str = Field(examples=["法务部"])
    placed_at: dt.datetime


class DocumentView(DocumentSummary):
    station_id: Id
    operator: str = Field(examples=["李"])
    file_name: str | None = Field(examples=["scan-0001.jpg"])
    sha256: Sha256
    formed_on: dt.date | None
    retention_class: str | None = Field(examples=["company_papers"])
    schedule_version: int | None = Field(examples=[1])
    customer: CustomerView | None
    parts: list[PartView]
    pages: list[PageView]
    holds: list[HoldBrief]


class CheckView(Wire):
    name: str = Field(examples=["check_digit"])
    passed: bool


class FieldView(Wire):
    """Numbers of natural persons are masked unless they were asked for with a purpose."""

    part_no: int = Field(examples=[1])
    name: str = Field(examples=["id_number"])
    state: FieldState
    value: str | None = Field(examples=["110105********002X"])
    text: str | None = Field(examples=["110105********002X"])
    confidence: float = Field(examples=[0.97])
    page_no: int | None = Field(examples=[1])
    box: list[list[float]] | None = Field(examples=[[[10.0, 10.0], [90.0, 10.0], [90.0, 30.0], [10.0, 30.0]]])
    checks: list[CheckView]
    suggestions: list[str] = Field(examples=[[]])
    as_printed: bool = Field(description="Settled by a person against a failed check: the paper says so.")
    version: int = Field(examples=[1])
    decided_by: str | None = Field(examples=["paddle 3.7"])


class FieldsView(Wire):
    document_id: Id
    fields: list[FieldView]


class FieldMoment(Wire):
    part_no: int = Field(examples=[1])
    name: str = Field(examples=["name"])
    version: int = Field(examples=[2])
    state: FieldState
    value: str | None = Field(examples=["海棠贸易有限公司"])
    decided_by: str
    decided_at: dt.datetime
    checks: list[CheckView]
    as_printed: bool


class FieldHistoryView(Wire):
    document_id: Id
    history: list[FieldMoment]


class RevealPurpose(StrEnum):
    """Why a number is looked at in full. A closed list, so that nobody writes one into the audit log."""

    VERIFICATION = "verification"
    CUSTOMER_REQUEST = "customer_request"
    LEGAL_REQUEST = "legal_request"
    RETENTION_REVIEW = "retention_review"


class RevealOrder(Wire):
    purpose: RevealPurpose


class LineView(Wire):
    text: str = Field(examples=["统一社会信用代码"])
    confidence: float = Field(examples=[0.99])
    box: list[list[float]] = Field(examples=[[[10.0, 10.0], [90.0, 10.0], [90.0, 30.0], [10.0, 30.0]]])


class LinesView(Wire):
    document_id: Id
    page_no: int = Field(examples=[1])
    width_px: int = Field(examples=[2480])
    height_px: int = Field(examples=[3508])
    lines: list[LineView]


class TrailEntry(Wire):
    seq: int = Field(examples=[117])
    at: dt.datetime
    actor: str = Field(examples=["019aa8c1f3e07b1c2d3e4f5061728394"])
    action: str = Field(examples=["document.filed"])
    details: dict[str, Any] = Field(examples=[{"customer": "HD000017"}])


class TrailView(Wire):
    document_id: Id
    entries: list[TrailEntry]


class DecisionBody(Wire):
    state: FieldState = Field(examples=["corrected"])
    value: str | None = Field(default=None, max_length=4000, examples=["海棠贸易有限公司"])
    as_printed: bool = Field(
        default=False, description="Needed against a failed check: the paper says just this. It is recorded."
    )
    version: Version


class DecisionAnswer(Wire):
    """`rechecked`: fields still in doubt whose checks come out otherwise now."""

    document: DocumentSummary
    field: FieldView
    rechecked: list[FieldView]


class CheckBody(Wire):
    value: str = Field(min_length=1, max_length=4000, examples=["2019年3月19日"])


class CheckAnswer(Wire):
    value: str | None = Field(
        description="As it would be kept; null: no value is seen in it.", examples=["2019年3月19日"]
    )
    checks: list[CheckView]
    suggestions: list[str] = Field(examples=[[]])


class NextVolume(Wire):
    """Of a customer whose file is closed and who returned."""

    reopened_on: dt.date
    version: Version = Field(description="Of the customer, as you saw it.")


class CustomerChoice(Wire):
    customer_id: Id
    version: Version
    next_volume: NextVolume | None = Field(
        default=None,
        description="Open the next volume of the closed file for it; without, it goes into the closed one.",
    )


class DuplicateDecision(Wire):
    is_same: bool = Field(description="true: set aside as the same; false: another document, to be read like any.")
    version: Version


class NextWish(Wire):
    after: Id | None = Field(default=None, description="Go on from this document, in the order of the queue.")
    waiting_for: WaitingFor | None = None


class ClaimView(Wire):
    """A document in somebody's hands. It is renewed by claiming it again, and lapses at `until`."""

    document_id: Id
    user_id: Id
    until: dt.datetime


class NextDocument(Wire):
    """Both null: nothing waits that nobody has in hand."""

    document: DocumentSummary | None
    claim: ClaimView | None


class NoteBody(Wire):
    note: str = Field(min_length=1, max_length=1000, examples=["两个名称不一致，请与客户核对"])


class NoteView(Wire):
    document_id: Id
    by: Id
    at: dt.datetime
    text: str | None = Field(examples=["两个名称不一致，请与客户核对"])


class ClaimedDocument(ClaimView):
    """`note`: why somebody set it aside."""

    note: NoteView | None


class SendBackBody(Wire):
    reason: RescanReason
    version: Version


class GroupView(Wire):
    """How many documents ask for a look at one field."""

    kind: DocumentKind
    name: str = Field(examples=["legal_representative"])
    count: int = Field(examples=[118])


class GroupWishBody(Wire):
    kind: DocumentKind
    name: str = Field(max_length=200, examples=["legal_representative"])
    after: Id | None = Field(default=None, description="Go on from this document, in the order of the queue.")


class GroupFieldView(Wire):
    document_id: Id
    field: FieldView


class GroupPlace(Wire):
    document_id: Id
    part_no: int = Field(examples=[1])
    name: str = Field(max_length=200, examples=["legal_representative"])
    version: Version


class GroupDecision(Wire):
    """Those found right. Those picked out stay in doubt and go back into the queue."""

    confirmed: list[GroupPlace] = Field(max_length=40)
    picked_out: list[Id] = Field(default_factory=list, max_length=40, description="Documents.", examples=[[]])


class GroupOutcome(Wire):
    """`refused`: the code of the error that kept a field from being confirmed."""

    document_id: Id
    part_no: int = Field(examples=[1])
    refused: str | None = Field(examples=[None])


class GroupAnswer(Wire):
    outcomes: list[GroupOutcome]


class KeyedEntry(Wire):
    state: FieldState
    value: str | None = Field(examples=["海棠贸易有限公司"])


class KeyedFieldView(Wire):
    """`entries` are given to the third alone, without who typed them."""

    part_no: int = Field(examples=[1])
    name: str = Field(examples=["unified_social_credit_code"])
    turn: Turn
    entries: list[KeyedEntry]


class KeyingView(Wire):
    document_id: Id
    fields: list[KeyedFieldView]


class FixityView(Wire):
    """Every stored object of a document read again. `broken` names those that are missing or changed."""

    document_id: Id
    objects: int = Field(examples=[3])
    broken: list[str] = Field(examples=[[]])
