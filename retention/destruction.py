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
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.customers import fingerprints_of, forget_customer
from records.documents import objects_of
from records.errors import ArchiveError, NotDue, UnderHold, WrongState
from records.ids import utc_now
from records.models import (
    Customer,
    Document,
    Field,
    FieldHistory,
    Page,
    Part,
    StoredObject,
)
from records.sealing import Keyring, customer_subject, document_subject
from records.terms import CustomerState, DocumentState, ListState, WaitingFor
from retention import listed, lists, register
from retention.due import DISPOSABLE
from retention.holds import holds_on, lock_gate
from retention.models import ListedDocument
from retention.schedule import rule_of

BATCH = 50
REMAINS = (Field, FieldHistory, Page, Part, StoredObject)
"""Tables whose rows of a document go; the row of the document itself stays as its tombstone."""


class Objects(Protocol):
    """What destruction asks of the object store."""

    def delete_all(self, prefix: str) -> int:
        """Delete every version under the prefix and prove by listing that none is left; tells how many."""

    def list(self, prefix: str) -> Iterable[Any]: ...


class Index(Protocol):
    """What destruction asks of the search index."""

    def remove(self, connection: Connection, document_ids: Iterable[str]) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Means:
    """What destruction works with. `transaction` commits on leaving; each step runs in one of its own."""

    transaction: Callable[[], AbstractContextManager[Session]]
    keyring: Keyring
    objects: Objects
    index: Index
    is_found: Callable[[Session, Document], bool]
    """Whether a search for the document's archival code still finds anything."""
    prefix_of: Callable[[str], str]
    scrub: Callable[[], None]
    """Physical erasure of removed rows from the index and the database files."""


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
        refused = _begin(means, actor, list_id, some, today)
        yield from refused.items()
        begun = [document_id for document_id in some if document_id not in refused]
        _erase(means, begun)
        erased += begun
    if erased:
        means.scrub()  # once for all: it rewrites files
    for some in _batches(erased):
        _conclude(means, actor, list_id, some)
        yield from ((document_id, DocumentState.DESTROYED.value) for document_id in some)
    with means.transaction() as session:
        lists.finish_execution(session, actor, list_id)


def _batches(document_ids: list[str]) -> Iterator[list[str]]:
    """So many share a transaction: few enough that nobody waits long for the end of the chains, which it locks."""
    return (document_ids[at : at + BATCH] for at in range(0, len(document_ids), BATCH))


def _begin(means: Means, actor: Actor, list_id: str, some: list[str], today: dt.date) -> dict[str, str]:
    """Commit the intent, or the refusal of each, which is given back; what has begun is not readable to anyone."""
    refused: dict[str, str] = {}
    with means.transaction() as session:
        lock_gate(session)
        for document, copies in _locked(session, some):
            if document.state == DocumentState.DESTROYING:
                continue
            try:
                _check_eligible(session, document, list_id, today)
            except ArchiveError as refusal:
                refused[document.id] = refusal.code
                _settle(session, list_id, document.id, refusal.code)
                audit.record(session, actor, "document.kept", f"document:{document.id}", reason=refusal.code)
                continue
            customer = session.get(Customer, document.customer_id) if document.customer_id else None
            for each in (document, *copies):
                each.state, each.version = DocumentState.DESTROYING, each.version + 1
                each.file_name_sealed = None
                facts = register.columns_of(
                    each, customer, rule_of(session, document), objects_of(session, each.id), today
                )
                facts["identity_fingerprints"] = fingerprints_of(session, customer.id) if customer else []
                register.append(session, each, list_id=list_id, event=register.BEGUN, facts=facts)
            details = {"list": list_id, "copies": len(copies)}
            audit.record(session, actor, "destruction.begun", f"document:{document.id}", **details)
    return refused


def _locked(session: Session, some: list[str]) -> list[tuple[Document, list[Document]]]:
    """Documents with their copies, all locked before the chains are: placing a hold locks in the same order."""
    statement = select(Document).where(Document.id.in_(some)).order_by(Document.id).with_for_update()
    documents = session.scalars(statement).all()
    return [(document, _copies(session, document.id)) for document in documents]


def _check_eligible(session: Session, document: Document, list_id: str, today: dt.date) -> None:
    """Holds and dates as they are now, not as they were when the list was approved (K36)."""
    if listed.locked_list(session, list_id).state != ListState.EXECUTING:
        raise WrongState(list_id=list_id)
    if document.state not in DISPOSABLE:
        raise WrongState(document_id=document.id, state=document.state)
    if document.due_on is None or document.due_on > today:
        raise NotDue(document_id=document.id)
    if holds_on(session, document):
        raise UnderHold(document_id=document.id)
    if _has_unsettled_copy(session, document.id):
        raise WrongState("A duplicate of the document waits to be settled.", document_id=document.id)


