"""Orders that must outlast a restore: what was destroyed, held, restricted, kept longer or ended; the numbers given.

An old backup knows nothing of what was ordered since it was made. This file does. With the register it carries what
must be kept for ever of how it came about (R96, R101): lists that ended, with every signature, rounds of appraisal that
were concluded, with their reports, the schedules. A list still open is not carried: it comes back as the backup has it
or not at all, and its signatures are given anew, for nobody shall find his name under a list that is no longer the one
he signed. Who may act is as it is now: an account that was disabled, a role or a delegation that was taken back stays
so; passwords are those of the backup. Of a living customer it carries how the relationship stands, because periods run
from its end: the state, the volume, the day; a customer whom the backup does not know does not come back by that.

It holds no customer's name, no text of a document, no password and no key; reasons stand as people wrote them. JSON
lines: the first names the format, then one for each row, the last has the SHA-256 of all lines before it and a
signature that only the archive's key store can make. `intake/replay.py` lays it over the backup's rows, each settled
with what stands now by `intake/settling.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Select, Table, case, exists, literal, select

from intake.archive import Archive
from intake.dump import Row, decode_row, encode_row, kinds_of
from intake.settling import STANDING, due_on, settled
from records import chain
from records.errors import BackupBroken
from records.ids import utc_now
from records.models import Base, Batch, ClosedVolume, Customer, Document, Station, User
from records.models import Counter as CounterRow
from records.sealing import Keyring
from records.terms import CustomerState, DocumentState, ListState
from retention.models import (
    Appraisal,
    AppraisalOpinion,
    AppraisedDocument,
    Delegation,
    DestructionList,
    EventRetraction,
    Hold,
    HoldQuery,
    HoldScope,
    ListApproval,
    ListedDocument,
    Paper,
    PaperMovement,
    RegisterEntry,
    Restriction,
    RetentionClass,
    RetentionEvent,
    RetentionSchedule,
    SubjectRequest,
    Supervision,
    TermChange,
)
from storage.files import write_whole

FORMAT = "guidang orders 1"
_PURPOSE = "orders-file"
_DESTROYED = Document.state == DocumentState.DESTROYED
_OPEN = (ListState.PROPOSED, ListState.RETURNED, ListState.APPROVED)
_NO_PASSWORD = "!"
_USERS = [
    literal(_NO_PASSWORD).label(column.name) if column.name == "password_hash" else column
    for column in Base.metadata.tables[User.__tablename__].columns
]
_FORGOTTEN = Customer.state == CustomerState.DESTROYED
_CUSTOMERS = [
    column if column.name in STANDING else case((_FORGOTTEN, column)).label(column.name)
    for column in Base.metadata.tables[Customer.__tablename__].columns
]
"""Whole only where nothing is left of the customer but these columns: of the living neither code nor name leaves."""


def _of_ended(table: type[ListedDocument | ListApproval | Supervision]) -> Select[Any]:
    ended = select(DestructionList.id).where(DestructionList.state.not_in(_OPEN))
    return select(table.__table__).where(table.list_id.in_(ended))


def _of_concluded(table: type[AppraisedDocument | AppraisalOpinion]) -> Select[Any]:
    concluded = select(Appraisal.id).where(Appraisal.concluded_at.is_not(None))
    return select(table.__table__).where(table.appraisal_id.in_(concluded))


_QUERIES: dict[str, Select[Any]] = {
    User.__tablename__: select(*_USERS),
    Station.__tablename__: select(Station.__table__),
    CounterRow.__tablename__: select(CounterRow.__table__),
    Customer.__tablename__: select(*_CUSTOMERS).where(Customer.state != CustomerState.PROPOSED),  # as every one began
    ClosedVolume.__tablename__: select(ClosedVolume.__table__),
    Batch.__tablename__: select(Batch.__table__).where(exists().where(Document.batch_id == Batch.id, _DESTROYED)),
    Document.__tablename__: select(Document.__table__).where(_DESTROYED),
    Hold.__tablename__: select(Hold.__table__),
    HoldScope.__tablename__: select(HoldScope.__table__),
    HoldQuery.__tablename__: select(HoldQuery.__table__),
    Restriction.__tablename__: select(Restriction.__table__),
    SubjectRequest.__tablename__: select(SubjectRequest.__table__),
    TermChange.__tablename__: select(TermChange.__table__).order_by(TermChange.changed_at, TermChange.id),
    RegisterEntry.__tablename__: select(RegisterEntry.__table__).order_by(RegisterEntry.seq),
    RetentionSchedule.__tablename__: select(RetentionSchedule.__table__),
    RetentionClass.__tablename__: select(RetentionClass.__table__),
    RetentionEvent.__tablename__: select(RetentionEvent.__table__),
    EventRetraction.__tablename__: select(EventRetraction.__table__),
    DestructionList.__tablename__: select(DestructionList.__table__).where(DestructionList.state.not_in(_OPEN)),
    ListedDocument.__tablename__: _of_ended(ListedDocument),
    ListApproval.__tablename__: _of_ended(ListApproval),
    Supervision.__tablename__: _of_ended(Supervision),
    Paper.__tablename__: select(Paper.__table__),
    PaperMovement.__tablename__: select(PaperMovement.__table__),
    Delegation.__tablename__: select(Delegation.__table__),
    Appraisal.__tablename__: select(Appraisal.__table__).where(Appraisal.concluded_at.is_not(None)),
    AppraisedDocument.__tablename__: _of_concluded(AppraisedDocument),
    AppraisalOpinion.__tablename__: _of_concluded(AppraisalOpinion),
}
_PARTS = {
    ListedDocument.__tablename__: (DestructionList.__tablename__, "list_id"),
    ListApproval.__tablename__: (DestructionList.__tablename__, "list_id"),
    Supervision.__tablename__: (DestructionList.__tablename__, "list_id"),
    AppraisedDocument.__tablename__: (Appraisal.__tablename__, "appraisal_id"),
    AppraisalOpinion.__tablename__: (Appraisal.__tablename__, "appraisal_id"),
}
"""Tables whose rows come with a row of another: of a list that ended, the backup's own signatures do not count."""


