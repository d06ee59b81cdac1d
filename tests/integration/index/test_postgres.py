from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from index import PostgresIndex, SearchQuery
from storage.database import open_engine
from tests.contracts.index_contract import RARE, IndexContract, document
from tests.servers import PostgresServer


@pytest.fixture(scope="module")
def template(postgres_server: PostgresServer) -> Iterator[str]:
    """A database with the tables made: copying it is quicker than making them for each test."""
    name = postgres_server.create_database()
    engine = open_engine(postgres_server.url(name))
    with engine.begin() as connection:
        PostgresIndex().create(connection)
    engine.dispose()
    yield name
    postgres_server.drop_database(name)


class TestPostgresIndex(IndexContract):
    @pytest.fixture
    def index(self) -> PostgresIndex:
        return PostgresIndex()

    @pytest.fixture
    def engine(self, postgres_server: PostgresServer, template: str) -> Iterator[Engine]:
        self.data_dir = postgres_server.data_dir
        name = postgres_server.create_database(template)
        engine = open_engine(postgres_server.url(name))
        yield engine
        engine.dispose()
        postgres_server.drop_database(name)

    def files(self, engine: Engine, tmp_path: Path) -> Iterable[Path]:
        """Every file of the database (tables, indexes, TOAST, catalogues); the write-ahead log is a stated limit."""
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
            number = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar()
        return [path for path in (self.data_dir / "base" / str(number)).iterdir() if path.is_file()]

    def test_scrub_erases_what_was_analysed_and_what_an_old_snapshot_still_sees(self, put, index, engine, tmp_path):
        secret = [document(f"secret{number}", RARE, customer_code="WVUT-5151") for number in range(300)]
        put(*secret)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        old = engine.connect().execution_options(isolation_level="REPEATABLE READ")
        old.execute(text("SELECT count(*) FROM pg_class"))
        with engine.begin() as connection:
            index.remove(connection, [entry.document_id for entry in secret])

        index.scrub(engine)

        assert self._traces([RARE[0].encode(), b"WVUT-5151"], engine, tmp_path) == []
        old.close()

    def test_scrub_rewrites_nothing_when_nothing_was_removed(self, put, index, engine):
        put(document("a", "合同"))
        before = self._partition_files(engine)
        index.scrub(engine)

        assert self._partition_files(engine) == before

    def test_scrub_rewrites_only_the_partition_that_held_the_document(self, put, index, engine):
        put(document("a", "合同"), document("b", "合同"), document("c", "合同"))
        before = self._partition_files(engine)
        with engine.begin() as connection:
            index.remove(connection, ["a"])
        index.scrub(engine)
        after = self._partition_files(engine)

        assert len(before - after) == len(after - before) == 1

    @pytest.mark.parametrize("sought", ["合同", "合"])
    @pytest.mark.parametrize("seen", [frozenset({"A"}), frozenset({"A", "B"}), None])
    def test_of_a_common_text_the_newest_that_may_be_seen_are_counted(
        self, put, index, engine, monkeypatch, seen, sought
    ):
        for name, few in {"_COMMON": 5, "_DENSE": 5, "_LATEST": 8}.items():
            monkeypatch.setattr(f"index.postgres.{name}", few)
        mine = _put_in_three_regions(put, seen)

        with engine.connect() as connection:
            page = index.search(connection, SearchQuery(text=sought, allowed_regions=seen, limit=5))
            rest = index.search(
                connection, SearchQuery(text=sought, allowed_regions=seen, limit=5, cursor=page.next_cursor)
            )

        assert [hit.document_id for hit in (*page.hits, *rest.hits)] == mine[:10]
        assert (page.total_estimate, page.counted_all) == (8, False)

    @pytest.mark.parametrize("sought", ["合同", "合"])
    @pytest.mark.parametrize("seen", [frozenset({"A"}), None])
    def test_of_a_common_text_all_are_counted_where_the_newest_are_all(
        self, put, index, engine, monkeypatch, seen, sought
    ):
        monkeypatch.setattr("index.postgres._COMMON", 5)
        mine = _put_in_three_regions(put, seen)

        with engine.connect() as connection:
            page = index.search(connection, SearchQuery(text=sought, allowed_regions=seen, limit=5))

        assert (page.total_estimate, page.counted_all) == (len(mine), True)

    def test_of_a_character_on_few_of_the_newest_pages_all_are_counted(self, put, index, engine, monkeypatch):
        monkeypatch.setattr("index.postgres._LATEST", 8)
        mine = _put_in_three_regions(put, frozenset("A"))

        with engine.connect() as connection:
            page = index.search(connection, SearchQuery(text="同", allowed_regions=frozenset("A"), limit=5))

        assert [hit.document_id for hit in page.hits] == mine[:5]
        assert (page.total_estimate, page.counted_all) == (len(mine), True)

    def test_an_index_that_an_earlier_version_lacked_may_take_longer_to_make_than_a_search(self, put, index, engine):
        put(document("a", "合同"))
        with engine.begin() as connection:
            connection.execute(text("DROP INDEX search_page_00_newest, search_page_03_tokens"))

        asked: list[str] = []
        with engine.begin() as connection:
            event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
            index.create(connection)
            limit = connection.execute(text("SHOW statement_timeout")).scalar_one()

        with engine.connect() as connection:
            there = "SELECT to_regclass('search_page_00_newest'), to_regclass('search_page_03_tokens')"
            assert None not in connection.execute(text(there)).one()
        assert (asked[0], limit) == ("SET LOCAL statement_timeout = '30min'", "30min")

    def _partition_files(self, engine: Engine) -> set[tuple[str, int]]:
        sql = "SELECT relname, pg_relation_filenode(oid) FROM pg_class WHERE relname ~ '^search_page_[0-9]+$'"
        with engine.connect() as connection:
            return {(name, node) for name, node in connection.execute(text(sql))}


def _put_in_three_regions(put: Callable[..., None], seen: frozenset[str] | None) -> list[str]:
    """Thirty documents; gives those in the regions seen, the latest first."""
    ids = [f"d{number:02d}" for number in range(30)]
    put(*(document(each, "合同", region_code="ABC"[number % 3]) for number, each in enumerate(ids)))
    return [each for number, each in enumerate(ids) if seen is None or "ABC"[number % 3] in seen][::-1]
