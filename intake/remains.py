"""An independent search for remains: reads bytes, files and rows, and shares nothing with what should have erased them.

    python -m intake.remains drill.json DIRECTORY… [--database URL]

takes what `guidang drill destruction --json` printed. This file imports nothing of the project.

Every trace is at least 8 bytes that cannot be there by chance: two neighbouring characters of a planted phrase (so the
2-grams of an index tell too), the second half of a planted number, a run of pixels, a wrapped key. All places of a
file are compared, whatever the alignment; text is looked for in UTF-8, UTF-16 and GB 18030, escaped as in JSON and in
addresses, in hexadecimal and in base64.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import re
import sys
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pysqlite3.dbapi2 as sqlite3
from numpy.typing import NDArray

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
CHUNK_BYTES = 4 * 1024 * 1024
SQLITE_MAGIC = b"SQLite format 3\0"
_KEY_BYTES = 8
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_TABLE_BITS = 24
_BITS_A_CHARACTER = 6
KEPT = "kept "

Found = dict[str, dict[str, int]]
"""Where, of which kind, how often."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """`what` says of what kind it is: `phrase`, `number`, `pixels`, `key`."""

    what: str
    needle: bytes


def traces_of_phrase(phrase: str) -> Iterator[Trace]:
    for pair in {phrase[at : at + 2] for at in range(len(phrase) - 1)}:
        needles = {pair.encode(encoding) for encoding in ENCODINGS}
        needles |= {json.dumps(pair)[1:-1].encode(), urllib.parse.quote(pair).encode()}
        needles |= _in_letters(pair.encode())
        yield from (Trace(what="phrase", needle=needle) for needle in needles)


def traces_of_number(number: str) -> Iterator[Trace]:
    """Its last 8 characters: an index may keep apart what many numbers begin with."""
    for end in {number[-8:], number[-8:].lower()}:
        needles = {end.encode(encoding) for encoding in ("ascii", *ENCODINGS[1:3])} | _in_letters(end.encode())
        yield from (Trace(what="number", needle=needle) for needle in needles)


def traces_in(said: Mapping[str, Sequence[str]]) -> list[Trace]:
    """Everything to look for, of what a drill says it planted."""
    traces = [trace for phrase in said["phrases"] for trace in traces_of_phrase(phrase)]
    traces += [trace for number in said["numbers"] for trace in traces_of_number(number)]
    for what, name in (("pixels", "pixels"), ("key", "keys")):
        traces += [Trace(what=what, needle=bytes.fromhex(each)) for each in said.get(name, ())]
    return traces


def _in_letters(data: bytes) -> set[bytes]:
    """In hexadecimal, and what base64 makes of it wherever it begins."""
    encoded = {data.hex().encode()}
    for before in range(3):
        letters = base64.b64encode(bytes(before) + data)
        first, end = -(-before * 8 // _BITS_A_CHARACTER), (before + len(data)) * 8 // _BITS_A_CHARACTER
        encoded.add(letters[first:end])
    return encoded


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
        self.found: Found = {}
        self.bytes_searched = 0

    def directory(self, place: str, root: Path, *, skip: frozenset[str] = frozenset()) -> None:
        """Every file below, hidden ones and journals too, names included."""
        for path in sorted(root.rglob("*")):
            if skip.intersection(path.relative_to(root).parts):
                continue
            self.data(place, path.name.encode())
            if path.is_file():
                self.file(place, path)

    def everything(self, place: str, path: Path, *, skip: frozenset[str] = frozenset()) -> None:
        """A file, or every file below, and every SQLite database among them row by row."""
        if path.is_file():
            self.file(place, path)
            return
        self.directory(place, path, skip=skip)
        for each in sorted(path.rglob("*")):
            if each.is_file() and not skip.intersection(each.relative_to(path).parts) and _is_sqlite(each):
                self.sqlite_rows(place, each)

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
            for index in self._like_a_trace(windows):
                self._confirm(place, data, start + int(index) * _KEY_BYTES, int(windows[index]), seen)

    def _like_a_trace(self, windows: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Where the first bytes are those of a trace: a coarse look first, because hardly any are."""
        likely = np.flatnonzero(self._may_be[_slot(windows)])
        nearest = np.minimum(np.searchsorted(self._keys, windows[likely]), len(self._keys) - 1)
        return np.asarray(likely[self._keys[nearest] == windows[likely]], dtype=np.int64)

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
                    self._many(f"{place}: rows of {name}", _values(connection.execute(f'SELECT * FROM "{name}"')))

    def postgres_rows(self, place: str, url: str) -> None:
        """Every row of every table of the database, as the server writes it out."""
        address = re.sub(r"^postgresql\+psycopg:", "postgresql:", url)
        with psycopg.connect(address, autocommit=True) as link:
            named = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            tables = link.execute(f"{named} AND table_schema NOT IN ('pg_catalog', 'information_schema')").fetchall()
            for schema, table in tables:
                statement = f'COPY (SELECT * FROM "{schema}"."{table}") TO STDOUT'
                with link.cursor() as cursor, cursor.copy(statement.encode()) as rows:
                    self._many(f"{place}: rows of {schema}.{table}", map(bytes, rows))

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


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC


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


def search_for(said: Mapping[str, Mapping[str, Sequence[str]]]) -> Search:
    """One pass for what was planted and, marked as such, for what was kept."""
    kept = (Trace(what=KEPT + trace.what, needle=trace.needle) for trace in traces_in(said["kept"]))
    return Search([*traces_in(said["planted"]), *kept])


def sorted_out(found: Found) -> tuple[Found, Found]:
    """What is left, and what was found of the documents that were kept."""
    left, kept = Found(), Found()
    for place, kinds in found.items():
        for kind, count in kinds.items():
            to = kept if kind.startswith(KEPT) else left
            to.setdefault(place, {})[kind.removeprefix(KEPT)] = count
    return left, kept


def main() -> int:
    """Exit status: 0 nothing planted is left, and what was kept was found; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m intake.remains", description=__doc__.partition("\n")[0])
    parser.add_argument("planted", help="what `guidang drill destruction --json` printed; - is standard input")
    parser.add_argument("places", nargs="*", metavar="[NAME=]PLACE", help="directories and files")
    parser.add_argument("--database", default="", help="URL of a PostgreSQL database, searched row by row")
    parser.add_argument("--skip", action="append", default=[], help="name of a directory that is not looked into")
    given = parser.parse_args()
    written = sys.stdin.read() if given.planted == "-" else Path(given.planted).read_text(encoding="utf-8")
    search = search_for(json.loads(written))
    for place in given.places:
        name, _, path = place.rpartition("=")
        search.everything(name or Path(path).name, Path(path), skip=frozenset(given.skip))
    if given.database:
        search.postgres_rows("database", given.database)
    left, kept = sorted_out(search.found)
    answer = {"left": left, "kept": kept, "bytes_searched": search.bytes_searched}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    return 0 if kept and not left else 1


if __name__ == "__main__":
    sys.exit(main())
