"""Requests of customers and restrictions on the wire."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.schemas.base import Id, Wire
from records.terms import RequestGround, RequestState


class RequestBody(Wire):
    customer_id: Id
    ground: RequestGround
    note: str = Field(min_length=1, max_length=500, examples=["来函 2026-07-12，已核实身份"])
    received_on: dt.date


class DecisionBody(Wire):
    is_granted: bool
    reason: str = Field(min_length=1, max_length=1000, examples=["目的已实现"])


class RequestView(Wire):
    """`documents_due` may be destroyed by the usual way; `documents_restricted` a law still keeps."""

    id: Id
    number: str = Field(examples=["QS-2026-00003"])
    customer_id: Id
    ground: RequestGround
    note: str
    state: RequestState
    received_on: dt.date
    filed_by: str
    filed_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    reason: str | None
    documents_due: int
    documents_restricted: int


class RestrictBody(Wire):
    document_id: Id
    reason: str = Field(min_length=1, max_length=1000, examples=["客户要求删除，法定期限未满"])


class LiftBody(Wire):
    reason: str = Field(min_length=1, max_length=1000, examples=["客户撤回请求"])
