"""How each database takes the full text of a filled archive: made ahead in other processes, written in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Engine, text

from index import IndexedDocument, postgres_tables
from index.fts5 import _facets_of, _insert_document
from index.fts5_tables import PageRow, _add_text, row_of, text_table
from index.page_tokens import PageTokens, packed
from index.postgres import PostgresIndex
from index.postgres_tables import PARTITIONS, partition, rows_of
from index.tokens import tokens_of
from storage.database import is_sqlite

Placed = tuple[int, IndexedDocument]
"""A document with its place in the index."""


class BulkIndex(Protocol):
    """Goes with the invention to the processes that make chunks, so it holds nothing but what is picklable."""

    def begin(self, connection: Connection) -> None:
        """Nothing written here need outlive a crash: without waiting for the disk."""

    def made(self, placed: Placed) -> Any:
        """The rows of a document."""

    def write(self, connection: Connection, made: Iterable[Any]) -> None: ...

    def end(self, connection: Connection) -> None: ...


class MadeForFts5(NamedTuple):
    placed: Placed
    table: str
    pages: list[PageRow]


class BulkFts5:
    def begin(self, connection: Connection) -> None:
        """With room for the pages of the B-trees."""
        raw = connection.connection.driver_connection
        assert raw is not None
        for pragma in ("synchronous=OFF", "cache_size=-400000"):
            raw.execute(f"PRAGMA {pragma}").close()

    def made(self, placed: Placed) -> MadeForFts5:
        place, entry = placed
        facets, names = _facets_of(entry), " ".join(tokens_of(entry.names))
        pages = [
            PageRow(row_of(place, page_no), PageTokens(facets=facets, names=names, body=" ".join(tokens_of(page))))
            for page_no, page in reversed([*enumerate(entry.pages, 1)])  # ascending keys, as the index adds them
        ]
        return MadeForFts5(placed, text_table(entry.region_code), pages)

    def write(self, connection: Connection, made: Iterable[MadeForFts5]) -> None:
        text_of: dict[str, list[PageRow]] = defaultdict(list)
        kept = []
        for (place, entry), table, pages in made:
            _insert_document(connection, place, entry)
            text_of[table] += pages
            kept += [(page.row, packed(page.tokens)) for page in pages]
        for table, rows in text_of.items():
            _add_text(connection, table, rows)
        connection.exec_driver_sql("INSERT INTO search_page VALUES (?, ?)", kept)

    def end(self, connection: Connection) -> None:
        """The index is whole as it stands."""


class BulkPostgres:
    """The GIN indexes are taken off and made at the end: brought up page by page, a million pages take hours."""

    def begin(self, connection: Connection) -> None:
        for setting in ("synchronous_commit = off", "maintenance_work_mem = '2GB'", "statement_timeout = 0"):
            connection.execute(text(f"SET {setting}"))
        for number in range(PARTITIONS):
            connection.execute(text(f"DROP INDEX {partition(number)}_tokens"))
        connection.commit()

    def made(self, placed: Placed) -> list[dict[str, object]]:
        return rows_of(*placed)

    def write(self, connection: Connection, made: Iterable[list[dict[str, object]]]) -> None:
        postgres_tables.add_rows(connection, [row for rows in made for row in rows])

    def end(self, connection: Connection) -> None:
        """What `autovacuum` does in time is done at once."""
        with connection.begin():
            PostgresIndex().create(connection)
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def bulk_index(engine: Engine) -> BulkIndex:
    return BulkFts5() if is_sqlite(engine) else BulkPostgres()
