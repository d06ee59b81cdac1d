"""What a request takes of the machine, the database server's processes included."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import text

from storage.database import open_engine
from tests.benchmark.spent import Meter


def test_what_the_server_computes_counts_and_what_it_waits_for_does_not(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    meter = Meter(engine)
    spent = {}
    with engine.connect() as connection:
        for sql in ("SELECT count(*) FROM generate_series(1, 2000000)", "SELECT pg_sleep(0.5)"):
            _, passed_ms, on_it = meter.of(lambda sql=sql: connection.execute(text(sql)))
            spent[sql[7:12]] = on_it.computed_ms
    engine.dispose()
    assert spent["count"] > 2 * spent["pg_sl"]
    assert passed_ms >= 500


def test_without_a_server_this_process_counts(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    answer, _, on_it = Meter(engine).of(_compute_for_50_ms)
    engine.dispose()
    assert (answer, on_it.computed_ms >= 50) == ("done", True)


def _compute_for_50_ms() -> str:
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    return "done"