@dataclass
class Orders:
    """A file that was read. `rows` by table, each by its key."""

    created_at: str
    sha256: str
    signature: str
    rows: dict[str, dict[tuple[Any, ...], Row]]
    brought: dict[str, list[Row]] = field(default_factory=dict)
    """The rows of each table that came from here and not from the backup, as they came."""
    known_changes: frozenset[str] = frozenset()
    """The changes of periods that the backup has: there they have come to what its documents say."""
    _there: dict[str, set[Any]] = field(default_factory=dict)
    """Keys that rows of this file refer to and that came by."""

    @property
    def links(self) -> list[chain.Link]:
        """The register as it was when the file was written."""
        rows = self.rows.get(RegisterEntry.__tablename__, {}).values()
        return [chain.Link(**{name: row[name] for name in chain.Link._fields}) for row in rows]

    @property
    def forgotten(self) -> frozenset[str]:
        """The customers of whom nothing was left when the file was written; that is final."""
        rows = self.rows.get(Customer.__tablename__, {}).values()
        return frozenset(row["id"] for row in rows if row["state"] == CustomerState.DESTROYED)

    def laid_over(self, table: str, rows: Iterable[Row]) -> Iterator[Row]:
        """A backup's rows with what was ordered since. Tables come in the order in which they are loaded."""
        mine = dict(self.rows.get(table, {}))
        wanted, there = self._wanted(table), self._there.setdefault(table, set())
        for row in rows:
            key = _key_of(table, row)
            now = mine.pop(key, None)
            if now is None and self._is_superseded(table, row):
                continue
            there.update(wanted.intersection(key))
            yield self._ordered(table, row if now is None else self._referring(table, settled(table, row, now), row))
        for key, row in mine.items():
            if (fitting := self._fitting(table, row)) is not None:
                there.update(wanted.intersection(key))
                self.brought.setdefault(table, []).append(fitting)
                yield fitting

    def younger(self, table: str, columns: Collection[str]) -> Iterator[Row]:
        """What these columns hold now, with each row's key; the backup's schema had no place for them.

        Nothing is said of what the orders hide of a living customer.
        """
        for row in self.rows.get(table, {}).values():
            fitting = self._referring(table, row, {})
            values = {name: fitting[name] for name in columns if fitting[name] is not None}
            if values:
                yield {column.name: row[column.name] for column in _keys_of(table)} | values

    def _is_superseded(self, table: str, row: Row) -> bool:
        whole, column = _PARTS.get(table, ("", ""))
        return bool(whole) and (row[column],) in self.rows.get(whole, {})

    def _wanted(self, table: str) -> set[Any]:
        """What rows of this file refer to in the table."""
        return {
            row[column]
            for name, rows in self.rows.items()
            for column, target in _references(name)
            if target == table
            for row in rows.values()
        }

    def _fitting(self, table: str, row: Row) -> Row | None:
        """The row, without references to what did not come back; None if it means nothing without, or is not whole."""
        fitting = self._referring(table, row, {})
        needed = (column.name for column in Base.metadata.tables[table].columns if not column.nullable)
        return None if any(fitting[name] is None for name in needed) else fitting

    def _referring(self, table: str, row: Row, own: Row) -> Row:
        """The row, referring to what came by only; what the backup's `own` row refers to comes with the backup."""
        strangers = (
            column
            for column, target in _references(table)
            if row.get(column) not in (None, own.get(column)) and row[column] not in self._there.get(target, set())
        )
        return row | dict.fromkeys(strangers)

    def _ordered(self, table: str, row: Row) -> Row:
        """The row of a document with its period and its restriction as they were ordered last."""
        if table != Document.__tablename__:
            return row
        if (change := self._changes.get(row["id"])) is not None:
            row = row | {"due_on": due_on(row, change)}
        if row["id"] in self._restricted:
            row = row | {"restricted_at": self._restricted[row["id"]]}
        return row

    @cached_property
    def _changes(self) -> dict[str, Row]:
        """The last change of each document whose period was changed, unless the backup has it already."""
        last = {row["document_id"]: row for row in self.rows.get(TermChange.__tablename__, {}).values()}
        return {document_id: row for document_id, row in last.items() if row["id"] not in self.known_changes}

    @cached_property
    def _restricted(self) -> dict[str, Any]:
        """Since when each document is restricted that ever was; None where that is lifted."""
        since: dict[str, Any] = {}
        for row in self.rows.get(Restriction.__tablename__, {}).values():
            standing = None if row["lifted_at"] else row["placed_at"]
            since[row["document_id"]] = since.get(row["document_id"]) or standing
        return since


