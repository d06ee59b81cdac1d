"""What a backup must not bring back: everything that the register says was destroyed, before or after it was made.

Rows pass through `Replay.amended` on their way into the database, so what was destroyed is never there, not even for a
moment: of its document comes the tombstone, of a customer that has nothing left the bare code.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from intake.backup import Backup, links_of
from intake.dump import Row
from intake.jobs import Job
from intake.orders import Orders
from records import chain
from records.desk_models import Keying, LateAddition, SetAside, VerificationClaim
from records.errors import ChainBroken
from records.ledger import HEAD_ROW
from records.models import Customer, CustomerIdentity, Document, LoginSession
from records.terms import CustomerState, DocumentState, JobState
from retention import register
from retention.erasing import REMAINS
from retention.models import ListedDocument, RegisterEntry, RegisterHead, TermChange

_IN_HAND = (VerificationClaim, SetAside, Keying, LateAddition)
"""What a clerk had in hand of a document that was destroyed since: sealed with its key, and nobody's any more."""
_REMAINS = frozenset(table.__tablename__ for table in (*REMAINS, *_IN_HAND))


@dataclass(frozen=True, kw_only=True)
class Doomed:
    """A document that the register tells of. `destroyed_at` None: its destruction began and was not yet concluded."""

    list_id: str
    destroyed_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Replay:
    """The register as it is now, against a backup."""

    doomed: dict[str, Doomed]
    forgotten: frozenset[str]
    """Customers of whom the backup has nothing else, or of whom the orders say that nothing was left."""
    in_backup: tuple[str, ...]
    """The documents that the backup has as something else than destroyed, ordered."""
    register_rows: tuple[Row, ...] = field(repr=False)
    """Entries made after the backup, exactly as they are."""
    head: tuple[int, str]
    orders: Orders | None = field(default=None, repr=False)

    def amended(self, table: str, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of a table as they may come back, with what was ordered since."""
        if table == RegisterHead.__tablename__:
            return self._head_row()
        kept = (kept for row in rows if (kept := self._amend(table, row)) is not None)
        if self.orders is None or table == RegisterEntry.__tablename__:  # those entries follow by themselves
            return kept
        return self.orders.laid_over(table, kept)

    def _amend(self, table: str, row: Row) -> Row | None:
        """The row as it may come back; None if it may not. Logins do not outlive a restore either."""
        if table == Document.__tablename__:
            return self._document(row)
        if table == Customer.__tablename__:
            return self._customer(row)
        if table == ListedDocument.__tablename__:
            is_settled = row["outcome"] is not None or row["document_id"] not in self.doomed
            return row if is_settled else row | {"outcome": DocumentState.DESTROYED.value}
        is_dropped = (
            table == LoginSession.__tablename__
            or (table in _REMAINS and row["document_id"] in self.doomed)
            or (table == CustomerIdentity.__tablename__ and row["customer_id"] in self.forgotten)
            or (table == Job.__tablename__ and row["document_id"] in self.doomed and row["state"] != JobState.DONE)
        )
        return None if is_dropped else row

    def _document(self, row: Row) -> Row:
        doomed = self.doomed.get(row["id"])
        if doomed is None or row["state"] == DocumentState.DESTROYED:
            return row
        state = DocumentState.DESTROYED if doomed.destroyed_at else DocumentState.DESTROYING
        return row | {
            "state": state.value,
            "waiting_for": None,
            "file_name_sealed": None,
            "destroyed_at": doomed.destroyed_at,
            "version": row["version"] + 1,
        }

    def _customer(self, row: Row) -> Row:
        if row["id"] not in self.forgotten or row["state"] == CustomerState.DESTROYED:
            return row
        return row | {"name_sealed": None, "state": CustomerState.DESTROYED.value, "version": row["version"] + 1}

    def _head_row(self) -> Iterator[Row]:
        seq, digest = self.head
        if seq:
            yield {"id": HEAD_ROW, "seq": seq, "hash": digest}


def plan_replay(backup: Backup, present: Sequence[chain.Link] | None, orders: Orders | None = None) -> Replay:
    """What must not come back, and what must.

    Args:
        present: the register as it is now; None where it was lost with the archive: then the backup's own counts.
        orders: the register with holds, longer periods and tombstones, instead of the register alone.

    Raises:
        ChainBroken: the register does not hold, is older than the backup, or belongs to another archive.
    """
    backup_seq, backup_hash = backup.manifest["heads"][RegisterHead.__tablename__]
    own = list(links_of(backup, RegisterEntry.__tablename__))
    if orders is not None:
        changes = frozenset(row["id"] for row in backup.rows(TermChange.__tablename__))
        present, orders = orders.links, replace(orders, known_changes=changes)
    links = own if present is None else list(present)
    seq, digest = chain.verify(links)
    if seq < backup_seq:
        raise ChainBroken("The register given is older than the backup. Give the present one.", seq=seq)
    if backup_seq and links[backup_seq - 1].hash != backup_hash:
        raise ChainBroken("The register given is not that of the archive the backup was made of.", seq=backup_seq)
    said = [json.loads(link.entry) for link in links]
    doomed = _doomed(said)
    in_backup, forgotten = _in_backup(backup, doomed)
    later = zip(links[backup_seq:], said[backup_seq:], strict=True)
    rows = tuple(_register_row(link, entry) for link, entry in later)
    return Replay(
        doomed=doomed,
        forgotten=forgotten if orders is None else forgotten | orders.forgotten,
        in_backup=in_backup,
        register_rows=rows,
        head=(seq, digest),
        orders=orders,
    )


def _doomed(said: Iterable[dict[str, Any]]) -> dict[str, Doomed]:
    doomed: dict[str, Doomed] = {}
    for entry in said:
        if entry["event"] == register.BEGUN:
            doomed[entry["document"]] = Doomed(list_id=entry["list"], destroyed_at=None)
        elif entry["event"] == register.DESTROYED:
            at = dt.datetime.fromisoformat(entry["at"])
            doomed[entry["document"]] = replace(doomed[entry["document"]], destroyed_at=at)
    return doomed


def _in_backup(backup: Backup, doomed: dict[str, Doomed]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The documents to keep out, and the customers who have no other."""
    found, bereft, provided = [], set(), set()
    for row in backup.rows(Document.__tablename__):
        if row["id"] not in doomed:
            if row["state"] != DocumentState.DESTROYED:
                provided.add(row["customer_id"])
            continue
        bereft.add(row["customer_id"])
        if row["state"] != DocumentState.DESTROYED:
            found.append(row["id"])
    return tuple(sorted(found)), frozenset(bereft - provided - {None})


def _register_row(link: chain.Link, said: dict[str, Any]) -> Row:
    return {
        "seq": link.seq,
        "document_id": said["document"],
        "archival_code": said.get("档号"),
        "list_id": said["list"],
        "event": said["event"],
        "at": dt.datetime.fromisoformat(said["at"]),
        "entry": link.entry,
        "previous_hash": link.previous_hash,
        "hash": link.hash,
    }
