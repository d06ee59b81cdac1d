"""One document: its pages, fields, history and acts; of a destroyed one, the tombstone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fastapi import Request, Response

from api.deps import Reading, TheArchive, TheSettings
from api.routes import documents, papers, retention, schedules
from api.schemas.documents import DocumentView, RevealPurpose
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import SEARCH, VERIFY
from records.dates import today_in_china
from records.regions import region_names
from records.terms import DocumentState, Role, Step

router = router_of(SEARCH)

GONE = (DocumentState.DESTROYING, DocumentState.DESTROYED)
_STANDS_AT = {
    DocumentState.RECEIVED: Step.READ,
    DocumentState.REFUSED: Step.READ,
    DocumentState.DUPLICATE: Step.VERIFY,
    DocumentState.READ: Step.EXTRACT,
    DocumentState.WAITING: Step.VERIFY,
    DocumentState.VERIFIED: Step.FILE,
    DocumentState.FILED: Step.RETAIN,
    DocumentState.DESTROYING: Step.DESTROY,
    DocumentState.DESTROYED: Step.DESTROY,
}


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A step of the line as a document passed it. `progress` is `done`, `now` or `ahead`."""

    step: Step
    progress: str
    at: dt.datetime | dt.date | None


def way_of(document: DocumentView) -> list[Stop]:
    """Where a document stands on the line, and when it got there."""
    steps = list(Step)
    here = steps.index(_STANDS_AT[document.state])
    times: dict[Step, dt.datetime | dt.date | None] = {
        Step.RECEIVE: document.received_at,
        Step.FILE: document.filed_at,
        Step.RETAIN: document.due_on,
        Step.DESTROY: document.destroyed_at,
    }
    is_over = document.state == DocumentState.DESTROYED
    progress = ["done" if at < here or is_over else "now" if at == here else "ahead" for at in range(len(steps))]
    return [Stop(step=step, progress=how, at=times.get(step)) for step, how in zip(steps, progress, strict=True)]


@router.get("/documents/{document_id}")
def get_document(
    document_id: str, request: Request, who: Visitor, archive: TheArchive, session: Reading, settings: TheSettings
) -> Response:
    actor = who.actor
    view = documents.get_document(document_id, actor, archive, session)
    trail = documents.get_trail(document_id, actor, session).entries
    if view.state in GONE:
        record = retention.get_record(view.archival_code, actor, session) if view.archival_code else None
        paper = record.paper if record else None
        people = [each for each in (paper.destroyed_by, paper.witness_id) if each] if paper else []
        names = names_of(session, [*(act.actor for act in trail), *people])
        return show(
            request, "tombstone.html", who=who, document=view, trail=trail, names=names,
            entries=record.register_entries if record else [], record=record, paper=paper, way=way_of(view),
        )  # fmt: skip
    fields = documents.get_fields(document_id, actor, archive, session, settings).fields
    history = documents.get_field_history(document_id, actor, archive, session, settings).history
    ledger = papers.list_movements(document_id, actor, session)
    lacking = schedules.list_changes(document_id, actor, session).lacking
    acted = [*(moment.decided_by for moment in history), *(each.by for each in ledger.movements)]
    names = names_of(session, [*(act.actor for act in trail), *acted])
    return show(
        request, "document.html", who=who, document=view, fields=fields, history=history, trail=trail, names=names,
        way=way_of(view), purposes=list(RevealPurpose), may_verify=actor.may(*VERIFY.roles),
        may_download=actor.may(Role.ARCHIVIST), pages=[page.model_dump() for page in view.pages],
        regions=region_names(session), lacking=lacking, ledger=ledger,
        may_move=actor.may(Role.VERIFIER, Role.ARCHIVIST), today=today_in_china(),
    )  # fmt: skip
