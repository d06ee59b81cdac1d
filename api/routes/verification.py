"""Verification: the queue of documents that wait for a person, and what the person says."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api import content
from api.deps import Reading, TheActor, TheArchive, TheSettings, Writing, require
from api.masking import masked
from api.paging import Cursor, Limit, Order, page
from api.schemas.base import Listed
from api.schemas.documents import (
    CheckAnswer,
    CheckBody,
    ClaimedDocument,
    ClaimView,
    CustomerChoice,
    DecisionAnswer,
    DecisionBody,
    DocumentSummary,
    DuplicateDecision,
    KeyedFieldView,
    KeyingView,
    NextDocument,
    NextWish,
    NoteBody,
    NoteView,
    SendBackBody,
)
from api.views import document_summaries, document_summary, field_view
from intake import jobs
from ocr.rechecking import recheck
from records import claims, keying, setting_aside, verification, volumes
from records.documents import readable_document
from records.errors import NotFound
from records.ids import utc_now
from records.models import Document
from records.terms import DocumentState, Role, Step, WaitingFor
from records.verification import FieldDecision, FieldPlace, Rules
from retention.due import REFUSED_CLASS, REFUSED_DAYS

router = APIRouter(tags=["verification"], dependencies=[require(Role.VERIFIER, Role.ARCHIVIST)])


def field_place(document_id: str, part_no: int, name: str) -> FieldPlace:
    return FieldPlace(document_id=document_id, part_no=part_no, name=name)


def todays_rules(settings: TheSettings) -> Rules:
    return Rules(recheck=partial(recheck, today=utc_now().date()), double_keyed=settings.double_keyed)


ThePlace = Annotated[FieldPlace, Depends(field_place)]
TheRules = Annotated[Rules, Depends(todays_rules)]


def claim_lease(settings: TheSettings) -> dt.timedelta:
    return dt.timedelta(minutes=settings.claim_minutes)


TheLease = Annotated[dt.timedelta, Depends(claim_lease)]


@router.get("/verification", summary="Documents that wait for a person, oldest first")
def list_waiting(
    actor: TheActor,
    session: Reading,
    waiting_for: Annotated[WaitingFor | None, Query()] = None,
    set_aside: Annotated[bool, Query(description="Those that somebody could not settle.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[DocumentSummary]:
    listed = setting_aside.set_aside_documents if set_aside else verification.waiting_documents
    statement = listed(actor)
    if waiting_for is not None:
        statement = statement.where(Document.waiting_for == waiting_for)
    documents, next_cursor = page(session, statement, Order(columns=(Document.id,)), (cursor, limit))
    return Listed(items=document_summaries(documents), next_cursor=next_cursor)


@router.post("/verification/next", summary="Take the oldest document that nobody has in hand")
def take_next(body: NextWish, actor: TheActor, session: Writing, lease: TheLease) -> NextDocument:
    wish = claims.Wish(after=body.after, waiting_for=body.waiting_for)
    taken = claims.claim_next(session, actor, wish, lease)
    if taken is None:
        return NextDocument(document=None, claim=None)
    return NextDocument(document=document_summary(taken[0]), claim=ClaimView.model_validate(taken[1]))


@router.put("/documents/{document_id}/claim", summary="Take a waiting document, or keep it for longer")
def claim(document_id: str, actor: TheActor, archive: TheArchive, session: Writing, lease: TheLease) -> ClaimedDocument:
    claimed = ClaimView.model_validate(claims.claim(session, actor, document_id, lease))
    notes = setting_aside.notes_on(session, archive.keyring, [document_id])
    note = NoteView.model_validate(notes[0]) if notes else None
    return ClaimedDocument(**dict(claimed), note=note)


@router.delete("/documents/{document_id}/claim", status_code=204, summary="Give a document back to the queue")
def release(document_id: str, actor: TheActor, session: Writing) -> None:
    claims.release(session, actor, document_id)


@router.put("/documents/{document_id}/set-aside", summary="Put a document aside for somebody who knows more")
def set_aside(document_id: str, body: NoteBody, actor: TheActor, archive: TheArchive, session: Writing) -> NoteView:
    row = setting_aside.set_aside(session, archive.keyring, actor, document_id, body.note)
    return NoteView(document_id=document_id, by=row.by, at=row.at, text=body.note.strip())


@router.delete("/documents/{document_id}/set-aside", status_code=204, summary="Put it back into the queue")
def give_back(document_id: str, actor: TheActor, session: Writing) -> None:
    setting_aside.give_back(session, actor, document_id)


@router.get("/documents/{document_id}/set-aside", summary="Why it was set aside")
def get_note(document_id: str, actor: TheActor, archive: TheArchive, session: Reading) -> NoteView:
    readable_document(session, actor, document_id)
    notes = setting_aside.notes_on(session, archive.keyring, [document_id])
    if not notes:
        raise NotFound("The document is not set aside.", document_id=document_id)
    return NoteView.model_validate(notes[0])


@router.post("/documents/{document_id}/send-back", summary="Ask the station for a better scan")
def send_back(document_id: str, body: SendBackBody, actor: TheActor, session: Writing) -> DocumentSummary:
    order = verification.SendingBack(
        reason=body.reason, version=body.version, refused_class=REFUSED_CLASS, kept_days=REFUSED_DAYS
    )
    return document_summary(verification.send_back(session, actor, document_id, order))


@router.post("/documents/{document_id}/fields/{part_no}/{name}/decision", summary="Confirm, correct or give up a field")
def decide_field(
    place: ThePlace, body: DecisionBody, actor: TheActor, archive: TheArchive, session: Writing, rules: TheRules
) -> DecisionAnswer:
    decision = FieldDecision(
        part_no=place.part_no, name=place.name, state=body.state, value=body.value, as_printed=body.as_printed,
        version=body.version,
    )  # fmt: skip
    decided = verification.decide_field(session, archive.keyring, actor, place.document_id, decision, rules)
    if decided.document.state == DocumentState.VERIFIED:
        jobs.enqueue(session, Step.FILE, place.document_id)
    shown, *rechecked = (
        field_view(masked(keying.without_reading(field, rules.double_keyed)))
        for field in (decided.field, *decided.rechecked)
    )
    return DecisionAnswer(document=document_summary(decided.document), field=shown, rechecked=rechecked)


@router.get("/documents/{document_id}/keying", summary="Its fields that two people type blindly, and whose turn it is")
def get_keying(document_id: str, actor: TheActor, archive: TheArchive, session: Reading, rules: TheRules) -> KeyingView:
    fields = keying.keyed_fields(session, archive.keyring, actor, document_id, rules.double_keyed)
    if any(field.entries for field in fields):
        content.note(session, archive, actor, "keyings.viewed", f"document:{document_id}")
    return KeyingView(document_id=document_id, fields=[KeyedFieldView.model_validate(field) for field in fields])


@router.post("/documents/{document_id}/fields/{part_no}/{name}/check", summary="What the rules would say of a value")
def check_value(
    place: ThePlace, body: CheckBody, actor: TheActor, archive: TheArchive, session: Reading, rules: TheRules
) -> CheckAnswer:
    judged = verification.check_value(session, archive.keyring, actor, place, body.value, rules.recheck)
    return CheckAnswer.model_validate(judged)


@router.post("/documents/{document_id}/customer", summary="Say whose a document is that carries no number")
def choose_customer(document_id: str, body: CustomerChoice, actor: TheActor, session: Writing) -> DocumentSummary:
    if body.next_volume is not None:
        day, seen = body.next_volume.reopened_on, body.next_volume.version
        today = utc_now().date()
        volumes.reopen_customer(session, actor, body.customer_id, reopened_on=day, today=today, version=seen)
    document = verification.choose_customer(
        session, actor, document_id, customer_id=body.customer_id, version=body.version
    )
    jobs.enqueue(session, Step.FILE, document_id)
    return document_summary(document)


@router.post("/documents/{document_id}/duplicate", summary="Say whether known bytes are the same document again")
def settle_duplicate(document_id: str, body: DuplicateDecision, actor: TheActor, session: Writing) -> DocumentSummary:
    document = verification.settle_duplicate(session, actor, document_id, is_same=body.is_same, version=body.version)
    if document.state == DocumentState.RECEIVED:
        jobs.enqueue(session, Step.READ, document_id)
    return document_summary(document)
