"""Verification by field: one field of many documents at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from api import content
from api.content import PRIVATE
from api.deps import Reading, TheActor, TheArchive, Writing, require
from api.routes.verification import TheLease, TheRules
from api.schemas.documents import (
    GroupAnswer,
    GroupDecision,
    GroupFieldView,
    GroupOutcome,
    GroupPlace,
    GroupView,
    GroupWishBody,
)
from api.views import field_view
from intake import jobs
from intake.archive import Archive
from intake.crops import crop
from intake.pipeline import picture_name
from records import claims, grouping, verification
from records.actors import Actor
from records.documents import readable_document
from records.errors import ArchiveError, InvalidInput, NotFound
from records.fields import opened_fields
from records.grouping import GroupWish
from records.models import Page
from records.terms import DocumentState, FieldState, Role, Step
from records.verification import FieldDecision, Rules

router = APIRouter(tags=["verification"], dependencies=[require(Role.VERIFIER, Role.ARCHIVIST)])


@router.get("/verification/groups", summary="Fields that many documents ask for, most first")
def list_groups(actor: TheActor, session: Reading, rules: TheRules) -> list[GroupView]:
    return [GroupView.model_validate(group) for group in grouping.groups(session, actor, but=rules.double_keyed)]


@router.post("/verification/group", summary="Take up to 40 documents that ask for the same field")
def take_group(
    body: GroupWishBody, actor: TheActor, archive: TheArchive, session: Writing, lease: TheLease, rules: TheRules
) -> list[GroupFieldView]:
    if body.name in rules.double_keyed:
        raise InvalidInput("This field is typed by two people; it is not settled in groups.")
    wish = GroupWish(kind=body.kind, name=body.name, after=body.after)
    taken = grouping.claim_group(session, archive.keyring, actor, wish, lease)
    return [GroupFieldView(document_id=each.document_id, field=field_view(each.field)) for each in taken]


@router.post("/verification/group/decision", summary="Confirm the right ones, put the others back into the queue")
def decide_group(
    body: GroupDecision, actor: TheActor, archive: TheArchive, session: Writing, rules: TheRules
) -> GroupAnswer:
    outcomes = [_confirm(session, archive, actor, place, rules) for place in body.confirmed]
    for document_id in {*body.picked_out, *(place.document_id for place in body.confirmed)}:
        claims.release(session, actor, document_id)
    return GroupAnswer(outcomes=outcomes)


@router.get(
    "/documents/{document_id}/fields/{part_no}/{name}/crop",
    summary="The place of a field on its page",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_crop(
    document_id: str,
    part_no: Annotated[int, Path(ge=1)],
    name: str,
    actor: TheActor,
    archive: TheArchive,
    session: Reading,
) -> Response:
    readable_document(session, actor, document_id)
    fields = opened_fields(session, archive.keyring, document_id)
    field = next((each for each in fields if (each.part_no, each.name) == (part_no, name)), None)
    page = session.get(Page, (document_id, field.page_no)) if field and field.page_no else None
    if field is None or page is None or field.box is None:
        raise NotFound("The field has no place on a page.", document_id=document_id, part=part_no)
    picture = content.open_object(archive, document_id, picture_name(session, document_id, page.page_no, "image"))
    piece = crop(picture, page.width_px, field.box)
    content.note(session, archive, actor, "page.viewed", f"document:{document_id}", page=page.page_no, what="crop")
    return Response(piece, media_type="image/jpeg", headers=PRIVATE)


def _confirm(session: Session, archive: Archive, actor: Actor, place: GroupPlace, rules: Rules) -> GroupOutcome:
    """Each stands for itself: one that somebody changed meanwhile does not keep the others from being confirmed."""
    decision = FieldDecision(part_no=place.part_no, name=place.name, state=FieldState.CONFIRMED, version=place.version)
    try:
        with session.begin_nested():
            decided = verification.decide_field(session, archive.keyring, actor, place.document_id, decision, rules)
            if decided.document.state == DocumentState.VERIFIED:
                jobs.enqueue(session, Step.FILE, place.document_id)
    except ArchiveError as refusal:
        if refusal.retryable:
            raise
        return GroupOutcome(document_id=place.document_id, part_no=place.part_no, refused=refusal.code)
    return GroupOutcome(document_id=place.document_id, part_no=place.part_no, refused=None)
