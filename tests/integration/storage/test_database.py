from __future__ import annotations

import contextlib
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from records.errors import SettingInvalid, StoreUnavailable
from storage.database import MOST_MORE, is_sqlite, open_engine, ping, read_engine, session_factory, truncate_wal


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counters VALUES ('a', 0)"))
    yield engine
    engine.dispose()


def test_what_is_committed_is_read_by_another_session(engine: Engine) -> None:
    new_session = session_factory(engine)
    with new_session() as session, session.begin():
        session.execute(text("UPDATE counters SET value = 7"))
    with session_factory(read_engine(engine))() as session:
        assert session.execute(text("SELECT value FROM counters")).scalar_one() == 7


def test_what_raises_is_rolled_back(engine: Engine) -> None:
    def fail_midway() -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE counters SET value = 7"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_midway()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT value FROM counters")).scalar_one() == 0


def test_threads_that_read_then_write_lose_no_update(engine: Engine) -> None:
    """On SQLite plain BEGIN would refuse most of these; on PostgreSQL the row lock orders them."""
    lock = "" if is_sqlite(engine) else " FOR UPDATE"
    errors: list[Exception] = []

    def count_up() -> None:
        try:
            for _ in range(25):
                with engine.begin() as connection:
                    value = connection.execute(text(f"SELECT value FROM counters{lock}")).scalar_one()
                    connection.execute(text("UPDATE counters SET value = :v"), {"v": value + 1})
        except (StoreUnavailable, DBAPIError) as exc:
            errors.append(exc)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    with engine.connect() as connection:
        assert connection.execute(text("SELECT value FROM counters")).scalar_one() == 100


def test_a_reading_engine_cannot_write_and_leaves_the_writing_one_able_to(engine: Engine) -> None:
    with pytest.raises(DBAPIError), read_engine(engine).begin() as connection:
        connection.execute(text("UPDATE counters SET value = 1"))
    with engine.begin() as connection:
        assert connection.execute(text("UPDATE counters SET value = 1")).rowcount == 1


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.begin() as writer:
        writer.execute(text("UPDATE counters SET value = 1"))
        started = time.monotonic()
        with read_engine(engine).connect() as reader:
            assert reader.execute(text("SELECT value FROM counters")).scalar_one() == 0
        assert time.monotonic() - started < 5


def test_a_broken_rule_stays_what_it_is(engine: Engine) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO counters VALUES ('a', 1)"))


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("INSERT INTO people SELECT name, 1 FROM people", IntegrityError),
        ("UPDATE people SET age = CAST(name AS INTEGER)", DataError),
    ],
)
def test_messages_quote_no_values(postgres_url: str, statement: str, kind: type[DBAPIError]) -> None:
    engine = open_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE people (name TEXT PRIMARY KEY, age INTEGER)"))
        connection.execute(text("INSERT INTO people VALUES (:name, 1)"), {"name": "Zhang San"})

    with pytest.raises(kind) as caught, engine.begin() as connection:
        connection.execute(text(statement))
    assert "Zhang" not in "".join(traceback.format_exception(caught.value))
    engine.dispose()


def test_a_mistake_in_a_statement_is_not_called_unavailable(engine: Engine) -> None:
    with pytest.raises(DBAPIError), engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))


def test_sqlite_is_durable_erases_and_is_private(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    assert (tmp_path / "guidang.db").stat().st_mode & 0o777 == 0o600


def test_erased_bytes_are_in_no_sqlite_file_after_truncating(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    secret = "erase-me-completely" * 500
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (v TEXT)"))
        connection.execute(text("INSERT INTO t VALUES (:v)"), {"v": secret})
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM t"))
    truncate_wal(engine)
    assert all(b"erase-me" not in path.read_bytes() for path in tmp_path.iterdir())
    engine.dispose()


def test_truncating_gives_up_while_a_reader_stays(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (v TEXT)"))
    with read_engine(engine).connect() as reader:
        reader.execute(text("SELECT * FROM t")).all()
        with engine.begin() as writer:
            writer.execute(text("INSERT INTO t VALUES ('x')"))
        with pytest.raises(StoreUnavailable):
            truncate_wal(engine, patience_s=0.3)
    truncate_wal(engine)
    engine.dispose()


def test_a_lock_held_too_long_is_unavailable(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_S", 0.1)
    first, second = open_engine(sqlite_url), open_engine(sqlite_url)
    with first.begin() as writer:
        writer.execute(text("CREATE TABLE t (v TEXT)"))
        with pytest.raises(StoreUnavailable) as caught, second.begin():
            pass
    assert caught.value.retryable
    assert caught.value.facts == {"cause": "SQLITE_BUSY"}
    first.dispose()
    second.dispose()


def test_more_users_than_connections_is_unavailable(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_S", 0.1)
    engine = open_engine(database_url, pool_size=1)
    with contextlib.ExitStack() as users:
        for _ in range(1 + MOST_MORE):
            users.enter_context(engine.connect())
        with pytest.raises(StoreUnavailable, match="in use"):
            engine.connect()
    engine.dispose()


def test_a_connection_ended_by_the_server_is_unavailable_once_then_mended(postgres_url: str) -> None:
    engine, other = open_engine(postgres_url), open_engine(postgres_url)
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with other.connect() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(StoreUnavailable):
            connection.execute(text("SELECT 1"))
    ping(engine)
    engine.dispose()
    other.dispose()


def test_postgres_waits_for_nothing_for_ever_and_compiles_no_statements(postgres_url: str) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "jit")
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        settings = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]
    engine.dispose()
    assert settings == ["2min", "30s", "5min", "off"]


def test_no_server_is_unavailable(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql+psycopg://postgres@/x?host={tmp_path}")
    with pytest.raises(StoreUnavailable):
        ping(engine)


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "no url hunter2", "postgresql://u:hunter2@h/d", ""])
def test_other_urls_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        open_engine(url)
    assert "hunter2" not in str(caught.value)
