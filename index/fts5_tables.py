"""The tables of the FTS5 index: one row a document, one a page, and the full text in partitions by region.

A term's list in FTS5 is walked from its end, whatever region its rows are of. So that somebody who may see one region
does not walk what all others filed, the full text is divided: a region lies in one of `PARTITIONS` tables with a few
others, and its token (`facets`) tells them apart there. Documents without a region have a partition like any region.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection

from index.page_tokens import PageTokens, packed, unpacked

PAGE_BITS = 10
LAST_PAGE = (1 << PAGE_BITS) - 1
PARTITIONS = 16
"""Somebody who may see all regions asks every one; with fewer, one region lies among more others."""
TEXT_TABLES = tuple(f"search_text_{number:02d}" for number in range(PARTITIONS))

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS search_document (
        place INTEGER PRIMARY KEY, document_id TEXT NOT NULL UNIQUE, customer_id TEXT, kind TEXT NOT NULL,
        region_code TEXT, customer_code TEXT, archival_code TEXT, state TEXT NOT NULL, document_on TEXT,
        page_count INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS search_by_customer_id ON search_document (customer_id, place)",
    "CREATE INDEX IF NOT EXISTS search_by_region_code ON search_document (region_code, place)",
    "CREATE INDEX IF NOT EXISTS search_by_customer_code ON search_document (customer_code, place)",
    "CREATE INDEX IF NOT EXISTS search_by_archival_code ON search_document (archival_code, place)",
    "CREATE TABLE IF NOT EXISTS search_page (row INTEGER PRIMARY KEY, tokens BLOB NOT NULL)",
)
_UNDIVIDED = "search_text"
"""The one table of full text that earlier versions had."""
_MOVED = 5_000


class PageRow(NamedTuple):
    """A page as it is kept: the row's key is the document's place with the page number counted down behind it."""

    row: int
    tokens: PageTokens


def row_of(place: int, page_no: int) -> int:
    return place << PAGE_BITS | LAST_PAGE - page_no


def text_table(region_code: str | None) -> str:
    return TEXT_TABLES[zlib.crc32((region_code or "").encode(errors="surrogatepass")) % PARTITIONS]


def text_tables(regions: Iterable[str] | None) -> Sequence[str]:
    """The tables that hold these regions; all for None."""
    return TEXT_TABLES if regions is None else sorted(set(map(text_table, regions)))


def create(connection: Connection) -> None:
    for sql in _SCHEMA:
        connection.exec_driver_sql(sql)
    for table in TEXT_TABLES:
        if not _is_there(connection, table):
            _create_text(connection, table)
    if _is_there(connection, _UNDIVIDED):
        _divide(connection)


def drop(connection: Connection) -> None:
    for table in (*TEXT_TABLES, _UNDIVIDED, "search_page", "search_document"):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")


def add_pages(connection: Connection, region_code: str | None, pages: Sequence[PageRow]) -> None:
    """Ascending keys, for FTS5 writes a segment each time a key is lower than the one before."""
    _add_text(connection, text_table(region_code), pages)
    kept = [(page.row, packed(page.tokens)) for page in pages]
    connection.exec_driver_sql("INSERT INTO search_page VALUES (?, ?)", kept)


def remove_pages(connection: Connection, region_code: str | None, place: int) -> None:
    """FTS5 is told the very tokens that went in."""
    table, bounds = text_table(region_code), (place << PAGE_BITS, (place + 1) << PAGE_BITS)
    pages = connection.exec_driver_sql(
        "SELECT row, tokens FROM search_page WHERE row >= ? AND row < ? ORDER BY row", bounds
    ).all()
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({table}, rowid, facets, names, body) VALUES ('delete', ?, ?, ?, ?)",
        [(page.row, *unpacked(page.tokens)) for page in pages],
    )
    connection.exec_driver_sql("DELETE FROM search_page WHERE row >= ? AND row < ?", bounds)


def _is_there(connection: Connection, table: str) -> bool:
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.exec_driver_sql(sql, (table,)).first() is not None


def _create_text(connection: Connection, table: str) -> None:
    connection.exec_driver_sql(
        f"""CREATE VIRTUAL TABLE {table}
        USING fts5(facets, names, body, content='', columnsize=0, tokenize='ascii')"""
    )
    connection.exec_driver_sql(f"INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 1)")


def _add_text(connection: Connection, table: str, pages: Sequence[PageRow]) -> None:
    sql = f"INSERT INTO {table} (rowid, facets, names, body) VALUES (?, ?, ?, ?)"
    connection.exec_driver_sql(sql, [(page.row, *page.tokens) for page in pages])


def _divide(connection: Connection) -> None:
    """Bring an index of earlier versions into its partitions, from the tokens that are kept."""
    sql = f"""SELECT p.row, p.tokens, d.region_code FROM search_page AS p
        JOIN search_document AS d ON d.place = p.row >> {PAGE_BITS} WHERE p.row > ? ORDER BY p.row LIMIT {_MOVED}"""
    after = -1
    while rows := connection.exec_driver_sql(sql, (after,)).all():
        after = rows[-1].row
        divided = sorted(rows, key=lambda row: text_table(row.region_code))
        for table, some in groupby(divided, key=lambda row: text_table(row.region_code)):
            _add_text(connection, table, [PageRow(row.row, unpacked(row.tokens)) for row in some])
    connection.exec_driver_sql(f"DROP TABLE {_UNDIVIDED}")