def write_orders(archive: Archive, path: Path) -> dict[str, int]:
    """Write the file, replacing it in one step; tells how many rows of each table."""
    written, counts = io.BytesIO(), {}
    written.write(_line({"format": FORMAT, "created_at": utc_now().isoformat(timespec="seconds")}))
    with archive.reading() as session:
        for name, query in _QUERIES.items():
            kinds = kinds_of(Base.metadata.tables[name])
            written.write(_line({"table": name, "columns": kinds}))
            counts[name] = 0
            for row in session.execute(query.execution_options(yield_per=1_000)):
                written.write(_line(encode_row(kinds, row)))
                counts[name] += 1
    digest = hashlib.sha256(written.getvalue()).hexdigest()
    written.write(_line({"sha256": digest, "signature": archive.keyring.fingerprint(_PURPOSE, digest)}))
    write_whole(path, written.getvalue())
    return counts


def read_orders(path: Path) -> Orders:
    """Read the file. Raises BackupBroken if a byte of it changed, or it is no such file."""
    try:
        *lines, last = path.read_bytes().splitlines(keepends=True)
        said, head = json.loads(last), json.loads(lines[0])
        if head["format"] != FORMAT or said["sha256"] != hashlib.sha256(b"".join(lines)).hexdigest():
            raise BackupBroken("The file of orders was changed, or is no such file.", file=path.name)
        rows = _rows(lines[1:])
        whole = Orders(
            created_at=head["created_at"], sha256=said["sha256"], signature=str(said["signature"]), rows=rows
        )
        if _line({"sha256": whole.sha256, "signature": whole.signature}) == last:
            return whole
    except (OSError, ValueError, KeyError, TypeError, IndexError) as exc:
        raise BackupBroken("This is not a file of orders, or it is damaged.", file=path.name) from exc
    raise BackupBroken("The file of orders was written anew.", file=path.name)


def check_signature(orders: Orders, keyring: Keyring) -> None:
    """Whether the archive whose key store this is wrote the file. Raises BackupBroken if not."""
    if not hmac.compare_digest(keyring.fingerprint(_PURPOSE, orders.sha256).encode(), orders.signature.encode()):
        raise BackupBroken("The file of orders was not written with this key store.")


def _rows(lines: Iterable[bytes]) -> dict[str, dict[tuple[Any, ...], Row]]:
    rows: dict[str, dict[tuple[Any, ...], Row]] = {}
    kinds: dict[str, str] = {}
    table = ""
    for line in lines:
        content = json.loads(line)
        if isinstance(content, dict):
            table, kinds = content["table"], content["columns"]
            rows[table] = {}
        else:
            row = decode_row(kinds, content)
            rows[table][_key_of(table, row)] = row
    return rows


def _key_of(table: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in _keys_of(table))


def _keys_of(table: str) -> list[Column[Any]]:
    return list(Base.metadata.tables[table].primary_key.columns)


def _references(table: str) -> list[tuple[str, str]]:
    """Columns of a table that refer to another, or to itself, with its name."""
    known: Table = Base.metadata.tables[table]
    return [(key.parent.name, key.column.table.name) for key in known.foreign_keys if key.column.table.name in _QUERIES]


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
