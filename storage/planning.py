"""What SQLite's planner is told of the tables, so that it takes the index that leaves least to read.

Knowing nothing it takes all indexes for equally good, and read all of a region to find one customer's.
Counting for itself (ANALYZE) would keep values of columns in `sqlite_stat4`, where no destruction looks for them. So it
is told what an archive that has grown looks like: figures only, the same in every archive.
"""

from __future__ import annotations

from sqlalchemy import Connection

# Rows of the table, then how many of them share a value of the first column, of the first two …
SHAPES = {
    "ix_documents_customer_id": ("documents", "1000000 5"),
    "ix_documents_sha256": ("documents", "1000000 1"),
    "ix_documents_state_due_on": ("documents", "1000000 100000 300 1"),
    "ix_documents_unscheduled": ("documents", "1000 500 200 2 1"),
    "ix_documents_region_code_id": ("documents", "1000000 60000 1"),
    "ix_documents_state_id": ("documents", "1000000 100000 1"),
    "ix_documents_duplicate_of": ("documents", "1000000 100000"),
    "ix_parts_kind_document_id": ("parts", "1000000 150000 1"),
    "ix_customers_region_code_code": ("customers", "200000 2000 1"),
}


def tell_planner(connection: Connection) -> None:
    """For SQLite; harmless when repeated. Connections that are open already learn of it with their next schema."""
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # makes the tables of statistics, and reads no other
    known = set(connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'index'").scalars())
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = [(table, index, shape) for index, (table, shape) in SHAPES.items() if index in known]
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
    connection.exec_driver_sql("ANALYZE sqlite_schema")
