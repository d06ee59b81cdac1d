from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from index import Fts5Index
from storage.database import open_engine
from tests.contracts.index_contract import IndexContract


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
