"""Destruction: the order that makes it provable and resumable (design: keeping, and being able to forget).

    begin      commit `destroying` and the register line, holds and dates re-read under the row lock
    erase      objects (all versions) → index rows → text and fields → data key
    scrub      physical erasure of what the index and the tables held
    verify     listing empty, key gone, search empty, rows empty
    conclude   commit `destroyed` with what was verified; a tombstone is left

Each step may be repeated; a killed run is taken up where the document's state says. The register never says more than
is true: `destroyed` is written only after everything was found absent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.audit import Act
from records.customers import fingerprints_of_many
from records.documents import objects_of_many
from records.errors import NotDue, UnderHold, WrongState
from records.ids import utc_now
from records.models import Customer, Document
from records.terms import DocumentState, ListState, WaitingFor
from retention import listed, lists, register
from retention.due import DISPOSABLE
from retention.erasing import Means, erase, verify_absent
from retention.holds import held_among, lock_gate
from retention.schedule import rules_of_many

BATCH = 200
SET_ASIDE = (DocumentState.DUPLICATE, DocumentState.DESTROYING)


class Unit(NamedTuple):
    """A document of a list and the same bytes received again, of which the copies share its fate."""

    document: Document
    again: list[Document]

    @property
    def copies(self) -> list[Document]:
        """Set aside as its duplicates; what was judged different has a due date, and goes by a list, of its own."""
        return [each for each in self.again if each.state in SET_ASIDE and each.due_on is None]

    @property
    def members(self) -> list[Document]:
        return [self.document, *self.copies]

    @property
    def is_begun(self) -> bool:
        return self.document.state == DocumentState.DESTROYING

    @property
    def has_unsettled_copy(self) -> bool:
        """Not yet judged by a person: destroying one of them would prove nothing."""
        return any(each.waiting_for == WaitingFor.DUPLICATE for each in self.again)


def execute_list(means: Means, actor: Actor, list_id: str, today: dt.date) -> Iterator[tuple[str, str]]:
    """Destroy every document of an approved list; yields (document id, outcome) as each is settled.

    A document that is held, or no longer due, at this moment keeps everything and gets that as its outcome.
    """
    with means.transaction() as session:
        lists.begin_execution(session, actor, list_id)
    with means.transaction() as session:
        waiting = listed.unfinished(session, list_id)
    erased: list[str] = []
    for some in _batches(waiting):
        refused, doomed = _begin(means, actor, list_id, some, today)
        yield from refused.items()
        erase(means, doomed)
        erased += [document_id for document_id in some if document_id in doomed]
    if erased:
        means.scrub()  # once for all: it rewrites files
    for some in _batches(erased):
        for document_id in _conclude(means, actor, list_id, some):
            yield document_id, DocumentState.DESTROYED.value
    with means.transaction() as session:
        lists.finish_execution(session, actor, list_id)


def _batches(document_ids: list[str]) -> Iterator[list[str]]:
    """So many share a transaction: few enough that nobody waits long for the gate and the end of the chains."""
    return (document_ids[at : at + BATCH] for at in range(0, len(document_ids), BATCH))


def _begin(
    means: Means, actor: Actor, list_id: str, some: list[str], today: dt.date
) -> tuple[dict[str, str], list[str]]:
    """Commit the intent, or the refusal of each; what has begun is not readable to anyone.

    Gives the refusals, and the ids of all that has begun, copies included: now, or in a run that was interrupted.
    """
    with means.transaction() as session:
        lock_gate(session)
        units = _locked(session, some)
        waiting = _waiting(session, list_id, units)
        refused = _refusals(session, list_id, waiting, today)
        new = [unit for unit in waiting if unit.document.id not in refused]
        told = list(_described(session, new, today))
        _move(session, new, DocumentState.DESTROYING, file_name_sealed=None)
        listed.settle(session, list_id, refused)
        register.append_all(session, told, list_id=list_id, event=register.BEGUN)
        audit.record_all(session, actor, (_act(unit, list_id, refused) for unit in waiting))
        return refused, [each.id for unit in units if unit.is_begun for each in unit.members]


def _locked(session: Session, some: Sequence[str]) -> list[Unit]:
    """Documents with their copies, all locked before the chains are: placing a hold locks in the same order."""
    documents = select(Document).where(Document.id.in_(some)).order_by(Document.id).with_for_update()
    units = {document.id: Unit(document, []) for document in session.scalars(documents)}
    again = select(Document).where(Document.duplicate_of.in_(some)).order_by(Document.id).with_for_update()
    for copy in session.scalars(again):
        units[str(copy.duplicate_of)].again.append(copy)
    return list(units.values())


def _waiting(session: Session, list_id: str, units: Sequence[Unit]) -> list[Unit]:
    """Begun by no interrupted run, nor settled by another one before they were locked."""
    unfinished = set(listed.unfinished(session, list_id, among=[unit.document.id for unit in units]))
    return [unit for unit in units if unit.document.id in unfinished and not unit.is_begun]


def _refusals(session: Session, list_id: str, units: Sequence[Unit], today: dt.date) -> dict[str, str]:
    """Why documents are kept after all: holds and dates as they are now, not as when the list was approved (K36)."""
    is_executing = listed.locked_list(session, list_id).state == ListState.EXECUTING
    held = set(held_among(session, [unit.document.id for unit in units]))
    refused: dict[str, str] = {}
    for unit in units:
        document = unit.document
        if not is_executing or document.state not in DISPOSABLE:
            refused[document.id] = WrongState.code
        elif document.due_on is None or document.due_on > today:
            refused[document.id] = NotDue.code
        elif document.id in held:
            refused[document.id] = UnderHold.code
        elif unit.has_unsettled_copy:
            refused[document.id] = WrongState.code
    return refused


def _described(session: Session, units: Sequence[Unit], today: dt.date) -> Iterator[tuple[Document, dict[str, Any]]]:
    """Each document and copy with what the register keeps of it; a copy goes by the rule and customer of the first."""
    owners = {unit.document.customer_id for unit in units if unit.document.customer_id}
    customers = {each.id: each for each in session.scalars(select(Customer).where(Customer.id.in_(owners)))}
    fingerprints = fingerprints_of_many(session, owners)
    rules = rules_of_many(session, [unit.document for unit in units])
    objects = objects_of_many(session, [each.id for unit in units for each in unit.members])
    for unit in units:
        customer = customers.get(unit.document.customer_id or "")
        for each in unit.members:
            facts = register.columns_of(each, customer, rules[unit.document.id], objects[each.id], today)
            facts["identity_fingerprints"] = fingerprints[customer.id] if customer else []
            yield each, facts


def _act(unit: Unit, list_id: str, refused: dict[str, str]) -> Act:
    subject, code = f"document:{unit.document.id}", refused.get(unit.document.id)
    if code is not None:
        return Act("document.kept", subject, {"reason": code})
    return Act("destruction.begun", subject, {"list": list_id, "copies": len(unit.copies)})


def _conclude(means: Means, actor: Actor, list_id: str, some: list[str]) -> list[str]:
    """Verify absence, then say so; gives those of which it is said."""
    with means.transaction() as session:
        units = [unit for unit in _locked(session, some) if unit.is_begun]
        members = [each for unit in units for each in unit.members]
        facts = {"verified": verify_absent(means, session, members), "executed_by": actor.id}
        gone = [unit.document.id for unit in units]
        _move(session, units, DocumentState.DESTROYED, destroyed_at=utc_now())
        listed.settle(session, list_id, dict.fromkeys(gone, DocumentState.DESTROYED))
        register.append_all(session, [(each, facts) for each in members], list_id=list_id, event=register.DESTROYED)
        details = {"list": list_id}
        audit.record_all(session, actor, (Act("document.destroyed", f"document:{each}", details) for each in gone))
    return gone


def _move(session: Session, units: Sequence[Unit], state: DocumentState, **columns: Any) -> None:
    """Change the rows, and the units at hand with them."""
    moved = update(Document).where(Document.id.in_([each.id for unit in units for each in unit.members]))
    changed = moved.values(state=state, version=Document.version + 1, **columns)
    session.execute(changed, execution_options={"synchronize_session": "evaluate"})
