"""Rows as text: one file of JSON lines for each table, the same from SQLite and PostgreSQL, loadable into either.

The first line names the table and the kind of each column; every further line is one row, a list in that order. Times
are ISO 8601 in UTC, bytes base64, JSON columns JSON. The kinds are all that loading needs, so a dump of an older schema
is loaded into tables of that schema and brought up to date by the migrations, whatever the models have become since.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

from intake.jobs import Job
from records.desk_models import Keying
from records.errors import BackupBroken
from records.models import Base, UtcDateTime
from retention.models import RegisterEntry

ROWS_A_STEP = 500

_KINDS: tuple[tuple[tuple[type[TypeEngine[Any]] | type[UtcDateTime], ...], str], ...] = (
    ((UtcDateTime, DateTime), "time"),
    ((Date,), "date"),
    ((LargeBinary,), "bytes"),
    ((JSON,), "json"),
    ((Boolean,), "boolean"),
    ((Integer, BigInteger), "integer"),
    ((Float, Double), "real"),
    ((String, Text), "text"),
)
_TYPES: dict[str, Callable[[], Any]] = {
    "time": UtcDateTime,
    "date": Date,
    "bytes": LargeBinary,
    "json": lambda: JSON(none_as_null=True),
    "boolean": Boolean,
    "integer": BigInteger,
    "real": Double,
    "text": Text,
}
_WRITTEN: dict[str, Callable[[Any], Any]] = {
    "time": lambda value: value.isoformat(),
    "date": lambda value: value.isoformat(),
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_READ: dict[str, Callable[[Any], Any]] = {
    "time": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "bytes": base64.b64decode,
}

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Dumped:
    """What a file holds: how many rows, and the SHA-256 of all its bytes."""

    table: str
    rows: int
    sha256: str


def tables() -> Sequence[Table]:
    """Every table of the archive but the search index, those that are referred to first."""
    known = Base.metadata.sorted_tables
    assert {model.__tablename__ for model in (Job, Keying, RegisterEntry)} <= {table.name for table in known}
    return known


def dump_table(connection: Connection, table: Table, path: Path) -> Dumped:
    """Write a table's rows as the connection's transaction sees them, streamed."""
    kinds = kinds_of(table)
    digest, count = hashlib.sha256(), 0
    with path.open("xb") as file:

        def write(value: Any) -> None:
            line = _line(value)
            digest.update(line)
            file.write(line)

        write({"table": table.name, "columns": kinds})
        statement = select(table).order_by(*_order(table)).execution_options(yield_per=ROWS_A_STEP)
        with connection.execute(statement) as rows:
            for row in rows:
                write(encode_row(kinds, row))
                count += 1
    return Dumped(table=table.name, rows=count, sha256=digest.hexdigest())


def read_rows(path: Path) -> Generator[Row, None, None]:
    """The rows of a file, streamed. Raises BackupBroken, naming file and line, where it is not such a file."""
    with path.open("rb") as file:
        kinds = _header(path, file.readline())["columns"]
        for number, line in enumerate(file, start=2):
            try:
                yield decode_row(kinds, json.loads(line))
            except (ValueError, TypeError) as exc:
                raise BackupBroken("A line of the backup is not a row.", file=path.name, line=number) from exc


def load_table(connection: Connection, path: Path, rows: Iterator[Row]) -> int:
    """Insert rows into the table that the file's first line describes; tells how many. Other columns are left out."""
    header = _header_of(path)
    columns = [Column(name, _TYPES[kind]()) for name, kind in header["columns"].items()]
    table, count = Table(header["table"], MetaData(), *columns), 0
    while some := list(itertools.islice(rows, ROWS_A_STEP)):
        connection.execute(insert(table), [{name: row[name] for name in header["columns"]} for row in some])
        count += len(some)
    return count


def columns_of(path: Path) -> set[str]:
    """The columns that a file's table had."""
    return set(_header_of(path)["columns"])


def kinds_of(table: Table) -> dict[str, str]:
    """The kind of each column, in their order."""
    return {column.name: _kind_of(column) for column in table.columns}


def encode_row(kinds: dict[str, str], row: Iterable[Any]) -> list[Any]:
    return [_encode(kind, value) for kind, value in zip(kinds.values(), row, strict=True)]


def decode_row(kinds: dict[str, str], values: Iterable[Any]) -> Row:
    """Raises ValueError where there are more or fewer values than columns."""
    return {name: _decode(kind, value) for (name, kind), value in zip(kinds.items(), values, strict=True)}


def _header_of(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return _header(path, file.readline())


def _header(path: Path, line: bytes) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(line)
        if set(header["columns"].values()) <= set(_TYPES) and isinstance(header["table"], str):
            return header
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise BackupBroken("The first line does not describe a table.", file=path.name) from exc
    raise BackupBroken("The first line describes columns this version does not know.", file=path.name)


def _order(table: Table) -> list[Any]:
    """By key; but rows that refer to rows of the same table come after all that do not, so that they can be loaded."""
    own = [key.parent for key in table.foreign_keys if key.column.table is table]
    return [*(column.is_not(None) for column in own), *table.primary_key.columns]


def _kind_of(column: Column[Any]) -> str:
    for types, kind in _KINDS:
        if isinstance(column.type, types):
            return kind
    raise TypeError(f"no kind for the column {column}")


def _encode(kind: str, value: Any) -> Any:
    return value if value is None or kind not in _WRITTEN else _WRITTEN[kind](value)


def _decode(kind: str, value: Any) -> Any:
    return value if value is None or kind not in _READ else _READ[kind](value)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
