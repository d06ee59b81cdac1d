"""The key store on its own in a file: wrapped keys only, useless without the master key, and meant to be thrown away.

JSON lines: the first names the format and until when the file may be kept, then one line for each row, the last one the
SHA-256 of all lines before it. Whoever keeps such a file longer than it says keeps what was destroyed since readable.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select

from records.errors import BackupBroken, NotEmpty, SettingInvalid
from storage.database import is_sqlite, open_engine, read_engine
from storage.files import sync_directory, unfinished_of
from storage.key_tables import create_tables, data_keys, destroyed_keys, own_keys
from storage.master_key import MasterKey

FORMAT = "guidang keys 1"
_TABLES = {table.name: table for table in (own_keys, data_keys, destroyed_keys)}
_ROWS_A_STEP = 1000
_Row = dict[str, Any]


def dump_keys(url: str, path: Path, *, days: int) -> int:
    """Write all keys, wrapped as they are, replacing the file in one step; tells how many data keys.

    Args:
        days: for how long the file may be kept; it states the day.
    """
    now, digest, count = dt.datetime.now(dt.UTC), hashlib.sha256(), 0
    head = {
        "format": FORMAT,
        "created_at": now.isoformat(timespec="seconds"),
        "days": days,
        "delete_on": (now + dt.timedelta(days=days)).date().isoformat(),
    }
    unfinished = unfinished_of(path)
    unfinished.unlink(missing_ok=True)
    with (
        _opened(url) as engine,
        os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
    ):
        for line in itertools.chain([head], _rows(engine)):
            count += line.get("table") == data_keys.name
            written = _line(line)
            digest.update(written)
            file.write(written)
        file.write(_line({"sha256": digest.hexdigest()}))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_directory(path.parent)
    return count


def load_keys(url: str, path: Path, master: MasterKey) -> int:
    """Bring the keys of a file into a key store that has none; tells how many data keys.

    Raises:
        BackupBroken: a byte of the file changed, or it is no such file.
        NotEmpty: the store has keys, or remembers destroyed ones.
        SettingInvalid: the keys were wrapped with another master key.
    """
    head = check_keys(path)
    if head["master_key_id"] != master.id:
        raise SettingInvalid("The keys belong to another master key.", expected=head["master_key_id"], found=master.id)
    with _opened(url) as engine, engine.begin() as connection:
        if any(connection.execute(select(table).limit(1)).first() for table in (data_keys, destroyed_keys)):
            raise NotEmpty("The key store has keys already. Keys are restored only into an empty one.")
        connection.execute(delete(own_keys))
        counts = {name: _load(connection, _TABLES[name], rows) for name, rows in _grouped(path)}
    return counts.get(data_keys.name, 0)


def check_keys(path: Path) -> _Row:
    """What the file says of itself, with the id of its master key. Raises BackupBroken if a byte of it changed."""
    digest, last, head = hashlib.sha256(), b"", {}
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
            file.seek(0)
            for line in file:
                digest.update(last)
                last = line
        if head["format"] == FORMAT and last == _line({"sha256": digest.hexdigest()}):
            own = next(row for row in _read(path) if row["table"] == own_keys.name)
            return {**head, "master_key_id": own["master_key_id"]}
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as exc:
        raise BackupBroken("This is not a backup of keys, or it is damaged.", file=path.name) from exc
    raise BackupBroken("The backup of the keys was changed.", file=path.name)


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url, pool_size=2)
    try:
        if is_sqlite(engine):
            engine = engine.execution_options(schema_translate_map={"keys": None})
        create_tables(engine)
        yield engine
    finally:
        engine.dispose()


def _rows(engine: Engine) -> Iterator[_Row]:
    """Live keys first: one destroyed while the file is written is then told as destroyed too, and that wins."""
    with read_engine(engine).connect() as connection:
        for table in _TABLES.values():
            statement = select(table).order_by(*table.primary_key.columns)
            for row in connection.execute(statement.execution_options(yield_per=_ROWS_A_STEP)).mappings():
                yield {"table": table.name} | {name: _encode(value) for name, value in row.items()}


def _read(path: Path) -> Iterator[_Row]:
    with path.open("rb") as file:
        next(file)
        for line in file:
            row = json.loads(line)
            if "table" in row:
                yield row


def _grouped(path: Path) -> Iterator[tuple[str, Iterator[_Row]]]:
    return itertools.groupby(_read(path), key=lambda row: str(row["table"]))


def _load(connection: Connection, table: Table, rows: Iterator[_Row]) -> int:
    count = 0
    while some := [_decode(row) for row in itertools.islice(rows, _ROWS_A_STEP)]:
        if table is destroyed_keys:
            gone = [row["subject"] for row in some]
            connection.execute(delete(data_keys).where(data_keys.c.subject.in_(gone)))
        connection.execute(insert(table), some)
        count += len(some)
    return count


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):  # SQLite keeps times without their zone
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).isoformat()
    return value


def _decode(row: _Row) -> _Row:
    decoded = {name: value for name, value in row.items() if name != "table"}
    if "wrapped" in decoded:
        decoded["wrapped"] = base64.b64decode(decoded["wrapped"])
    for name in {"created_at", "destroyed_at"} & set(decoded):
        decoded[name] = dt.datetime.fromisoformat(decoded[name])
    return decoded


def _line(row: _Row) -> bytes:
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"
