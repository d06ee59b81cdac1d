"""Destruction lists: drawing up, signing, confirming, carrying out; and who may sign in whose place."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.deps import Reading, TheActor, TheArchive, Writing, require
from api.once import OnlyOnce
from api.paging import Cursor, Limit, Order, page
from api.printing import font_file, program
from api.routes.retention import ONLOOKERS, PDF, REVIEWERS, pdf_response, today
from api.schemas.base import Listed
from api.schemas.disposal import (
    ApprovalView,
    ConfirmBody,
    CountBody,
    DecideBody,
    DelegationBody,
    DelegationView,
    ExecutionView,
    ListBody,
    ListedView,
    ListSummary,
    ListView,
    OutcomeView,
    PaperView,
    SampleView,
    SeatView,
    ShreddingBody,
    SupervisionBody,
    SupervisionView,
    WithdrawBody,
)
from records.actors import Actor
from records.dates import today_in_china
from records.errors import NotFound
from records.models import Document
from records.terms import DocumentKind, DocumentState, Role
from retention import delegations, listed, lists, papers, supervision
from retention.delegations import Mandate
from retention.destruction import execute_list
from retention.list_pdf import render_list
from retention.lists import SignOff
from retention.models import Delegation, DestructionList, ListApproval, ListedDocument

router = APIRouter(tags=["retention"])


@router.get("/retention/lists", summary="List destruction lists, newest first", dependencies=[require(*ONLOOKERS)])
def list_lists(session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[ListSummary]:
    order = Order(columns=(DestructionList.id,), is_descending=True)
    found, next_cursor = page(session, select(DestructionList), order, (cursor, limit))
    return Listed(items=[ListSummary.model_validate(each) for each in found], next_cursor=next_cursor)


@router.post(
    "/retention/lists",
    status_code=201,
    summary="Propose due records for destruction",
    dependencies=[require(*REVIEWERS)],
)
def propose_list(body: ListBody, actor: TheActor, session: Writing, once: OnlyOnce) -> ListSummary:
    def propose() -> ListSummary:
        proposed = lists.propose_list(session, actor, title=body.title, document_ids=body.document_ids, today=today())
        return ListSummary.model_validate(proposed)

    return once.answer(body, propose, ListSummary)


@router.get(
    "/retention/lists/{list_id}/list.pdf",
    summary="A list as a PDF/A to print: the eight columns, the signatures, and room for those that are missing",
    response_class=Response,
    responses=PDF,
    dependencies=[require(*ONLOOKERS)],
)
def print_list(list_id: str, session: Reading) -> Response:
    found = session.get(DestructionList, list_id)
    if found is None:
        raise NotFound(list_id=list_id)
    return pdf_response(render_list(session, found, program(), font_file(), today()), found.number)


@router.get(
    "/retention/lists/{list_id}",
    summary="A list with its signatures, documents and outcomes",
    dependencies=[require(*ONLOOKERS)],
)
def get_list(list_id: str, actor: TheActor, session: Reading) -> ListView:
    found = session.get(DestructionList, list_id)
    if found is None:
        raise NotFound(list_id=list_id)
    approvals = select(ListApproval).where(ListApproval.list_id == list_id).order_by(ListApproval.decided_at)
    rows = (
        select(Document, ListedDocument.outcome)
        .join(ListedDocument, ListedDocument.document_id == Document.id)
        .where(ListedDocument.list_id == list_id)
        .order_by(Document.id)
    )
    policy = listed.policy_of_list(found)
    return ListView(
        **dict(ListSummary.model_validate(found)),
        policy=policy.name,
        needs_confirmation=policy.needs_confirmation,
        needs_supervision=policy.needs_supervision,
        waived=dict(policy.waived),
        sample=_sample_views(session, actor, found),
        supervisions=[SupervisionView.model_validate(each) for each in supervision.supervisions_of(session, list_id)],
        papers=[PaperView.model_validate(paper) for paper in session.scalars(listed.papers_of(list_id))],
        seats=_seat_views(session, found),
        approvals=[ApprovalView.model_validate(approval) for approval in session.scalars(approvals)],
        documents=[_listed_view(document, outcome) for document, outcome in session.execute(rows)],
    )


@router.post("/retention/lists/{list_id}/decision", summary="Sign a list: agree, refuse, or return it to its author")
def decide_list(list_id: str, body: DecideBody, actor: TheActor, session: Writing) -> ListSummary:
    signed = lists.sign_list(session, actor, list_id, SignOff(**body.model_dump()), today())
    return ListSummary.model_validate(signed)


@router.post("/retention/lists/{list_id}/revision", summary="Put a returned list right; everybody signs anew")
def revise_list(list_id: str, body: ListBody, actor: TheActor, session: Writing) -> ListSummary:
    revised = lists.revise_list(
        session, actor, list_id, title=body.title, document_ids=body.document_ids, today=today()
    )
    return ListSummary.model_validate(revised)


@router.post("/retention/lists/{list_id}/withdrawal", summary="End a list of one's own that is not approved yet")
def withdraw_list(list_id: str, body: WithdrawBody, actor: TheActor, session: Writing) -> ListSummary:
    return ListSummary.model_validate(lists.withdraw_list(session, actor, list_id, reason=body.reason))


@router.post("/retention/lists/{list_id}/confirmation", summary="Confirm an approved list a second time")
def confirm_list(list_id: str, body: ConfirmBody, actor: TheActor, session: Writing) -> ListSummary:
    confirmed = lists.confirm_list(session, actor, list_id, number=body.number, documents=body.documents)
    return ListSummary.model_validate(confirmed)


@router.post("/retention/lists/{list_id}/count", summary="Say, as a supervisor, how many records one counted")
def count_list(list_id: str, body: CountBody, actor: TheActor, session: Writing) -> SupervisionView:
    counted = supervision.count_list(session, actor, list_id, documents=body.documents)
    return SupervisionView.model_validate(counted)


@router.post("/retention/lists/{list_id}/supervision", summary="Sign, as a supervisor, that everything is destroyed")
def sign_supervision(list_id: str, body: SupervisionBody, actor: TheActor, session: Writing) -> ListSummary:
    return ListSummary.model_validate(supervision.sign_supervision(session, actor, list_id, remark=body.remark))


@router.post("/retention/lists/{list_id}/shredding", summary="Record that the paper of destroyed records is destroyed")
def record_shredding(list_id: str, body: ShreddingBody, actor: TheActor, session: Writing) -> ListSummary:
    shredding = papers.Shredding(**body.model_dump())
    return ListSummary.model_validate(papers.record_shredding(session, actor, list_id, shredding, today_in_china()))


@router.post("/retention/lists/{list_id}/execution", summary="Carry out an approved list, or take it up again")
def carry_out(list_id: str, actor: TheActor, archive: TheArchive) -> ExecutionView:
    actor.require(Role.ARCHIVIST)
    # Not the request's session: destruction commits step by step, so that it can be taken up where it stopped.
    outcomes = [
        OutcomeView(document_id=document_id, outcome=outcome)
        for document_id, outcome in execute_list(archive.destruction_means(), actor, list_id, today())
    ]
    with archive.reading() as session:
        done = ListSummary.model_validate(session.get_one(DestructionList, list_id))
    return ExecutionView(destruction_list=done, outcomes=outcomes)


@router.get(
    "/retention/delegations",
    summary="Delegations one gave or was given, newest first",
    dependencies=[require(*ONLOOKERS)],
)
def list_delegations(
    actor: TheActor, session: Reading, cursor: Cursor = None, limit: Limit = 50
) -> Listed[DelegationView]:
    order = Order(columns=(Delegation.id,), is_descending=True)
    found, next_cursor = page(session, delegations.delegations_of(actor), order, (cursor, limit))
    return Listed(items=[DelegationView.model_validate(each) for each in found], next_cursor=next_cursor)


@router.post(
    "/retention/delegations",
    status_code=201,
    summary="Let somebody else sign in one's place",
    dependencies=[require(*REVIEWERS)],
)
def delegate(body: DelegationBody, actor: TheActor, session: Writing, once: OnlyOnce) -> DelegationView:
    mandate = Mandate(**body.model_dump())
    return once.answer(
        body,
        lambda: DelegationView.model_validate(delegations.delegate(session, actor, mandate)),
        DelegationView,
    )


@router.post("/retention/delegations/{delegation_id}/end", summary="Take a delegation back")
def end_delegation(delegation_id: str, actor: TheActor, session: Writing) -> DelegationView:
    return DelegationView.model_validate(delegations.end_delegation(session, actor, delegation_id))


def _sample_views(session: Session, actor: Actor, found: DestructionList) -> list[SampleView]:
    opened = supervision.opened_of_sample(session, actor, found) if found.sample else set()
    return [SampleView(document_id=each, is_opened=each in opened) for each in found.sample]


def _seat_views(session: Session, found: DestructionList) -> list[SeatView]:
    signed = {each.seat for each in listed.signatures(session, found)}
    return [
        SeatView(
            name=seat.name,
            title=seat.title,
            roles=sorted(seat.roles),
            departments=sorted(seat.departments),
            may_be_author=seat.may_be_author,
            is_signed=seat.name in signed,
        )
        for seat in listed.policy_of_list(found).seats
    ]


def _listed_view(document: Document, outcome: str | None) -> ListedView:
    return ListedView(
        document_id=document.id,
        archival_code=document.archival_code,
        kind=DocumentKind(document.kind) if document.kind else None,
        region_code=document.region_code,
        state=DocumentState(document.state),
        outcome=outcome,
    )
