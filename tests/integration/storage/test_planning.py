"""SQLite takes the index that leaves least, without having counted anything itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from storage import schema
from storage.database import open_engine
from storage.planning import SHAPES

ONE = "region_code IN ('HD')"


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[Connection]:
    engine = open_engine(sqlite_url)
    schema.upgrade(engine)
    schema.upgrade(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (f"SELECT sha256 FROM documents WHERE {ONE} AND customer_id = 'k' ORDER BY id DESC", "documents_customer_id"),
        (
            f"SELECT sha256 FROM documents WHERE {ONE} AND customer_id = 'k' AND state = 'filed'",
            "documents_customer_id",
        ),
        (f"SELECT sha256 FROM documents WHERE {ONE} AND sha256 = 'f'", "documents_sha256"),
        (f"SELECT sha256 FROM documents WHERE {ONE} AND state = 'waiting' ORDER BY id", "documents_region_code_id"),
        ("SELECT sha256 FROM documents WHERE state = 'waiting' ORDER BY id", "documents_state_id"),
        (
            f"SELECT due_on FROM documents WHERE {ONE} AND due_on <= '2026-01-01' AND state IN ('filed', 'refused')",
            "documents_state_due_on",
        ),
        (f"SELECT name_sealed FROM customers WHERE {ONE} ORDER BY code LIMIT 50", "customers_region_code_code"),
    ],
)
def test_the_narrowest_index_is_taken(connection: Connection, sql: str, index: str) -> None:
    plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))

    assert f"ix_{index}" in plan, plan


def test_the_planner_is_told_of_every_index_of_a_large_table_and_keeps_no_value(connection: Connection) -> None:
    tables = sorted({table for table, _ in SHAPES.values()})
    named = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})"
    asked = named.format(", ".join(f"'{table}'" for table in tables))

    told = set(connection.exec_driver_sql("SELECT idx FROM sqlite_stat1").scalars())

    assert told == set(connection.exec_driver_sql(asked).scalars())
    assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_stat4").scalar_one() == 0
