"""Erasing documents for good, and proving them absent: many at once, and each one of them.

Only what is committed as `destroying` is erased. Whatever is asked for a batch is answered for each document of it, so
that what is still there is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from records.customers import forget_customers
from records.errors import WrongState
from records.models import Customer, Document, Field, FieldHistory, Page, Part, RecordDate, StoredObject
from records.sealing import Keyring, customer_subject, document_subject
from records.terms import CustomerState, DocumentState
from retention.holds import GONE

REMAINS = (Field, FieldHistory, Page, Part, RecordDate, StoredObject)
"""Tables whose rows of a document go; the row of the document itself stays as its tombstone."""


class Objects(Protocol):
    """What destruction asks of the object store."""

    def delete_each(self, prefixes: Sequence[str]) -> int:
        """Delete every version under each prefix and prove by listing that none is left; tells how many."""

    def occupied(self, prefixes: Sequence[str]) -> set[str]:
        """Those of the prefixes under which a listing shows anything, in any version."""


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
    still_found: Callable[[Session, Sequence[Document]], set[str]]
    """The ids of those documents for whose archival code a search still finds anything."""
    prefix_of: Callable[[str], str]
    scrub: Callable[[], None]
    """Physical erasure of removed rows from the index and the database files."""


def erase(means: Means, document_ids: Sequence[str]) -> None:
    """Everything of these but the tombstones; harmless when repeated.

    Keys last: while one lives, an interrupted run can still be told from a lie.
    """
    with means.transaction() as session:
        begun = select(Document.id).where(Document.id.in_(document_ids), Document.state == DocumentState.DESTROYING)
        doomed = list(session.scalars(begun.order_by(Document.id)))
    means.objects.delete_each([means.prefix_of(each) for each in doomed])
    with means.transaction() as session:
        means.index.remove(session.connection(), doomed)
        for table in REMAINS:
            session.execute(delete(table).where(table.document_id.in_(doomed)))
        forgotten = _forget_owners(session, doomed)
    means.keyring.destroy_keys([*map(document_subject, doomed), *map(customer_subject, forgotten)])


def _forget_owners(session: Session, document_ids: Sequence[str]) -> list[str]:
    """Forget the customers of whom nothing else is kept: a name goes with the last record. Gives their ids.

    Gives them again on a repeated run, so that their keys are destroyed for certain.
    """
    owners = select(Document.customer_id).where(Document.id.in_(document_ids), Document.customer_id.is_not(None))
    # Locked in this order, as others lock one at a time; what is kept of them is asked for under the lock.
    owned = select(Customer).where(Customer.id.in_(owners)).order_by(Customer.id).with_for_update()
    customers = {customer.id: customer for customer in session.scalars(owned)}
    others = select(Document.customer_id).where(Document.customer_id.in_(customers), Document.state.not_in(GONE))
    kept = set(session.scalars(others.distinct()))
    alone = [customer for customer_id, customer in customers.items() if customer_id not in kept]
    forget_customers(session, (each for each in alone if each.state != CustomerState.DESTROYED))
    return [customer.id for customer in alone]


def verify_absent(means: Means, session: Session, documents: Sequence[Document]) -> dict[str, bool]:
    """What was looked for, and found absent of every one of the documents.

    Raises:
        WrongState: names a document and what of it is still there; it stays `destroying` and the run is repeated.
    """
    ids = [document.id for document in documents]
    occupied = means.objects.occupied([means.prefix_of(each) for each in ids])
    forgotten = _forgotten_owners(session, ids)
    with_key = means.keyring.with_key([*map(document_subject, ids), *map(customer_subject, set(forgotten.values()))])
    present = {
        "objects": {each for each in ids if means.prefix_of(each) in occupied},
        "key": {each for each in ids if document_subject(each) in with_key}
        | {each for each, owner in forgotten.items() if customer_subject(owner) in with_key},
        "index": means.still_found(session, documents),
        "rows": _with_rows(session, ids),
    }
    for each in ids:
        if there := sorted(what for what, found in present.items() if each in found):
            raise WrongState("Something of a destroyed document is still there.", document_id=each, present=there)
    return dict.fromkeys(present, True)


def _forgotten_owners(session: Session, document_ids: Sequence[str]) -> dict[str, str]:
    """Of documents whose customer went with its last record, that customer: its name is under a key of its own."""
    owned = select(Document.id, Document.customer_id).join(Customer, Customer.id == Document.customer_id)
    forgotten = owned.where(Document.id.in_(document_ids), Customer.state == CustomerState.DESTROYED)
    return {document_id: str(customer_id) for document_id, customer_id in session.execute(forgotten)}


def _with_rows(session: Session, document_ids: Sequence[str]) -> set[str]:
    """Those of which a row is left in any of the tables."""
    left = (select(table.document_id).where(table.document_id.in_(document_ids)).distinct() for table in REMAINS)
    return {document_id for each in left for document_id in session.scalars(each)}
