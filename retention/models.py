"""The tables of retention: schedules, holds, destruction lists, the register. None holds a person's name or number."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.ids import new_id, utc_now
from records.models import Base


class RetentionSchedule(Base):
    """A version of 保管期限表, loaded from a file and approved by name; of those in force the highest counts (R93)."""

    __tablename__ = "retention_schedules"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    approved_by: Mapped[str]
    disposal: Mapped[dict[str, Any]]
    """The policy of destruction lists, as `retention.policies` writes it."""
    sha256: Mapped[str]
    loaded_by: Mapped[str]
    loaded_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    state: Mapped[str]
    decided_by: Mapped[str | None]
    """Who put a draft in force or discarded it."""
    decided_at: Mapped[dt.datetime | None]


class RetentionClass(Base):
    """One row of a schedule: which kinds, from which trigger, how long, then what, on whose authority."""

    __tablename__ = "retention_classes"

    version: Mapped[int] = mapped_column(ForeignKey("retention_schedules.version"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    kinds: Mapped[list[str]]
    trigger: Mapped[str]
    """An event, or `latest:` or `earliest:` and several."""
    period_years: Mapped[int]
    period_days: Mapped[int]
    minimum_years: Mapped[int]
    """What the law asks for at least; a subject's request cannot go below it (K30, R130)."""
    upper_bound_years: Mapped[int | None]
    disposition: Mapped[str]
    authority: Mapped[str]


class Hold(Base):
    """An order that suspends disposition (冻结). Many may lie on one record; each must be released by itself (K35)."""

    __tablename__ = "holds"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_no: Mapped[str] = mapped_column(unique=True)
    reason: Mapped[str]
    authority: Mapped[str]
    placed_by: Mapped[str]
    placed_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    released_by: Mapped[str | None]
    released_at: Mapped[dt.datetime | None]
    release_reason: Mapped[str | None]


