"""What a request takes of the machine, its database server's processes included.

A page that takes long by the clock has computed, waited for a processor, read from the disk, or waited for something
else (a commit forced to the disk, a lock); only the first is the page's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from storage.database import is_sqlite

PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Spent:
    computed_ms: float = 0.0
    queued_ms: float = 0.0
    """Ready to run, but another process had the processor."""
    read_mib: float = 0.0
    """From the disk; what lay in memory costs nothing here."""

    def __add__(self, other: Spent) -> Spent:
        return self._with(other, 1)

    def __sub__(self, other: Spent) -> Spent:
        return self._with(other, -1)

    def _with(self, other: Spent, sign: int) -> Spent:
        return Spent(
            computed_ms=self.computed_ms + sign * other.computed_ms,
            queued_ms=self.queued_ms + sign * other.queued_ms,
            read_mib=self.read_mib + sign * other.read_mib,
        )


class Meter:
    """Of this process and, where the database is a server on this machine, of all its processes."""

    def __init__(self, engine: Engine) -> None:
        self._server = None if is_sqlite(engine) else _server_of(engine)
        self._seen: dict[str, Spent] = {}

    def of(self, ask: Callable[[], Any]) -> tuple[Any, float, Spent]:
        """What it gives, how many milliseconds passed, and what was spent; looking at the server is not counted."""
        server, here, began = self._by_server(), _spent_here(), time.perf_counter()
        answer = ask()
        passed_ms, here = (time.perf_counter() - began) * 1000, _spent_here() - here
        return answer, passed_ms, here + self._by_server() - server

    def _by_server(self) -> Spent:
        """All so far. Processes that have ended still count."""
        self._seen |= {process.name: spent for process in self._serving() if (spent := _spent_by(process))}
        return sum(self._seen.values(), Spent())

    def _serving(self) -> Iterator[Path]:
        if self._server is not None:
            yield from (process for process in _all_processes() if _parent_of(process) == self._server)


def _server_of(engine: Engine) -> str | None:
    """The process whose children serve the connections; None if it runs elsewhere."""
    with engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    process = PROC / str(backend)
    return _parent_of(process) if _read(process / "comm").startswith("postgres") else None


def _all_processes() -> Iterable[Path]:
    return (each for each in PROC.iterdir() if each.name.isdigit())


def _parent_of(process: Path) -> str:
    """The second field behind the name, which is in brackets and may hold anything."""
    return (_read(process / "stat").rpartition(")")[2].split() or ["", ""])[1]


def _spent_here() -> Spent:
    """Threads that have ended are in the processor time of the process only."""
    threads = _spent_by(PROC / "self") or Spent()
    return replace(threads, computed_ms=time.process_time() * 1000)


def _spent_by(process: Path) -> Spent | None:
    """None for one that has just ended."""
    threads = [_read(thread / "schedstat").split() for thread in _threads_of(process)]
    if not any(threads):
        return None
    computed, queued = (sum(int(each[at]) for each in threads if each) for at in (0, 1))
    counts = dict(line.split(": ") for line in _read(process / "io").splitlines())
    read = int(counts.get("read_bytes", 0))
    return Spent(computed_ms=computed / 1e6, queued_ms=queued / 1e6, read_mib=read / 2**20)


def _threads_of(process: Path) -> list[Path]:
    try:
        return [*(process / "task").iterdir()]
    except OSError:
        return []


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
