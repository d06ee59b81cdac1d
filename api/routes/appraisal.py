"""Appraisal: rounds in which a group judges what is due, and their reports."""

from __future__ import annotations

import json

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.deps import Reading, TheActor, Writing, require
from api.once import OnlyOnce
from api.paging import Cursor, Limit, Order, page
from api.printing import font_file, program
from api.routes.retention import PDF, pdf_response, today
from api.schemas.appraisal import (
    AppraisalBody,
    AppraisalSummary,
    AppraisalView,
    AppraisedView,
    BatchView,
    JudgedView,
    MemberView,
    OpinionBody,
    OpinionView,
    ReportView,
)
from api.schemas.base import Listed
from records.actors import READERS
from records.errors import NotFound
from records.models import Document
from records.terms import Role, Verdict
from retention import appraisal, concluding
from retention.appraisal_pdf import render_report
from retention.appraisal_report import lines_of
from retention.models import Appraisal, AppraisalOpinion, AppraisedDocument

router = APIRouter(tags=["retention"])

ONLOOKERS = (*READERS, Role.AUDITOR)
"""A group's business people and experts need no other right than to read."""


@router.get("/retention/appraisals", summary="List appraisals, newest first", dependencies=[require(*ONLOOKERS)])
def list_appraisals(session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[AppraisalSummary]:
    order = Order(columns=(Appraisal.id,), is_descending=True)
    found, next_cursor = page(session, select(Appraisal), order, (cursor, limit))
    return Listed(items=[_summary(each) for each in found], next_cursor=next_cursor)


@router.post(
    "/retention/appraisals",
    status_code=201,
    summary="Collect what is due for a group to judge",
    dependencies=[require(Role.ARCHIVIST)],
)
def open_appraisal(body: AppraisalBody, actor: TheActor, session: Writing, once: OnlyOnce) -> AppraisalSummary:
    members = [appraisal.Member(user_id=each.user_id, part=each.part) for each in body.members]

    def open_round() -> AppraisalSummary:
        return _summary(appraisal.open_round(session, actor, title=body.title, members=members, today=today()))

    return once.answer(body, open_round, AppraisalSummary)


@router.get(
    "/retention/appraisals/{appraisal_id}",
    summary="A round with its batches of like records",
    dependencies=[require(*ONLOOKERS)],
)
def get_appraisal(appraisal_id: str, session: Reading) -> AppraisalView:
    found = _found(session, appraisal_id)
    batches = [BatchView.model_validate(batch) for batch in appraisal.batches_of(session, appraisal_id)]
    return AppraisalView(**dict(_summary(found)), batches=batches)


@router.get(
    "/retention/appraisals/{appraisal_id}/records",
    summary="The records of a round with what was said of each",
    dependencies=[require(*ONLOOKERS)],
)
def list_appraised(
    appraisal_id: str, session: Reading, cursor: Cursor = None, limit: Limit = 50
) -> Listed[AppraisedView]:
    _found(session, appraisal_id)
    order = Order(columns=(AppraisedDocument.document_id,))
    of_round = select(AppraisedDocument).where(AppraisedDocument.appraisal_id == appraisal_id)
    rows, next_cursor = page(session, of_round, order, (cursor, limit))
    return Listed(items=_appraised_views(session, appraisal_id, rows), next_cursor=next_cursor)


@router.post("/retention/appraisals/{appraisal_id}/opinions", summary="Judge records, or a batch of like ones")
def give_opinion(appraisal_id: str, body: OpinionBody, actor: TheActor, session: Writing) -> JudgedView:
    opinion = appraisal.Opinion(**body.model_dump())
    return JudgedView(judged=appraisal.give_opinion(session, actor, appraisal_id, opinion, today()))


@router.post("/retention/appraisals/{appraisal_id}/conclusion", summary="End a round and write its report")
def conclude(appraisal_id: str, actor: TheActor, session: Writing) -> AppraisalSummary:
    return _summary(concluding.conclude(session, actor, appraisal_id))


@router.get(
    "/retention/appraisals/{appraisal_id}/report",
    summary="The report of a concluded round",
    dependencies=[require(*ONLOOKERS)],
)
def get_report(appraisal_id: str, session: Reading) -> ReportView:
    found = _found(session, appraisal_id)
    if found.report is None or found.report_sha256 is None:
        raise NotFound("The round is not concluded.", appraisal_id=appraisal_id)
    report = json.loads(found.report)
    return ReportView(sha256=found.report_sha256, report=report, text=list(lines_of(report)))


@router.get(
    "/retention/appraisals/{appraisal_id}/report.pdf",
    summary="The report as a PDF/A, with room for the group's signatures",
    response_class=Response,
    responses=PDF,
    dependencies=[require(*ONLOOKERS)],
)
def print_report(appraisal_id: str, session: Reading) -> Response:
    said, found = get_report(appraisal_id, session), _found(session, appraisal_id)
    return pdf_response(render_report(said.report, said.sha256, program(), font_file()), found.number)


def _found(session: Session, appraisal_id: str) -> Appraisal:
    found = session.get(Appraisal, appraisal_id)
    if found is None:
        raise NotFound(appraisal_id=appraisal_id)
    return found


def _summary(found: Appraisal) -> AppraisalSummary:
    return AppraisalSummary(
        id=found.id,
        number=found.number,
        title=found.title,
        members=[MemberView(**member) for member in found.members],
        opened_by=found.opened_by,
        opened_at=found.opened_at,
        concluded_by=found.concluded_by,
        concluded_at=found.concluded_at,
        report_sha256=found.report_sha256,
    )


def _appraised_views(session: Session, appraisal_id: str, rows: list[AppraisedDocument]) -> list[AppraisedView]:
    ids = [row.document_id for row in rows]
    documents = {each.id: each for each in session.scalars(select(Document).where(Document.id.in_(ids)))}
    said: dict[str, list[OpinionView]] = {}
    opinions = select(AppraisalOpinion).where(
        AppraisalOpinion.appraisal_id == appraisal_id, AppraisalOpinion.document_id.in_(ids)
    )
    for opinion in session.scalars(opinions.order_by(AppraisalOpinion.given_at)):
        said.setdefault(opinion.document_id, []).append(OpinionView.model_validate(opinion))
    return [
        AppraisedView(
            document_id=row.document_id,
            archival_code=documents[row.document_id].archival_code,
            batch=row.batch,
            due_on=documents[row.document_id].due_on,
            outcome=Verdict(row.outcome) if row.outcome else None,
            opinions=said.get(row.document_id, []),
        )
        for row in rows
    ]
