"""Destruction lists (销毁清册): drawn up by one, signed by others, carried out by one who did neither (R98, K37).

propose → sign … → approved → confirm → execute. A refusal is the end of a list; a list that is returned may be revised
by its author, and what was signed before no longer counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from records import audit, numbering
from records.actors import Actor
from records.errors import Conflict, InvalidInput, NotAppraised, NotConfirmed, NotDue, NotPermitted, WrongState
from records.ids import utc_now
from records.models import Document
from records.terms import DocumentState, ListState, Role, SignOffDecision
from retention.closing import close_if_done
from retention.delegations import principal_for
from retention.due import due_documents, is_released
from retention.listed import approvers, check_seen, department_of, locked_list, policy_of_list, signatures, unfinished
from retention.models import DestructionList, ListApproval, ListedDocument
from retention.policies import SIGNING_ROLES, DisposalPolicy, Seat, as_data
from retention.schedule import current_schedule
from retention.supervision import check_supervised, draw_sample, shown, supervisions_of

NUMBER_PATTERN = "XH-{year}-{seq:05d}"


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """What a person says of a list. `seat` None: the first open one this person may take."""

    decision: SignOffDecision
    opinion: str
    seat: str | None = None
    on_behalf_of: str | None = None


def propose_list(
    session: Session, actor: Actor, *, title: str, document_ids: Sequence[str], today: dt.date
) -> DestructionList:
    """Draw up a list of documents that are due, under the disposal policy in force.

    Raises:
        NotDue: names the first document that is not due, held, on another list, or not visible to the actor.
        NotAppraised: the policy wants an appraisal, and none released this document.
    """
    actor.require(Role.ARCHIVIST)
    policy = current_schedule(session).disposal
    wanted = _due(session, actor, document_ids, today)
    _check_appraised(session, policy, wanted)
    proposed = DestructionList(
        number=numbering.next_code(session, NUMBER_PATTERN, year=today.year),
        title=title,
        state=ListState.PROPOSED,
        proposed_by=actor.id,
        policy=as_data(policy),
    )
    session.add(proposed)
    session.flush()
    session.add_all(ListedDocument(list_id=proposed.id, document_id=document_id) for document_id in wanted)
    audit.record(session, actor, "list.proposed", f"list:{proposed.id}", number=proposed.number, count=len(wanted))
    return proposed


def revise_list(
    session: Session, actor: Actor, list_id: str, *, title: str, document_ids: Sequence[str], today: dt.date
) -> DestructionList:
    """Put a returned list right, by its author; everybody signs anew."""
    revised = _own_list(session, actor, list_id, ListState.RETURNED)
    wanted = _due(session, actor, document_ids, today, besides=list_id)
    _check_appraised(session, policy_of_list(revised), wanted)
    session.execute(delete(ListedDocument).where(ListedDocument.list_id == list_id))
    session.add_all(ListedDocument(list_id=list_id, document_id=document_id) for document_id in wanted)
    revised.state, revised.title, revised.round_no = ListState.PROPOSED, title, revised.round_no + 1
    revised.version += 1
    audit.record(session, actor, "list.revised", f"list:{list_id}", round=revised.round_no, count=len(wanted))
    return revised


def withdraw_list(session: Session, actor: Actor, list_id: str, *, reason: str) -> DestructionList:
    """End a list before it is approved, by its author; its documents are free for another."""
    withdrawn = _own_list(session, actor, list_id, ListState.PROPOSED, ListState.RETURNED)
    withdrawn.state, withdrawn.version = ListState.WITHDRAWN, withdrawn.version + 1
    audit.record(session, actor, "list.withdrawn", f"list:{list_id}", number=withdrawn.number, reason=reason)
    return withdrawn


def decide_list(session: Session, actor: Actor, list_id: str, *, is_approved: bool, opinion: str) -> DestructionList:
    """Agree or refuse, in the first open seat the actor may take."""
    decision = SignOffDecision.AGREED if is_approved else SignOffDecision.REFUSED
    return sign_list(session, actor, list_id, SignOff(decision=decision, opinion=opinion), utc_now().date())


def sign_list(session: Session, actor: Actor, list_id: str, sign_off: SignOff, today: dt.date) -> DestructionList:
    """Sign one seat; the last one signed makes the list approved.

    Raises:
        NotPermitted: no open seat is for this person, the author wants to approve, or a record is not his to see.
        NotDelegated: nobody allowed the actor to sign in that place.
        Conflict: this person has signed already, by himself or through another.
    """
    actor.require(*SIGNING_ROLES)
    signed = locked_list(session, list_id)
    if signed.state != ListState.PROPOSED:
        raise WrongState(list_id=list_id, state=signed.state)
    check_seen(session, actor, list_id)
    standing = signatures(session, signed)
    taken = {person for each in standing for person in (each.user_id, each.on_behalf_of) if person}
    if not taken.isdisjoint({actor.id, sign_off.on_behalf_of}):
        raise Conflict("A person signs a list once, whether by himself or through another.", list_id=list_id)
    seat = _seat_for(session, actor, signed, sign_off, standing, today)
    is_approved = sign_off.decision == SignOffDecision.AGREED
    session.add(
        ListApproval(
            list_id=list_id, round_no=signed.round_no, seat=seat.name, user_id=actor.id,
            on_behalf_of=sign_off.on_behalf_of, decision=sign_off.decision, is_approved=is_approved,
            opinion=sign_off.opinion,
        )
    )  # fmt: skip
    session.flush()
    _move_on(session, signed, sign_off.decision)
    audit.record(
        session, actor, "list.decided", f"list:{list_id}", number=signed.number, seat=seat.name,
        decision=sign_off.decision, on_behalf_of=sign_off.on_behalf_of,
    )  # fmt: skip
    return signed


def _move_on(session: Session, signed: DestructionList, decision: SignOffDecision) -> None:
    agreed = {each.seat for each in signatures(session, signed) if each.is_approved}
    if decision == SignOffDecision.REFUSED:
        signed.state = ListState.REJECTED
    elif decision == SignOffDecision.RETURNED:
        signed.state = ListState.RETURNED
        session.execute(update(ListApproval).where(ListApproval.list_id == signed.id).values(is_approved=False))
    elif agreed == {seat.name for seat in policy_of_list(signed).seats}:
        signed.state = ListState.APPROVED
        signed.sample = draw_sample(shown(session, signed.id))
    signed.version += 1


def _seat_for(
    session: Session,
    actor: Actor,
    signed: DestructionList,
    sign_off: SignOff,
    standing: Sequence[ListApproval],
    today: dt.date,
) -> Seat:
    """The seat that is signed: the one named, or the first open one for this person, those of a department first."""
    policy, taken = policy_of_list(signed), {each.seat for each in standing}
    if sign_off.seat is not None:
        named = policy.seat(sign_off.seat)
        if named.name in taken:
            raise Conflict("This seat is signed already.", seat=named.name)
        _check_seat(session, actor, signed, named, sign_off.on_behalf_of, today)
        return named
    open_seats = (seat for seat in policy.seats if seat.name not in taken)
    for seat in sorted(open_seats, key=lambda seat: not seat.departments):
        try:
            _check_seat(session, actor, signed, seat, sign_off.on_behalf_of, today)
        except NotPermitted:
            continue
        return seat
    raise NotPermitted("No open seat on this list is for you.", list_id=signed.id)


def _check_seat(
    session: Session, actor: Actor, signed: DestructionList, seat: Seat, on_behalf_of: str | None, today: dt.date
) -> None:
    if signed.proposed_by in (actor.id, on_behalf_of) and not seat.may_be_author:
        raise NotPermitted("Whoever proposed a list cannot approve it.", list_id=signed.id)
    if on_behalf_of is not None:
        principal_for(session, actor, on_behalf_of, seat, today)
    elif not seat.admits(actor.roles, department_of(session, actor.id)):
        raise NotPermitted("This seat is for somebody else.", seat=seat.name)


def confirm_list(session: Session, actor: Actor, list_id: str, *, number: str, documents: int) -> DestructionList:
    """Confirm an approved list a second time, by typing its number and how many documents it has (K37).

    Raises:
        NotPermitted: the actor drew the list up.
        InvalidInput: number or count is not that of the list.
    """
    actor.require(*SIGNING_ROLES)
    confirmed = locked_list(session, list_id)
    if confirmed.state != ListState.APPROVED or confirmed.confirmed_at is not None:
        raise WrongState(list_id=list_id, state=confirmed.state)
    if actor.id == confirmed.proposed_by:
        raise NotPermitted("Whoever proposed a list cannot confirm it.", list_id=list_id)
    check_seen(session, actor, list_id)
    count = session.scalar(select(func.count()).where(ListedDocument.list_id == list_id))
    if (number, documents) != (confirmed.number, count):
        raise InvalidInput("Number or count is not that of the list. Look at what you are about to confirm.")
    confirmed.confirmed_by, confirmed.confirmed_at = actor.id, utc_now()
    confirmed.version += 1
    audit.record(session, actor, "list.confirmed", f"list:{list_id}", number=number, count=documents)
    return confirmed


def begin_execution(session: Session, actor: Actor, list_id: str) -> DestructionList:
    """Move an approved list to executing, or take up again one whose execution was interrupted.

    Raises:
        NotPermitted: the actor proposed, signed or confirmed the list.
        NotConfirmed: its policy wants a second confirmation.
        NotSupervised: its policy wants two supervisors, and they have not counted.
    """
    actor.require(Role.ARCHIVIST)
    started = locked_list(session, list_id)
    others = {started.proposed_by, started.confirmed_by} | approvers(session, list_id)
    if actor.id in others | {each.user_id for each in supervisions_of(session, list_id)}:
        raise NotPermitted("Whoever proposed, approved, confirmed or supervises a list cannot carry it out.")
    check_seen(session, actor, list_id)
    if started.state == ListState.EXECUTING:
        return started
    if started.state != ListState.APPROVED:
        raise WrongState(list_id=list_id, state=started.state)
    if policy_of_list(started).needs_confirmation and started.confirmed_at is None:
        raise NotConfirmed(list_id=list_id)
    check_supervised(session, started)
    started.state, started.executed_by = ListState.EXECUTING, actor.id
    started.version += 1
    audit.record(session, actor, "list.execution_begun", f"list:{list_id}", number=started.number)
    return started


def finish_execution(session: Session, actor: Actor, list_id: str) -> DestructionList:
    """Close the list once every document on it has an outcome."""
    finished = locked_list(session, list_id)
    if finished.state != ListState.EXECUTING or unfinished(session, list_id):
        return finished
    finished.state, finished.executed_at = ListState.EXECUTED, utc_now()
    finished.version += 1
    session.flush()
    close_if_done(session, actor, finished)
    audit.record(session, actor, "list.executed", f"list:{list_id}", number=finished.number)
    return finished


def _own_list(session: Session, actor: Actor, list_id: str, *states: ListState) -> DestructionList:
    actor.require(Role.ARCHIVIST)
    found = locked_list(session, list_id)
    if found.proposed_by != actor.id:
        raise NotPermitted("Only its author changes a list.", list_id=list_id)
    if found.state not in states:
        raise WrongState(list_id=list_id, state=found.state)
    return found


def _check_appraised(session: Session, policy: DisposalPolicy, wanted: Sequence[str]) -> None:
    """What was refused and never became a record needs no appraisal."""
    unreleased = select(Document.id).where(
        Document.id.in_(wanted), Document.state == DocumentState.FILED, ~is_released()
    )
    if policy.needs_appraisal and (document_id := session.scalar(unreleased.order_by(Document.id).limit(1))):
        raise NotAppraised(document_id=document_id)


def _due(
    session: Session, actor: Actor, document_ids: Sequence[str], today: dt.date, *, besides: str | None = None
) -> list[str]:
    """The documents, locked, if all of them may stand on a list; ordered."""
    wanted = sorted(set(document_ids))
    if not wanted:
        raise InvalidInput("A destruction list needs at least one document.")
    may_stand = due_documents(actor, today, besides=besides).where(Document.id.in_(wanted))
    missing = set(wanted) - {document.id for document in session.scalars(may_stand.with_for_update())}
    if missing:
        raise NotDue("A document is not due, is held or stands on another list.", document_id=min(missing))
    return wanted
