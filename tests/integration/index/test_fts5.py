from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event

from index import Fts5Index, SearchHit, SearchQuery, fts5_tables
from index.page_tokens import unpacked
from records.errors import InvalidInput
from storage.database import open_engine
from tests.contracts.index_contract import IndexContract, document

PAGES = st.lists(st.text("甲乙丙aA1，\n ", max_size=12), min_size=1, max_size=3)


class TestFts5Index(IndexContract):
    @pytest.fixture
    def index(self) -> Fts5Index:
        return Fts5Index()

    @pytest.fixture
    def engine(self, sqlite_url: str) -> Iterator[Engine]:
        engine = open_engine(sqlite_url)
        yield engine
        engine.dispose()

    @pytest.fixture
    def statements(self, engine: Engine) -> list[str]:
        """What is asked of the database from here on."""
        asked: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda _c, _cursor, sql, *_rest: asked.append(sql))
        return asked

    def files(self, engine: Engine, tmp_path: Path) -> Iterable[Path]:
        return tmp_path.glob("guidang.db*")

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(pages=PAGES, text=st.text("甲乙a1， ", max_size=6))
    def test_a_code_that_leaves_few_pages_finds_what_the_full_text_finds(self, index, engine, pages, text):
        entry = document("one", *pages, names="丙甲乙 a1", customer_code="PD-1")
        with engine.begin() as connection:
            index.add(connection, entry)

        assert hits(index, engine, text, customer_code="PD-1") == hits(index, engine, text)

    def test_an_index_of_earlier_versions_is_divided(self, index, engine, put, found):
        put(*(document(f"d{number}", "浦东新区", "张江", region_code=f"R{number}") for number in range(20)))
        with engine.begin() as connection:
            _undivide(connection)
            index.create(connection)

        assert found("浦东") == found("张江") == [f"d{number}" for number in range(19, -1, -1)]
        assert found("浦东", allowed_regions=frozenset({"R7"})) == ["d7"]
        with engine.begin() as connection:
            index.remove(connection, ["d7"])
        assert found("浦东", allowed_regions=frozenset({"R7"})) == []

    def test_what_somebody_of_one_region_seeks_is_sought_in_one_partition(self, index, engine, put, statements):
        put(*(document(f"d{number}", "浦东新区", region_code=f"R{number}") for number in range(20)))
        statements.clear()

        hits(index, engine, "浦东", allowed_regions=frozenset({"R7"}))

        assert [each.count("search_text_") for each in statements if "MATCH" in each] == [2]

    @pytest.mark.parametrize("fingerprint", ["f0", "f1", "f"])
    def test_a_code_and_a_fingerprint_must_both_hold(self, index, engine, put, fingerprint):
        put(document("one", "浦东新区", customer_code="PD-1", fingerprints=("f0",)))

        assert hits(index, engine, "浦东", customer_code="PD-1", fingerprint=fingerprint) == hits(
            index, engine, "浦东", fingerprint=fingerprint
        )


def _undivide(connection: Connection) -> None:
    """Make the tables as they were when the full text was one."""
    for table in fts5_tables.TEXT_TABLES:
        connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(
        "CREATE VIRTUAL TABLE search_text USING fts5(facets, names, body, content='', columnsize=0, tokenize='ascii')"
    )
    rows = connection.exec_driver_sql("SELECT row, tokens FROM search_page ORDER BY row").all()
    connection.exec_driver_sql(
        "INSERT INTO search_text (rowid, facets, names, body) VALUES (?, ?, ?, ?)",
        [(row, *unpacked(tokens)) for row, tokens in rows],
    )


def hits(index: Fts5Index, engine: Engine, text: str, **conditions: object) -> list[SearchHit] | str:
    """What is found, or that the text cannot be sought."""
    try:
        with engine.connect() as connection:
            return list(index.search(connection, SearchQuery(text=text, **conditions)).hits)  # type: ignore[arg-type]
    except InvalidInput:
        return "refused"
