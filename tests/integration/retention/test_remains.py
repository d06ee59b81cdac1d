"""After a destruction its phrases, numbers and pairs of characters are in no byte of any file, on both sets."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.settings import Settings
from tests.archives import Bench, credit_code, licence_lines
from tests.integration.retention.remains import find_remains, planted_phrase, traces_of, traces_of_number
from tests.integration.retention.test_destruction import approved_list, execute

# Numbers no other test files under: on one server their databases are searched too.
DOOMED, KEPT = range(730_001, 730_007), range(730_007, 730_010)

# PostgreSQL's own log keeps what was written until it recycles it: a limit stated in docs/storage-format.md.
NOT_CLAIMED = frozenset({"pg_wal"})


@pytest.fixture
def places(bench_settings: Settings, request: pytest.FixtureRequest) -> list[Path]:
    """Every directory in which the archive's parts keep anything."""
    if bench_settings.database_url.startswith("sqlite"):
        return [bench_settings.data]
    servers = [request.getfixturevalue("postgres_server").data_dir, request.getfixturevalue("s3_server").data_dir]
    return [bench_settings.data, *servers]


def test_no_byte_of_a_destroyed_document_is_found_anywhere(bench: Bench, places: list[Path], tmp_path: Path) -> None:
    ids = bench.file(*(planted_licence(number) for number in (*DOOMED, *KEPT)))
    wanted = {trace for number in DOOMED for trace in traces(number)}
    unwanted = {trace for number in KEPT for trace in traces_of(planted_phrase(number))}
    checkpoint(bench)
    assert find_remains(places, wanted, skip=NOT_CLAIMED), "nothing was planted: the search proves nothing"
    backup = back_up_without_keys(places[0], tmp_path / "backup")

    outcomes = execute(bench, approved_list(bench, *ids[: len(DOOMED)]))
    checkpoint(bench)

    assert set(outcomes.values()) == {"destroyed"}
    assert find_remains(places, wanted, skip=NOT_CLAIMED) == []
    assert find_remains([backup / "objects"], wanted, skip=NOT_CLAIMED) == []
    assert find_remains(places, unwanted, skip=NOT_CLAIMED), "what is kept must still be found in the index"


def planted_licence(number: int) -> list[str]:
    return licence_lines(number, scope=f"{planted_phrase(number)}销售。")


def traces(number: int) -> set[bytes]:
    return traces_of(planted_phrase(number)) | traces_of_number(credit_code(number))


def back_up_without_keys(data: Path, backup: Path) -> Path:
    """A copy of what backups hold: the sealed objects; the index is never part of one, nor is the key store."""
    (data / "objects").mkdir(exist_ok=True)
    shutil.copytree(data / "objects", backup / "objects")
    return backup


def checkpoint(bench: Bench) -> None:
    """Bring everything PostgreSQL holds in memory to its files, so that the search sees what a thief would see."""
    if bench.archive.engine.dialect.name == "postgresql":
        outside = bench.archive.engine.execution_options(isolation_level="AUTOCOMMIT")
        with outside.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")
