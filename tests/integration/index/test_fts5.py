from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from index import Fts5Index, SearchHit, SearchQuery
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

    def files(self, engine: Engine, tmp_path: Path) -> Iterable[Path]:
        return tmp_path.glob("guidang.db*")

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(pages=PAGES, text=st.text("甲乙a1， ", max_size=6))
    def test_a_code_that_leaves_few_pages_finds_what_the_full_text_finds(self, index, engine, pages, text):
        entry = document("one", *pages, names="丙甲乙 a1", customer_code="PD-1")
        with engine.begin() as connection:
            index.add(connection, entry)

        assert hits(index, engine, text, customer_code="PD-1") == hits(index, engine, text)

    @pytest.mark.parametrize("fingerprint", ["f0", "f1", "f"])
    def test_a_code_and_a_fingerprint_must_both_hold(self, index, engine, put, fingerprint):
        put(document("one", "浦东新区", customer_code="PD-1", fingerprints=("f0",)))

        assert hits(index, engine, "浦东", customer_code="PD-1", fingerprint=fingerprint) == hits(
            index, engine, "浦东", fingerprint=fingerprint
        )


def hits(index: Fts5Index, engine: Engine, text: str, **conditions: object) -> list[SearchHit] | str:
    """What is found, or that the text cannot be sought."""
    try:
        with engine.connect() as connection:
            return list(index.search(connection, SearchQuery(text=text, **conditions)).hits)  # type: ignore[arg-type]
    except InvalidInput:
        return "refused"