def _copies(session: Session, document_id: str) -> list[Document]:
    """Documents set aside as duplicates of this one: they share its fate."""
    same = select(Document).where(
        Document.duplicate_of == document_id, Document.state.in_([DocumentState.DUPLICATE, DocumentState.DESTROYING])
    )
    return list(session.scalars(same.order_by(Document.id).with_for_update()))


def _has_unsettled_copy(session: Session, document_id: str) -> bool:
    """The same bytes, received again and not yet judged by a person: destroying one of them would prove nothing."""
    unsettled = select(func.count()).where(
        Document.duplicate_of == document_id, Document.waiting_for == WaitingFor.DUPLICATE
    )
    return session.scalar(unsettled) != 0


def _erase(means: Means, some: list[str]) -> None:
    """Everything but the tombstones, keys last: while one lives, an interrupted run can still be told from a lie."""
    with means.transaction() as session:
        doomed = [each for i in some for each in (i, *(copy.id for copy in _copies(session, i)))]
    for each in doomed:
        means.objects.delete_all(means.prefix_of(each))
    with means.transaction() as session:
        means.index.remove(session.connection(), doomed)
        for table in REMAINS:
            session.execute(delete(table).where(table.document_id.in_(doomed)))
        owners = session.scalars(select(Document.customer_id).where(Document.id.in_(some)))
        customers = sorted({owner for owner in owners if owner})  # locked in this order, as others lock one at a time
        forgotten = [customer_id for customer_id in customers if _forget_customer(session, customer_id)]
    means.keyring.destroy_keys([document_subject(each) for each in doomed])
    means.keyring.destroy_keys([customer_subject(customer_id) for customer_id in forgotten])


def _forget_customer(session: Session, customer_id: str) -> bool:
    """Forget a customer if nothing else of it is kept: its name goes with its last record.

    Says so again on a repeated run, so that its key is destroyed for certain.
    """
    customer = session.scalars(select(Customer).where(Customer.id == customer_id).with_for_update()).one()
    gone = (DocumentState.DESTROYING, DocumentState.DESTROYED)
    left = select(func.count()).where(Document.customer_id == customer.id, Document.state.not_in(gone))
    if session.scalar(left):
        return False
    if customer.state != CustomerState.DESTROYED:
        forget_customer(session, customer)
    return True


def _conclude(means: Means, actor: Actor, list_id: str, some: list[str]) -> None:
    """Verify absence, then say so."""
    with means.transaction() as session:
        for document, copies in _locked(session, some):
            if document.state == DocumentState.DESTROYED:
                continue
            for each in (document, *copies):
                verified = verify_absent(means, session, each)
                each.state, each.version = DocumentState.DESTROYED, each.version + 1
                each.destroyed_at = utc_now()
                facts = {"verified": verified, "executed_by": actor.id}
                register.append(session, each, list_id=list_id, event=register.DESTROYED, facts=facts)
            _settle(session, list_id, document.id, DocumentState.DESTROYED)
            audit.record(session, actor, "document.destroyed", f"document:{document.id}", list=list_id)


def verify_absent(means: Means, session: Session, document: Document) -> dict[str, bool]:
    """What was looked for and found absent.

    Raises:
        WrongState: names what is still there; the document stays `destroying` and the run is repeated.
    """
    absent = {
        "objects": not any(True for _ in means.objects.list(means.prefix_of(document.id))),
        "key": not means.keyring.has_key(document_subject(document.id)),
        "index": not means.is_found(session, document),
        "rows": not any(_has_rows(session, table, document.id) for table in REMAINS),
    }
    present = sorted(what for what, is_absent in absent.items() if not is_absent)
    if present:
        raise WrongState("Something of a destroyed document is still there.", document_id=document.id, present=present)
    return absent


def _has_rows(session: Session, table: Any, document_id: str) -> bool:
    return session.scalar(select(func.count()).where(table.document_id == document_id)) != 0


def _settle(session: Session, list_id: str, document_id: str, outcome: str) -> None:
    session.execute(
        update(ListedDocument)
        .where(ListedDocument.list_id == list_id, ListedDocument.document_id == document_id)
        .values(outcome=outcome)
    )