class HoldScope(Base):
    """What a hold lies on: `document:<id>` or `customer:<id>`, the latter with all it has and will have."""

    __tablename__ = "hold_scopes"

    hold_id: Mapped[str] = mapped_column(ForeignKey("holds.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True, index=True)


class HoldQuery(Base):
    """What a hold lies on beside named subjects: every document, kept or to come, for which all that is given holds."""

    __tablename__ = "hold_queries"

    hold_id: Mapped[str] = mapped_column(ForeignKey("holds.id"), primary_key=True)
    region_code: Mapped[str | None]
    kind: Mapped[str | None]
    retention_class: Mapped[str | None]
    received_from: Mapped[dt.datetime | None]
    received_before: Mapped[dt.datetime | None]


class Notice(Base):
    """告知: that a natural person was told what his papers are used for and how long they are kept (R19, K21)."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    given_on: Mapped[dt.date]
    purpose: Mapped[str]
    keeping: Mapped[str]
    document_id: Mapped[str | None] = mapped_column(ForeignKey("documents.id"))
    """The scan of a signed consent; its tombstone once that is destroyed."""
    noted_by: Mapped[str]
    noted_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Restriction(Base):
    """限制处理: from when until when a document was kept and used for nothing, why, and by whom (K23)."""

    __tablename__ = "restrictions"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    reason: Mapped[str]
    source: Mapped[str]
    """`person`, or `request:<id>`."""
    placed_by: Mapped[str]
    placed_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[dt.datetime | None]
    lift_reason: Mapped[str | None]


class SubjectRequest(Base):
    """A customer asks that what is kept of it be destroyed; granted, its records take the way of all others (R104)."""

    __tablename__ = "subject_requests"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    ground: Mapped[str]
    note: Mapped[str]
    state: Mapped[str]
    received_on: Mapped[dt.date]
    filed_by: Mapped[str]
    filed_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None]
    documents_due: Mapped[int] = mapped_column(default=0)
    documents_restricted: Mapped[int] = mapped_column(default=0)


class Appraisal(Base):
    """鉴定: a round in which a group judges what is due; its report is kept for ever (R94–R96).

    `members`: `{"user_id", "part"}` each. `report` is canonical JSON, written when the round is concluded.
    """

    __tablename__ = "appraisals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    members: Mapped[list[dict[str, Any]]]
    opened_by: Mapped[str]
    opened_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    concluded_by: Mapped[str | None]
    concluded_at: Mapped[dt.datetime | None]
    report: Mapped[str | None] = mapped_column(Text)
    report_sha256: Mapped[str | None]


class AppraisedDocument(Base):
    """One record in a round and what came of it. Records of one `batch` are alike: class, kind, region, year due."""

    __tablename__ = "appraised_documents"

    appraisal_id: Mapped[str] = mapped_column(ForeignKey("appraisals.id"), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True, index=True)
    batch: Mapped[str]
    outcome: Mapped[str | None]


class AppraisalOpinion(Base):
    """What one member of the group says of one record. `keep_until` where the verdict is to keep it."""

    __tablename__ = "appraisal_opinions"

    appraisal_id: Mapped[str] = mapped_column(ForeignKey("appraisals.id"), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    verdict: Mapped[str]
    keep_until: Mapped[dt.date | None]
    reason: Mapped[str]
    given_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class RetentionEvent(Base):
    """An event that somebody reported of `customer:<id>` or `document:<id>` and periods run from. Only ever added."""

    __tablename__ = "retention_events"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(index=True)
    volume_no: Mapped[int | None]
    """Of a customer's file: what happened in one relationship starts no period of another."""
    kind: Mapped[str]
    """Of `relationship_ended` the day that counts stands with the volume."""
    happened_on: Mapped[dt.date]
    evidence: Mapped[str] = mapped_column(server_default="")
    """What it rests on: `document:<id>`, or a reference; empty of an end that was noted before one was asked for."""
    note: Mapped[str]
    reported_by: Mapped[str]
    reported_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class EventRetraction(Base):
    """That an event which was reported has not happened, who says so and why; nothing of the report is changed."""

    __tablename__ = "event_retractions"

    event_id: Mapped[str] = mapped_column(ForeignKey("retention_events.id"), primary_key=True)
    reason: Mapped[str]
    retracted_by: Mapped[str]
    retracted_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class TermChange(Base):
    """A due date that was changed, by what and why; stays visible beside the record (R97). Only ever added."""

    __tablename__ = "term_changes"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    due_before: Mapped[dt.date | None]
    due_on: Mapped[dt.date | None]
    source: Mapped[str]
    """`appraisal:`, `event:`, `request:` and an id, `retraction:<event id>`, `schedule:<version>`, or `stated:days`."""
    reason: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class DestructionList(Base):
    """销毁清册: what is proposed for destruction, by whom, and how far it has come."""

    __tablename__ = "destruction_lists"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    state: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    policy: Mapped[dict[str, Any]]
    """The policy under which it was drawn up; a later schedule does not change what this list needs."""
    round_no: Mapped[int] = mapped_column(default=1)
    """Goes up when a returned list is revised: then everybody signs anew."""
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[dt.datetime | None]
    sample: Mapped[list[str]] = mapped_column(default=list)
    """Documents drawn at random when the list was approved: supervisors open them before they count."""
    executed_by: Mapped[str | None]
    executed_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    """Final: executed, the paper gone too, and signed by the supervisors where the policy wants them."""
    version: Mapped[int] = mapped_column(default=1)


class ListedDocument(Base):
    """One document on a list. `outcome` is None until its destruction was attempted: `destroyed` or an error code."""

    __tablename__ = "listed_documents"

    list_id: Mapped[str] = mapped_column(ForeignKey("destruction_lists.id"), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True, index=True)
    outcome: Mapped[str | None]


class ListApproval(Base):
    """One signature on a list: which seat, who, in whose place. Only whether it counts ever changes."""

    __tablename__ = "list_approvals"
    __table_args__ = (
        UniqueConstraint("list_id", "round_no", "seat"),
        UniqueConstraint("list_id", "round_no", "user_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    list_id: Mapped[str] = mapped_column(ForeignKey("destruction_lists.id"))
    round_no: Mapped[int]
    seat: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    on_behalf_of: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[str]
    is_approved: Mapped[bool]
    """An agreement that counts; the return of the list ends that."""
    opinion: Mapped[str]
    decided_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Supervision(Base):
    """监销: what one supervisor of a list counted before its execution, and that he signed after it (R100)."""

    __tablename__ = "supervisions"

    list_id: Mapped[str] = mapped_column(ForeignKey("destruction_lists.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    department: Mapped[str]
    counted_documents: Mapped[int]
    counted_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    signed_at: Mapped[dt.datetime | None]
    remark: Mapped[str | None]


class Paper(Base):
    """The paper a document was scanned from, where the archive keeps it: one unit with the document (R105, R111)."""

    __tablename__ = "papers"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    place: Mapped[str]
    """Where it is now, as its last movement says."""
    noted_by: Mapped[str]
    noted_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    list_id: Mapped[str | None] = mapped_column(ForeignKey("destruction_lists.id"))
    method: Mapped[str | None]
    destroyed_on: Mapped[dt.date | None]
    destroyed_place: Mapped[str | None]
    destroyed_by: Mapped[str | None]
    witness_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))


class PaperMovement(Base):
    """A line in the ledger of a paper: where it went, from when, by whom and why (R91). Only ever added."""

    __tablename__ = "paper_movements"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    movement_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    place: Mapped[str]
    reason: Mapped[str]
    back_on: Mapped[dt.date | None]
    """Until when it is lent out."""
    by: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Delegation(Base):
    """委托: until the end of `ends_on`, or until it is taken back, one person signs seats in another's place (R76)."""

    __tablename__ = "delegations"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    principal_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    delegate_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    seats: Mapped[list[str]]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    reason: Mapped[str]
    made_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[dt.datetime | None]


class RegisterEntry(Base):
    """销毁登记, kept for ever (R101): appended when destruction begins and again when it is verified; hash-chained.

    `entry` is the canonical JSON that was hashed, with the eight columns of R98; the columns here only help to find it.
    """

    __tablename__ = "destruction_register"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    document_id: Mapped[str] = mapped_column(index=True)
    archival_code: Mapped[str | None] = mapped_column(index=True)
    list_id: Mapped[str] = mapped_column(index=True)
    event: Mapped[str]
    at: Mapped[dt.datetime]
    entry: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str]
    hash: Mapped[str]


class RegisterHead(Base):
    """The end of the register's chain, one row."""

    __tablename__ = "destruction_register_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
