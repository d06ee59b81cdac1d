"""Requests of customers that what is kept of them be destroyed (R104, K23, K30).

Filed by one, decided by another. Granted, each record takes the way of all others – appraisal, list, signatures: what
no law keeps is due on the day; what a law still keeps is restricted, and due on the day the law lets go of it. This is
the one way by which a record falls due earlier than its schedule says, and it leaves its mark. Holds stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, numbering
from records.actors import Actor
from records.customers import visible_customer
from records.errors import InvalidInput, NotFound, NotPermitted, WrongState
from records.ids import utc_now
from records.models import Document
from records.terms import DocumentState, RequestGround, RequestState, Role
from retention.facts import REQUEST, facts_of_many, kinds_of_many
from retention.models import SubjectRequest
from retention.restrictions import Reindex, apply_restriction
from retention.rules import Schedule
from retention.schedule import FALLBACK_VERSION, schedule_of
from retention.terms import change_term

NUMBER_PATTERN = "QS-{year}-{seq:05d}"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`note` says by what letter or call it came; no name or number of a person."""

    customer_id: str
    ground: RequestGround
    note: str
    received_on: dt.date


@dataclass(frozen=True, kw_only=True)
class Decision:
    is_granted: bool
    reason: str


def file_request(session: Session, actor: Actor, asked: Asked, today: dt.date) -> SubjectRequest:
    actor.require(Role.VERIFIER, Role.ARCHIVIST)
    customer = visible_customer(session, actor, asked.customer_id)
    if asked.received_on > today or not asked.note.strip():
        raise InvalidInput("A request has arrived, and says by what.")
    filed = SubjectRequest(
        number=numbering.next_code(session, NUMBER_PATTERN, year=today.year), customer_id=customer.id,
        ground=asked.ground, note=asked.note, state=RequestState.RECEIVED, received_on=asked.received_on,
        filed_by=actor.id,
    )  # fmt: skip
    session.add(filed)
    session.flush()
    audit.record(session, actor, "request.filed", f"request:{filed.id}", number=filed.number, ground=asked.ground)
    return filed


def decide_request(
    session: Session, actor: Actor, request_id: str, decision: Decision, today: dt.date, reindex: Reindex
) -> SubjectRequest:
    """Grant or refuse a request. What is restricted by it leaves the search index.

    Raises:
        NotPermitted: the actor filed it.
    """
    actor.require(Role.APPROVER)
    statement = select(SubjectRequest).where(SubjectRequest.id == request_id).with_for_update()
    decided = session.scalars(statement).one_or_none()
    if decided is None:
        raise NotFound(request_id=request_id)
    visible_customer(session, actor, decided.customer_id)
    if decided.state != RequestState.RECEIVED:
        raise WrongState(request_id=request_id, state=decided.state)
    if decided.filed_by == actor.id:
        raise NotPermitted("Whoever filed a request cannot decide it.", request_id=request_id)
    if not decision.reason.strip():
        raise InvalidInput("A decision needs a reason.")
    decided.state = RequestState.GRANTED if decision.is_granted else RequestState.REFUSED
    decided.decided_by, decided.decided_at, decided.reason = actor.id, utc_now(), decision.reason
    if decision.is_granted:
        for document in _grant(session, actor, decided, today):
            reindex(session, document)
    audit.record(
        session, actor, "request.decided", f"request:{request_id}", number=decided.number, granted=decision.is_granted,
        due=decided.documents_due, restricted=decided.documents_restricted,
    )  # fmt: skip
    return decided


def _grant(session: Session, actor: Actor, granted: SubjectRequest, today: dt.date) -> list[Document]:
    """Make due what no law keeps, and restrict the rest; gives the restricted ones."""
    statement = select(Document).where(
        Document.customer_id == granted.customer_id, Document.state == DocumentState.FILED
    )
    documents = session.scalars(statement.order_by(Document.id).with_for_update()).all()
    restricted: list[Document] = []
    free_on = _free_on(session, documents)
    source = f"{REQUEST}{granted.id}"
    for document in documents:
        day = free_on[document.id]
        if day is None or day > today:
            apply_restriction(session, actor, document, reason=granted.number, source=source)
            restricted.append(document)
        else:
            granted.documents_due += 1
        if day is not None and (document.due_on is None or max(day, today) < document.due_on):
            change_term(session, actor, document, max(day, today), source=source, reason=granted.ground)
    granted.documents_restricted = len(restricted)
    session.flush()
    return restricted


def _free_on(session: Session, documents: Sequence[Document]) -> dict[str, dt.date | None]:
    """From which day no law keeps each document, by the schedule under which it is kept."""
    versions = {document.schedule_version or FALLBACK_VERSION for document in documents}
    nothing = Schedule(version=FALLBACK_VERSION, rules=())
    schedules = {each: schedule_of(session, each) if each else nothing for each in versions}
    named = frozenset().union(*(each.named_fields for each in schedules.values()))
    kinds, facts = kinds_of_many(session, documents), facts_of_many(session, documents, named)
    return {
        document.id: schedules[document.schedule_version or FALLBACK_VERSION].minimum_on(
            kinds[document.id], facts[document.id]
        )
        for document in documents
    }
