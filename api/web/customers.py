"""Customers and their files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Request, Response

from api.deps import Reading, TheArchive
from api.routes import customers
from api.routes.customers import CustomerFilters
from api.schemas.customers import CustomerFileView, VolumeView
from api.schemas.documents import DocumentSummary, RevealPurpose
from api.schemas.schedules import EventView
from api.web.documents import GONE
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import CUSTOMERS
from records.completeness import REQUIRED
from records.dates import today_in_china
from records.regions import region_names
from records.terms import CustomerKind, CustomerState, FieldState, Role
from retention.triggers import EVENTS

router = router_of(CUSTOMERS)

SHOWN = 50
BY_PEOPLE = (FieldState.CONFIRMED, FieldState.CORRECTED)
Chosen = Annotated[str | None, Query(max_length=400)]


@router.get("/customers")
def list_customers(  # noqa: PLR0913 - each filter of the page is an argument
    request: Request,
    who: Visitor,
    archive: TheArchive,
    session: Reading,
    region: Chosen = None,
    kind: Chosen = None,
    state: Chosen = None,
    prefix: Chosen = None,
    cursor: Chosen = None,
) -> Response:
    regions = region_names(session)
    filters = CustomerFilters(
        region_code=region or None,
        kind=CustomerKind(kind) if kind in list(CustomerKind) else None,
        state=CustomerState(state) if state in list(CustomerState) else None,
        code_prefix=(prefix or "").upper() or None,
        cursor=cursor,
        limit=SHOWN,
    )
    found = customers.list_customers(who.actor, archive, session, filters)
    return show(
        request, "customers.html", who=who, customers=found.items, next_cursor=found.next_cursor, regions=regions,
        filters=filters, kinds=list(CustomerKind), states=list(CustomerState),
    )  # fmt: skip


@router.get("/customers/{customer_id}")
def get_customer(customer_id: str, request: Request, who: Visitor, archive: TheArchive, session: Reading) -> Response:
    answer = customers.get_file(customer_id, who.actor, archive, session)
    trail = customers.get_trail(customer_id, who.actor, session).entries
    events = customers.list_events(customer_id, who.actor, session).events
    settled_by = (entry.latest.decided_by for entry in answer.entries)
    state, may_change = answer.customer.state, who.actor.may(Role.ARCHIVIST)
    return show(
        request, "customer.html", who=who, customer=answer.customer, documents=answer.documents, file=answer,
        regions=region_names(session), required=REQUIRED[answer.customer.kind], trail=trail, gone=GONE,
        today=today_in_china(),
        names=names_of(session, [*(act.actor for act in trail), *settled_by, *_named(events)]),
        events=events, event_kinds=sorted(EVENTS), may_retract=who.actor.may(Role.ARCHIVIST, Role.APPROVER),
        may_report=may_change and state != CustomerState.DESTROYED,
        notices=customers.list_notices(customer_id, who.actor, session).notices,
        may_note=state != CustomerState.DESTROYED and who.actor.may(Role.VERIFIER, Role.ARCHIVIST),
        by_volume=_by_volume(answer), kept_in={paper.document_id: paper.place for paper in answer.papers},
        held={hold.subject for hold in answer.holds}, purposes=list(RevealPurpose), people=BY_PEOPLE,
        may_accept=may_change and state == CustomerState.PROPOSED,
        may_reopen=may_change and state == CustomerState.ENDED,
        may_end=may_change and state in (CustomerState.PROPOSED, CustomerState.ACTIVE),
    )  # fmt: skip


def _named(events: Sequence[EventView]) -> list[str]:
    """Who reported and who retracted."""
    return [each.reported_by for each in events] + [each.retraction.retracted_by for each in events if each.retraction]


def _by_volume(file: CustomerFileView) -> list[tuple[VolumeView | None, list[DocumentSummary]]]:
    """The documents under their volumes, the newest first; those not filed yet before them, under none."""
    unfiled = [each for each in file.documents if each.filed_at is None]
    filed = [each for each in file.documents if each.filed_at is not None]
    under = [(volume, [each for each in filed if each.volume_no == volume.volume_no]) for volume in file.volumes[::-1]]
    return [(None, unfiled), *under] if unfiled else [*under]
