from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from index.whoosh_engine import WhooshIndex
from records.errors import StoreUnavailable
from storage.database import open_engine
from tests.contracts.index_contract import IndexContract, document


class TestWhooshIndex(IndexContract):
    joins_transactions = False
    crowd = 8  # each is a commit of its own

    @pytest.fixture
    def index(self, tmp_path: Path) -> WhooshIndex:
        return WhooshIndex(tmp_path / "whoosh")

    @pytest.fixture
    def engine(self) -> Iterator[Engine]:
        engine = open_engine("sqlite:///:memory:")
        yield engine
        engine.dispose()

    def files(self, engine: Engine, tmp_path: Path) -> Iterable[Path]:
        return [path for path in (tmp_path / "whoosh").rglob("*") if path.is_file()]

    def test_a_second_writer_is_told_to_come_again(self, put, index, monkeypatch):
        monkeypatch.setattr("index.whoosh_engine._WRITER_PATIENCE_S", 0.0)

        with index._writing(), pytest.raises(StoreUnavailable):
            put(document("a", "合同"))
