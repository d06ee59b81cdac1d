from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text

from records.errors import StoreUnavailable
from records.sealing import Keyring
from storage.database import open_engine, read_engine
from storage.key_tables import data_keys
from storage.keyring import DatabaseKeyring, open_keyring
from storage.master_key import MasterKey, new_master_key
from tests.contracts.keyring_contract import SUBJECT, KeyringContract, OpenAgain
from tests.servers import PostgresServer


@pytest.fixture
def master_key() -> MasterKey:
    return new_master_key()


@pytest.fixture
def open_again(database_url: str, master_key: MasterKey) -> Iterator[OpenAgain]:
    opened: list[DatabaseKeyring] = []

    def open_one(other: MasterKey | None) -> DatabaseKeyring:
        opened.append(open_keyring(database_url, other or master_key))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def keyring(open_again: OpenAgain) -> DatabaseKeyring:
    return open_again(None)


class TestDatabaseKeyring(KeyringContract):
    pass


def test_it_is_what_the_domain_asks_for(keyring: DatabaseKeyring) -> None:
    asked: Keyring = keyring
    asked.create_key(SUBJECT)
    assert asked.has_key(SUBJECT)


def _wrapped(keyring: DatabaseKeyring) -> dict[str, bytes]:
    with keyring._engine.connect() as connection:
        return {row.subject: row.wrapped for row in connection.execute(select(data_keys))}


def _files_holding(directory: Path, wanted: list[bytes], spared: tuple[str, ...] = ()) -> list[str]:
    return [
        path.name
        for path in directory.rglob("*")
        if path.is_file() and not set(spared) & set(path.parts) and any(each in path.read_bytes() for each in wanted)
    ]


def test_a_destroyed_key_is_in_no_file_of_sqlite(sqlite_url: str, tmp_path: Path, master_key: MasterKey) -> None:
    keyring = open_keyring(sqlite_url, master_key)
    for number in range(600):
        keyring.create_key(f"document:{number * 7919 % 600:03}")
    wrapped = _wrapped(keyring)
    gone = [f"document:{number:03}" for number in range(0, 600, 5)]
    assert _files_holding(tmp_path, [wrapped[subject] for subject in gone])

    for subject in gone:
        keyring.destroy_key(subject)

    assert _files_holding(tmp_path, [wrapped[subject] for subject in gone]) == []
    assert _files_holding(tmp_path, [wrapped["document:001"]]) == ["guidang.db"]
    keyring.close()


def test_a_destroyed_key_is_in_no_table_file_of_postgres(
    postgres_server: PostgresServer, postgres_url: str, master_key: MasterKey
) -> None:
    """Nor in the planner's samples. The server's own log (pg_wal) is the limit the documentation states."""
    keyring = open_keyring(postgres_url, master_key)
    for number in range(60):
        keyring.create_key(f"document:{number:03}")
    wrapped = _wrapped(keyring)
    _analyse(postgres_url)
    gone = [wrapped[f"document:{number:03}"] for number in range(0, 60, 5)]
    _checkpoint(postgres_url)
    assert _files_holding(postgres_server.data_dir, gone, spared=("pg_wal",))

    older = open_engine(postgres_url)
    with older.connect() as bystander:  # VACUUM would keep the rows for this one
        bystander.execute(text("SELECT pg_current_xact_id()"))
        for number in range(0, 60, 5):
            keyring.destroy_key(f"document:{number:03}")
    older.dispose()
    _checkpoint(postgres_url)

    assert _files_holding(postgres_server.data_dir, gone, spared=("pg_wal",)) == []
    assert _files_holding(postgres_server.data_dir, [wrapped["document:001"]], spared=("pg_wal",))
    keyring.close()


def test_old_wrappings_are_in_no_file_after_a_new_master_key(
    sqlite_url: str, tmp_path: Path, master_key: MasterKey
) -> None:
    keyring = open_keyring(sqlite_url, master_key)
    for number in range(50):
        keyring.create_key(f"document:{number}")
    before = list(_wrapped(keyring).values())
    keyring.rewrap(new_master_key())
    assert _files_holding(tmp_path, before) == []
    keyring.close()


def test_a_reader_that_stays_makes_destroying_wait_and_repeating_finishes_it(
    sqlite_url: str, tmp_path: Path, master_key: MasterKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.key_erasure.PATIENCE_S", 0.3)
    keyring = open_keyring(sqlite_url, master_key)
    keyring.create_key(SUBJECT)
    wrapped = _wrapped(keyring)[SUBJECT]
    other = open_engine(sqlite_url)
    with read_engine(other).connect() as reader:
        reader.execute(text("SELECT * FROM data_keys")).all()
        with pytest.raises(StoreUnavailable):
            keyring.destroy_key(SUBJECT)
    assert not keyring.has_key(SUBJECT)

    keyring.destroy_key(SUBJECT)
    assert _files_holding(tmp_path, [wrapped]) == []
    other.dispose()
    keyring.close()


_OPENER = """
import sys
from storage.keyring import open_keyring
from storage.master_key import MasterKey
keyring = open_keyring(sys.argv[1], MasterKey(key=bytes.fromhex(sys.stdin.read())))
keyring.create_key("document:d1")
keyring.close()
"""


def test_several_processes_may_open_a_new_store_at_once(database_url: str, master_key: MasterKey) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", _OPENER, database_url], stdin=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        process.communicate(master_key.key.hex(), timeout=120)
    assert [process.returncode for process in processes] == [0, 0]


def test_an_ordinary_role_is_enough(postgres_server: PostgresServer, postgres_url: str, master_key: MasterKey) -> None:
    name = make_url(postgres_url).database
    postgres_server._execute(f"CREATE ROLE role_{name} LOGIN")
    postgres_server._execute(f'GRANT ALL ON DATABASE "{name}" TO role_{name}')
    keyring = open_keyring(postgres_url.replace("postgres@", f"role_{name}@"), master_key)
    keyring.create_key(SUBJECT)
    keyring.destroy_key(SUBJECT)
    assert not keyring.has_key(SUBJECT)
    keyring.close()


def _analyse(url: str) -> None:
    """What the server does by itself once a table has changed enough."""
    engine = open_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _checkpoint(url: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
    engine.dispose()


def test_whoever_asks_for_many_keys_does_not_meet_their_destruction_head_on(
    postgres_url: str, master_key: MasterKey
) -> None:
    """Both lock partition after partition: in two orders, each would wait for the other."""
    keyring, reader = open_keyring(postgres_url, master_key), open_keyring(postgres_url, master_key)
    subjects = [f"document:{number:03}" for number in range(400)]
    for subject in subjects:
        keyring.create_key(subject)
    is_over = threading.Event()

    def ask() -> int:
        count = 0
        while not is_over.is_set():
            reader.with_key(subjects)
            count += 1
        return count

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            for at in range(0, len(subjects), 40):
                keyring.destroy_keys(subjects[at : at + 40])
        finally:
            is_over.set()
        asked = sum(each.result() for each in asking)

    assert asked > 0
    assert keyring.with_key(subjects) == set()
    keyring.close()
    reader.close()
