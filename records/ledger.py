"""A hash chain kept in two tables: its entries, and one row that says where it ends.

Columns beside an entry only help to find it: each must say what the hashed entry says, the time included.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from records import chain
from records.errors import ChainBroken
from records.ids import utc_now
from records.models import Base

HEAD_ROW = 1
_LINK = ("seq", "entry", "previous_hash", "hash")


class Ledger:
    """The chain in `entries` that ends at `head`.

    Args:
        columns: of each column beside an entry, the key under which the entry says the same.
    """

    def __init__(self, entries: type[Base], head: type[Base], columns: Mapping[str, str]) -> None:
        # Tables, not classes, and statements made once: every act of everybody goes through here, so this counts.
        table, end = cast(Table, entries.__table__), cast(Table, head.__table__)
        self._columns = dict(columns)
        self._seq = table.c.seq
        self._links = select(*(table.c[name] for name in _LINK)).order_by(self._seq)
        self._rows = select(*(table.c[name] for name in (*_LINK, "at", *columns))).order_by(self._seq)
        self._head = select(end.c.seq, end.c.hash).where(end.c.id == HEAD_ROW)
        self._begin, self._append = insert(end), insert(table)
        self._move_on = (
            update(end).where(end.c.id == HEAD_ROW).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
        )

    def append(self, session: Session, said: Mapping[str, Any]) -> int:
        """Append one entry, with its number and the time, in the caller's transaction; gives its number.

        The lock on the head puts entries in their order, so callers append shortly before they commit.
        """
        return self.append_all(session, [said])

    def append_all(self, session: Session, said: Iterable[Mapping[str, Any]]) -> int:
        """Append entries in the order given, locking and moving the head once; gives the number of the last."""
        session.flush()
        head = session.execute(self._head.with_for_update()).one_or_none()
        if head is None:
            session.execute(self._begin, {"id": HEAD_ROW, "seq": 0, "hash": chain.GENESIS})
        seq, last_hash = head or (0, chain.GENESIS)
        rows: list[dict[str, Any]] = []
        for each in said:
            seq += 1
            rows.append(self._linked(each, seq, last_hash))
            last_hash = rows[-1]["hash"]
        if rows:
            session.execute(self._append, rows)
            session.execute(self._move_on, {"new_seq": seq, "new_hash": last_hash})
        return int(seq)

    def _linked(self, said: Mapping[str, Any], seq: int, previous_hash: str) -> dict[str, Any]:
        """The row of an entry that follows the one with this hash."""
        at = utc_now()
        entry = chain.canonical({**said, "seq": seq, "at": at.isoformat()})
        beside = {column: said[key] for column, key in self._columns.items()}
        digest = chain.link_hash(previous_hash, entry)
        return {**beside, "seq": seq, "at": at, "entry": entry, "previous_hash": previous_hash, "hash": digest}

    def end(self, session: Session) -> tuple[int, str]:
        """Number and hash of the last entry, as the head has them; 0 before the first."""
        head = session.execute(self._head).one_or_none()
        return (0, chain.GENESIS) if head is None else (head.seq, head.hash)

    def links(self, session: Session, *, after_seq: int = 0) -> Generator[chain.Link, None, None]:
        """The chain in order, streamed."""
        statement = self._links.where(self._seq > after_seq).execution_options(yield_per=5_000)
        with session.execute(statement) as rows:
            for row in rows:
                yield chain.Link(*row)

    def verify(self, session: Session) -> tuple[int, str]:
        """Check the whole chain, the columns beside it and its head; gives the head's number and hash."""
        reached = self._walk(session, self._rows, (0, chain.GENESIS))
        end = self.end(session)
        if end[0] > reached[0]:  # on PostgreSQL the head is seen later than the entries: it may have moved on since
            reached = self._walk(session, self._rows.where(self._seq.between(reached[0] + 1, end[0])), reached)
        if end != reached:
            raise ChainBroken("The end of the chain is not where its head says.", seq=reached[0], head=end[0])
        return reached

    def _walk(self, session: Session, rows: Select[Any], after: tuple[int, str]) -> tuple[int, str]:
        """Check these rows, which follow `after`; gives number and hash of the last."""
        # Closed here where the chain breaks: a cursor on the server must not outlive its transaction.
        with closing(self._checked(session, rows)) as links:
            return chain.verify(links, after=after[1], first_seq=after[0] + 1)

    def _checked(self, session: Session, statement: Select[Any]) -> Generator[chain.Link, None, None]:
        with session.execute(statement.execution_options(yield_per=5_000)) as rows:
            for seq, entry, previous_hash, digest, at, *beside in rows:
                said = _said(entry)
                columns = {"at": at.isoformat(), "seq": seq} | dict(zip(self._columns.values(), beside, strict=True))
                if any(said.get(key) != value for key, value in columns.items()):
                    raise ChainBroken("The columns beside an entry differ from it, or it was changed.", seq=seq)
                yield chain.Link(seq, entry, previous_hash, digest)


def _said(entry: str) -> dict[str, Any]:
    try:
        said = json.loads(entry)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {}  # changed into what is no entry: the columns differ from nothing
