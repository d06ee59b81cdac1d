"""The tables of the key store. It makes them itself: it is opened, backed up and thrown away apart from the archive.

On PostgreSQL the keys lie in partitions, because erasing a freed row means rewriting the table it was in.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import TEXT

from storage.database import is_sqlite

PARTITIONS = 64
WRAPPED_BYTES = 60
"""Nonce, key and tag."""

_metadata = MetaData(schema="keys")
# Sorted by code point on both databases, whatever the server's language.
_Name = Text().with_variant(TEXT(collation="C"), "postgresql")

data_keys = Table(
    "data_keys",
    _metadata,
    Column("subject", _Name, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master_key_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    postgresql_partition_by="HASH (subject)",
)
destroyed_keys = Table(
    "destroyed_keys",
    _metadata,
    Column("subject", _Name, primary_key=True),
    Column("destroyed_at", DateTime(timezone=True), nullable=False),
)
own_keys = Table(
    "own_keys",
    _metadata,
    Column("name", _Name, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master_key_id", Text, nullable=False),
)


def create_tables(engine: Engine) -> None:
    """Make what is missing; harmless when repeated and when several processes start at once."""
    with engine.begin() as connection:
        if is_sqlite(engine):
            _metadata.create_all(connection)
            return
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("guidang key tables", 0))))
        if not inspect(connection).has_table("own_keys", schema="keys"):
            _create_in_schema(connection)


def _create_in_schema(connection: Connection) -> None:
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS keys"))
    _metadata.create_all(connection)
    for number in range(PARTITIONS):
        connection.execute(
            text(
                f"CREATE TABLE keys.data_keys_{number} PARTITION OF keys.data_keys "
                f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )
        )
    for table in (data_keys, own_keys):  # on the partitions too, which the statement reaches
        # The planner's statistics would keep samples of what they are about, and no rewriting of a table reaches them.
        connection.execute(text(f"ALTER TABLE {table.fullname} ALTER COLUMN wrapped SET STATISTICS 0"))
