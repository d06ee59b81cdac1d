"""Takes the bytes of deleted keys out of the database's files; deleting a row alone leaves them there.

SQLite overwrites what is deleted (`secure_delete`), but the write-ahead log still holds the page as it was, so the log
is emptied. PostgreSQL keeps deleted rows, and VACUUM keeps them too while any transaction of the database that began
before is still open, so the partition's live rows are copied into a new file and the old file is dropped; the lock
this takes waits for users of that partition only.

What the file system below a dropped file, an archived log or a disk snapshot may still hold is the wrapped key,
useless without the master key: a limit that docs/storage-format.md states.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, delete, select, text, update
from sqlalchemy.sql import quoted_name

from storage.database import is_sqlite, truncate_wal
from storage.key_tables import PARTITIONS, WRAPPED_BYTES, data_keys

PATIENCE_S = 10.0


def delete_rows(connection: Connection, subjects: Sequence[str]) -> None:
    """Delete keys inside a transaction; on PostgreSQL their bytes are gone when that commits."""
    theirs = data_keys.c.subject.in_(subjects)
    if connection.dialect.name == "sqlite":
        connection.execute(update(data_keys).where(theirs).values(wrapped=bytes(WRAPPED_BYTES)))
        connection.execute(delete(data_keys).where(theirs))
        return
    where = select(text("CAST(CAST(tableoid AS regclass) AS text)")).select_from(data_keys).where(theirs).distinct()
    tables = sorted(connection.execute(where).scalars(), key=_number)
    connection.execute(delete(data_keys).where(theirs))
    # Each is locked until the end. A look-up of many keys locks partitions too, by their numbers: in another order, as
    # that of their names, it and this would each wait for what the other has.
    for table in tables:
        _rewrite(connection, table)


def rewrite_all(connection: Connection) -> None:
    """Drop all old copies of all rows inside a transaction (PostgreSQL; on SQLite `empty_log` is enough)."""
    if connection.dialect.name == "postgresql":
        for table in (*(f"keys.data_keys_{number}" for number in range(PARTITIONS)), "keys.own_keys"):
            _rewrite(connection, table)


def empty_log(engine: Engine) -> None:
    """The part that comes after the commit; to be repeated when it failed.

    Raises:
        StoreUnavailable: others used the database for too long.
    """
    if is_sqlite(engine):
        truncate_wal(engine, patience_s=PATIENCE_S)


def _number(partition: str) -> int:
    return int(partition.rpartition("_")[2])


def _rewrite(connection: Connection, table: str) -> None:
    """Not for readers in REPEATABLE READ, to whom the new file looks empty; the archive has none."""
    name = quoted_name(table, quote=False)
    for statement in (
        f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE",
        f"CREATE TEMPORARY TABLE kept_keys ON COMMIT DROP AS SELECT * FROM {name}",
        f"TRUNCATE {name}",
        f"INSERT INTO {name} SELECT * FROM kept_keys",
        "DROP TABLE kept_keys",
    ):
        connection.execute(text(statement))
