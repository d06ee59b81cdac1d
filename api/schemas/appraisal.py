"""Appraisals on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from api.schemas.base import ArchivalCode, Id, Sha256, Wire
from records.terms import AppraisalPart, Verdict


class MemberView(Wire):
    user_id: Id
    part: AppraisalPart


class AppraisalBody(Wire):
    """A leader, the archives, the business departments concerned, and experts where wanted."""

    title: str = Field(min_length=1, max_length=200, examples=["2026年到期档案鉴定"])
    members: list[MemberView] = Field(min_length=3, max_length=30)


class OpinionBody(Wire):
    """Of records by their ids, or of a whole batch of like ones. Keeping needs `keep_until` and a reason."""

    verdict: Verdict
    reason: str = Field(default="", max_length=1000, examples=["诉讼时效未过"])
    keep_until: dt.date | None = None
    document_ids: list[Id] = Field(default_factory=list, max_length=10_000)
    batch: str | None = Field(default=None, max_length=200, examples=["company_papers/business_license/HD/2026"])


class OpinionView(Wire):
    user_id: Id
    verdict: Verdict
    reason: str = Field(examples=["诉讼时效未过"])
    keep_until: dt.date | None
    given_at: dt.datetime


class BatchView(Wire):
    """Like records. `judged_by`: how many of them each member has judged."""

    name: str = Field(examples=["company_papers/business_license/HD/2026"])
    documents: int = Field(examples=[40])
    judged_by: dict[str, int]


class AppraisedView(Wire):
    document_id: Id
    archival_code: ArchivalCode | None
    batch: str = Field(examples=["company_papers/business_license/HD/2026"])
    due_on: dt.date | None
    outcome: Verdict | None
    opinions: list[OpinionView]


class AppraisalSummary(Wire):
    id: Id
    number: str = Field(examples=["JD-2026-0003"])
    title: str = Field(examples=["2026年到期档案鉴定"])
    members: list[MemberView]
    opened_by: str
    opened_at: dt.datetime
    concluded_by: str | None
    concluded_at: dt.datetime | None
    report_sha256: Sha256 | None


class AppraisalView(AppraisalSummary):
    batches: list[BatchView]


class JudgedView(Wire):
    judged: int = Field(examples=[40])


class ReportView(Wire):
    """`report` is what `sha256` was taken of, as canonical JSON; `text` the same to print and sign."""

    sha256: Sha256
    report: dict[str, Any] = Field(examples=[{"number": "JD-2026-0003", "counts": {"destroy": 40}}])
    text: list[str] = Field(examples=[["鉴定工作报告 JD-2026-0003"]])
