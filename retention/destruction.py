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
from retention import lists, register
from retention.due import DISPOSABLE
from retention.holds import holds_on
from retention.models import ListedDocument
from retention.schedule import current_schedule

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
        waiting = lists.unfinished(session, list_id)
    erased: list[str] = []
    for document_id in waiting:
        refusal = _begin(means, actor, list_id, document_id, today)
        if refusal is not None:
            yield document_id, refusal
            continue
        _erase(means, document_id)
        erased.append(document_id)
    if erased:
        means.scrub()  # once for all: it rewrites files
    for document_id in erased:
        _conclude(means, actor, list_id, document_id)
        yield document_id, DocumentState.DESTROYED.value
    with means.transaction() as session:
        lists.finish_execution(session, actor, list_id)


def _begin(means: Means, actor: Actor, list_id: str, document_id: str, today: dt.date) -> str | None:
    """Commit the intent, or the refusal; from here on the document is not readable to anyone."""
    with means.transaction() as session:
        document = session.scalars(select(Document).where(Document.id == document_id).with_for_update()).one()
        if document.state == DocumentState.DESTROYING:
            return None
        try:
            _check_eligible(session, document, list_id, today)
        except ArchiveError as refusal:
            _settle(session, list_id, document_id, refusal.code)
            audit.record(session, actor, "document.kept", f"document:{document_id}", reason=refusal.code)
            return refusal.code
        copies = _copies(session, document_id)
        customer = session.get(Customer, document.customer_id) if document.customer_id else None
        rule = next((r for r in current_schedule(session).rules if r.name == document.retention_class), None)
        for each in (document, *copies):
            each.state, each.version = DocumentState.DESTROYING, each.version + 1
            each.file_name_sealed = None
            facts = register.columns_of(each, customer, rule, objects_of(session, each.id), today)
            facts["identity_fingerprints"] = fingerprints_of(session, customer.id) if customer else []
            register.append(session, each, list_id=list_id, event=register.BEGUN, facts=facts)
        audit.record(session, actor, "destruction.begun", f"document:{document_id}", list=list_id, copies=len(copies))
    return None


def _check_eligible(session: Session, document: Document, list_id: str, today: dt.date) -> None:
    """Holds and dates as they are now, not as they were when the list was approved (K36)."""
    if lists.locked_list(session, list_id).state != ListState.EXECUTING:
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


def _erase(means: Means, document_id: str) -> None:
    """Everything but the tombstone, the key last: while it lives, an interrupted run can still be told from a lie."""
    with means.transaction() as session:
        doomed = [document_id, *(copy.id for copy in _copies(session, document_id))]
    for each in doomed:
        means.objects.delete_all(means.prefix_of(each))
    with means.transaction() as session:
        means.index.remove(session.connection(), doomed)
        for table in REMAINS:
            session.execute(delete(table).where(table.document_id.in_(doomed)))
        forgotten = _forget_customer(session, document_id)
    for each in doomed:
        means.keyring.destroy_key(document_subject(each))
    if forgotten is not None:
        means.keyring.destroy_key(customer_subject(forgotten))


def _forget_customer(session: Session, document_id: str) -> str | None:
    """Forget the document's customer if nothing else of it is kept: its name goes with its last record.

    Gives the customer's id, again on a repeated run, so that its key is destroyed for certain.
    """
    owner = select(Document.customer_id).where(Document.id == document_id).scalar_subquery()
    customer = session.scalars(select(Customer).where(Customer.id == owner).with_for_update()).one_or_none()
    if customer is None:
        return None
    gone = (DocumentState.DESTROYING, DocumentState.DESTROYED)
    left = select(func.count()).where(Document.customer_id == customer.id, Document.state.not_in(gone))
    if session.scalar(left):
        return None
    if customer.state != CustomerState.DESTROYED:
        forget_customer(session, customer)
    return customer.id


def _conclude(means: Means, actor: Actor, list_id: str, document_id: str) -> None:
    """Verify absence, then say so."""
    with means.transaction() as session:
        document = session.scalars(select(Document).where(Document.id == document_id).with_for_update()).one()
        if document.state == DocumentState.DESTROYED:
            return
        for each in (document, *_copies(session, document_id)):
            verified = verify_absent(means, session, each)
            each.state, each.version = DocumentState.DESTROYED, each.version + 1
            each.destroyed_at = utc_now()
            facts = {"档号": each.archival_code, "verified": verified, "executed_by": actor.id}
            register.append(session, each, list_id=list_id, event=register.DESTROYED, facts=facts)
        _settle(session, list_id, document_id, DocumentState.DESTROYED)
        audit.record(session, actor, "document.destroyed", f"document:{document_id}", list=list_id)


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
