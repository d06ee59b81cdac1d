"""An independent search for remains: reads bytes, files and rows, and shares nothing with what should have erased them.

Every trace is at least 8 bytes that cannot be there by chance: two neighbouring characters of a planted phrase (so the
2-grams of an index tell too), the second half of a planted number, a run of pixels, a wrapped key. All places of a
file are compared, whatever the alignment; text is looked for in UTF-8, UTF-16 and GB 18030.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pysqlite3.dbapi2 as sqlite3
from numpy.typing import NDArray

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
CHUNK_BYTES = 4 * 1024 * 1024
_KEY_BYTES = 8
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_TABLE_BITS = 24


@dataclass(frozen=True, kw_only=True)
class Trace:
    """`what` says of what kind it is: `phrase`, `number`, `pixels`, `key`."""

    what: str
    needle: bytes


def traces_of_phrase(phrase: str) -> Iterator[Trace]:
    pairs = {phrase[at : at + 2] for at in range(len(phrase) - 1)}
    yield from (Trace(what="phrase", needle=pair.encode(encoding)) for pair in pairs for encoding in ENCODINGS)


def traces_of_number(number: str) -> Iterator[Trace]:
    """Its last 8 characters: an index may keep apart what many numbers begin with."""
    for end in {number[-8:], number[-8:].lower()}:
        yield from (Trace(what="number", needle=end.encode(encoding)) for encoding in ("ascii", *ENCODINGS[1:3]))


class Search:
    """Looks for many traces at once; `found` tells where each kind was found how often."""

    def __init__(self, traces: Iterable[Trace]) -> None:
        self._by_key: dict[int, list[Trace]] = {}
        for trace in traces:
            key = int.from_bytes(trace.needle[:_KEY_BYTES], "little")
            self._by_key.setdefault(key, []).append(trace)
        self._keys = np.array(sorted(self._by_key), dtype=np.uint64)
        self._longest = max((len(t.needle) for each in self._by_key.values() for t in each), default=_KEY_BYTES)
        self._may_be = np.zeros(1 << _TABLE_BITS, dtype=np.bool_)
        self._may_be[_slot(self._keys)] = True
        self.found: dict[str, dict[str, int]] = {}
        self.bytes_searched = 0

    def directory(self, place: str, root: Path, *, skip: frozenset[str] = frozenset()) -> None:
        """Every file below, hidden ones and journals too, names included."""
        for path in sorted(root.rglob("*")):
            if skip.intersection(path.relative_to(root).parts):
                continue
            self.data(place, path.name.encode())
            if path.is_file():
                self.file(place, path)

    def file(self, place: str, path: Path) -> None:
        tail = b""
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                self.data(place, tail + chunk, seen=len(tail))
                tail = (tail + chunk)[-self._longest + 1 :]

    def data(self, place: str, data: bytes, *, seen: int = 0) -> None:
        """Look at bytes; whatever ends within the first `seen` of them was looked at before."""
        self.bytes_searched += len(data) - seen
        for start in range(_KEY_BYTES):
            count = (len(data) - start) // _KEY_BYTES
            if count <= 0:
                return
            windows = np.frombuffer(data, dtype="<u8", count=count, offset=start)
            for index in np.flatnonzero(self._may_be[_slot(windows)]):
                self._confirm(place, data, start + int(index) * _KEY_BYTES, int(windows[index]), seen)

    def sqlite_rows(self, place: str, path: Path) -> None:
        """Every row of every table, what is compressed in it unpacked, and every term of every full-text index."""
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
            for name, sql in tables:
                if "fts5" in (sql or "").lower():
                    connection.execute(f"CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, '{name}', 'row')")
                    terms = connection.execute("SELECT term FROM temp.terms")
                    self._many(f"{place}: terms", (str(term).encode() for (term,) in terms))
                    connection.execute("DROP TABLE temp.terms")
                else:
                    self._many(f"{place}: rows", _values(connection.execute(f'SELECT * FROM "{name}"')))

    def postgres_rows(self, place: str, url: str) -> None:
        """Every row of every table of the database, as the server writes it out."""
        address = re.sub(r"^postgresql\+psycopg:", "postgresql:", url)
        with psycopg.connect(address, autocommit=True) as link:
            named = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            tables = link.execute(f"{named} AND table_schema NOT IN ('pg_catalog', 'information_schema')").fetchall()
            for schema, table in tables:
                statement = f'COPY (SELECT * FROM "{schema}"."{table}") TO STDOUT'
                with link.cursor() as cursor, cursor.copy(statement.encode()) as rows:
                    self._many(f"{place}: rows", map(bytes, rows))

    def _many(self, place: str, values: Iterable[bytes]) -> None:
        """Look at many short values together, a zero byte between them."""
        together: list[bytes] = []
        size = 0
        for value in values:
            together.append(value)
            size += len(value) + 1
            if size > CHUNK_BYTES:
                self.data(place, b"\0".join(together))
                together, size = [], 0
        self.data(place, b"\0".join(together))

    @property
    def total(self) -> int:
        return sum(count for kinds in self.found.values() for count in kinds.values())

    def _confirm(self, place: str, data: bytes, at: int, key: int, seen: int) -> None:
        for trace in self._by_key.get(key, ()):
            end = at + len(trace.needle)
            if end > seen and data[at:end] == trace.needle:
                kinds = self.found.setdefault(place, {})
                kinds[trace.what] = kinds.get(trace.what, 0) + 1


def _values(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    for row in rows:
        for value in row:
            if isinstance(value, str):
                yield value.encode()
            elif isinstance(value, bytes):
                yield value
                with contextlib.suppress(zlib.error):
                    yield zlib.decompress(value)


def _slot(windows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    spread: NDArray[np.uint64] = (windows * _SPREAD) >> np.uint64(64 - _TABLE_BITS)
    return spread
