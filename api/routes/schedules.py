"""Schedules: versions, drafts with what they would move, approval; the events that periods run from."""

from __future__ import annotations

from itertools import islice

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import paging
from api.deps import Reading, TheActor, Writing, require
from api.once import OnlyOnce
from api.paging import Cursor, Limit, Order, page
from api.routes.regions import Yaml
from api.routes.retention import ONLOOKERS
from api.schemas.base import Listed
from api.schemas.customers import LoadedVersion
from api.schemas.schedules import (
    ApproveBody,
    ClassView,
    DiscardBody,
    DisposalView,
    EventAnswer,
    EventBody,
    EventView,
    LackView,
    MoveCount,
    MovesSummary,
    MoveView,
    RetractAnswer,
    RetractBody,
    RetractionView,
    SchedulesView,
    ScheduleView,
    TermChanges,
    TermChangeView,
)
from records.actors import READERS
from records.dates import today_in_china
from records.documents import visible_document
from records.terms import Role, ScheduleState
from retention import amending, events, stated, terms
from retention.events import retractions_of
from retention.models import EventRetraction, RetentionClass, RetentionEvent, RetentionSchedule
from retention.policies import as_data, from_data
from retention.retracting import retract_event as retract
from retention.schedule import load_schedule

router = APIRouter(tags=["retention"])


@router.get("/retention/schedules", summary="All versions of the schedule", dependencies=[require(*ONLOOKERS)])
def list_schedules(session: Reading) -> SchedulesView:
    schedules = session.scalars(select(RetentionSchedule).order_by(RetentionSchedule.version.desc()))
    return SchedulesView(schedules=[_schedule_view(session, schedule) for schedule in schedules])


@router.post(
    "/retention/schedules",
    status_code=201,
    summary="Put the first schedule of an empty archive in force at once",
    dependencies=[require(Role.ARCHIVIST)],
)
def load(source: Yaml, actor: TheActor, session: Writing) -> LoadedVersion:
    return LoadedVersion(version=load_schedule(session, actor, source))


@router.post(
    "/retention/schedules/drafts",
    status_code=201,
    summary="Put a new version beside the one in force, for somebody else to approve",
    dependencies=[require(Role.ARCHIVIST)],
)
def draft(source: Yaml, actor: TheActor, session: Writing) -> LoadedVersion:
    return LoadedVersion(version=amending.draft_schedule(session, actor, source))


@router.get(
    "/retention/schedules/{version}/moves",
    summary="Every record a draft would move, and how",
    dependencies=[require(*ONLOOKERS)],
)
def list_moves(version: int, session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[MoveView]:
    (after,) = paging.decode(cursor, (str,)) if cursor else ("",)
    moves = list(islice(amending.moves_of(session, version, after=after), limit + 1))
    next_cursor = paging.encode([moves[limit - 1].document_id]) if len(moves) > limit else None
    return Listed(items=[MoveView.model_validate(move) for move in moves[:limit]], next_cursor=next_cursor)


@router.get(
    "/retention/schedules/{version}/summary",
    summary="How many records a draft would move from which class to which",
    dependencies=[require(*ONLOOKERS)],
)
def summarise_moves(version: int, session: Reading) -> MovesSummary:
    counts = amending.summary_of(amending.moves_of(session, version))
    return MovesSummary(
        total=counts.total(),
        counts=[
            MoveCount(class_before=before, class_after=after, effect=effect, documents=count)
            for (before, after, effect), count in sorted(counts.items())
        ],
    )


@router.post("/retention/schedules/{version}/approval", summary="Put a draft in force and move what it moves")
def approve(version: int, body: ApproveBody, actor: TheActor, session: Writing) -> ScheduleView:
    approved = amending.approve_schedule(session, actor, version, expected_moves=body.expected_moves)
    return _schedule_view(session, approved)


@router.post("/retention/schedules/{version}/discard", summary="Give a draft up")
def discard(version: int, body: DiscardBody, actor: TheActor, session: Writing) -> ScheduleView:
    return _schedule_view(session, amending.discard_schedule(session, actor, version, reason=body.reason))


@router.get("/retention/events", summary="Events reported, newest first", dependencies=[require(*ONLOOKERS)])
def list_events(session: Reading, cursor: Cursor = None, limit: Limit = 50) -> Listed[EventView]:
    order = Order(columns=(RetentionEvent.id,), is_descending=True)
    found, next_cursor = page(session, select(RetentionEvent), order, (cursor, limit))
    taken_back = retractions_of(session, found)
    return Listed(items=[event_view(each, taken_back.get(each.id)) for each in found], next_cursor=next_cursor)


@router.post(
    "/retention/events",
    status_code=201,
    summary="Report an event that periods run from",
    dependencies=[require(Role.ARCHIVIST)],
)
def report_event(body: EventBody, actor: TheActor, session: Writing, once: OnlyOnce) -> EventAnswer:
    def report() -> EventAnswer:
        happening = events.Happening(**body.model_dump())
        event, changed = events.report_event(session, actor, happening, today_in_china())
        return EventAnswer(event=event_view(event, None), due_dates_changed=changed)

    return once.answer(body, report, EventAnswer)


@router.post(
    "/retention/events/{event_id}/retraction",
    summary="Take an event back that was reported wrongly; what is due is computed anew",
    dependencies=[require(Role.ARCHIVIST, Role.APPROVER)],
)
def retract_event(event_id: str, body: RetractBody, actor: TheActor, session: Writing) -> RetractAnswer:
    outcome = retract(session, actor, event_id, reason=body.reason)
    return RetractAnswer(
        event=event_view(outcome.event, outcome.retraction),
        due_dates_changed=outcome.changed,
        documents_destroyed=outcome.destroyed,
        lists=outcome.lists,
    )


@router.get(
    "/retention/changes/{document_id}",
    summary="When a document is due, and each change of that with its reason",
    dependencies=[require(*READERS)],
)
def list_changes(document_id: str, actor: TheActor, session: Reading) -> TermChanges:
    document = visible_document(session, actor, document_id)
    changes = [TermChangeView.model_validate(change) for change in terms.changes_of(session, document_id)]
    lacking = [LackView.model_validate(lack) for lack in stated.lacking(session, document)]
    return TermChanges(due_on=document.due_on, lacking=lacking, changes=changes)


def event_view(event: RetentionEvent, retraction: EventRetraction | None) -> EventView:
    taken_back = RetractionView.model_validate(retraction) if retraction is not None else None
    return EventView.model_validate(event).model_copy(update={"retraction": taken_back})


def _schedule_view(session: Session, schedule: RetentionSchedule) -> ScheduleView:
    rows = select(RetentionClass).where(RetentionClass.version == schedule.version).order_by(RetentionClass.name)
    return ScheduleView(
        version=schedule.version,
        title=schedule.title,
        approved_by=schedule.approved_by,
        sha256=schedule.sha256,
        loaded_by=schedule.loaded_by,
        loaded_at=schedule.loaded_at,
        state=ScheduleState(schedule.state),
        decided_by=schedule.decided_by,
        decided_at=schedule.decided_at,
        disposal=DisposalView.model_validate(as_data(from_data(schedule.disposal))),
        classes=[ClassView.model_validate(row) for row in session.scalars(rows)],
    )
