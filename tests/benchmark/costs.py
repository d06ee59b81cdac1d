"""What a document costs on its way through the line: processor time and counts by step, everything in one process.

Recognition costs nothing (`tests.pixel_text`), so this is everything but recognition.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import cv2
from sqlalchemy import Engine, event

from intake import pipeline, worker
from intake.pipeline import Reader
from storage.keyring import DatabaseKeyring
from tests.archives import Bench, licence_lines
from tests.benchmark.report import Table
from tests.benchmark.sets import opened
from tests.pixel_text import PixelTextEngine, page_png

WARM_UP = 30
MEASURED = 60
STEPS = ("receive", "read", "extract", "file")
COUNTS = ("statements", "commits", "object puts", "object gets", "forced to disk", "pictures encoded", "jobs")


def measure(name: str, documents: int = MEASURED) -> Table:
    """One column for each step, one row for each cost, of one document."""
    costs = _costs(name, documents)
    table = Table(
        title=f"What one document costs, {name}",
        head=("cost", *STEPS, "all"),
        note="`of which reading`: opening pages, looking at their quality, finding marks and fields, which are part of "
        "reading and not of the rest. `forced to disk`: the object store's own calls; each commit adds the database's.",
    )
    for what in ("processor ms", "of which reading", "clock ms", *COUNTS):
        each = [costs[step][what] / documents for step in STEPS]
        table.rows.append((what, *(f"{value:.1f}" for value in (*each, sum(each)))))
    return table


def _costs(name: str, documents: int) -> dict[str, Counter[str]]:
    with opened(name) as bench:
        _through(bench, 0, WARM_UP, Counter(), defaultdict(Counter))
        counted: Counter[str] = Counter()
        costs: dict[str, Counter[str]] = defaultdict(Counter)
        with _counting(bench, counted):
            _through(bench, WARM_UP, documents, counted, costs)
    return costs


def _through(bench: Bench, first: int, count: int, counted: Counter[str], costs: dict[str, Counter[str]]) -> None:
    pages = [page_png(licence_lines(number)) for number in range(first, first + count)]
    with _charged(counted, costs["receive"]):
        bench.send(*pages)
    reader, ran = Reader(PixelTextEngine()), [""]

    def run_step(archive: Any, reader: Any, step: Any, *more: Any, **how: Any) -> Any:
        ran[0] = step
        return real(archive, reader, step, *more, **how)

    real = worker.run_step
    with mock.patch.object(worker, "run_step", run_step):
        while True:
            spent: Counter[str] = Counter()
            with _charged(counted, spent):
                if not worker.work_once(bench.archive, reader, "line", lease=dt.timedelta(minutes=5)):
                    return
            costs[ran[0]] += spent
            costs[ran[0]]["jobs"] += 1


@contextmanager
def _charged(counted: Counter[str], to: Counter[str]) -> Iterator[None]:
    before, clock, processor = counted.copy(), time.perf_counter(), time.process_time()
    yield
    to["processor ms"] += 1000 * (time.process_time() - processor)  # type: ignore[assignment]
    to["clock ms"] += 1000 * (time.perf_counter() - clock)  # type: ignore[assignment]
    to.update(counted - before)


@contextmanager
def _counting(bench: Bench, counted: Counter[str]) -> Iterator[None]:
    keyring = bench.archive.keyring
    assert isinstance(keyring, DatabaseKeyring)
    with ExitStack() as held:
        for engine in (bench.archive.engine, keyring._engine):
            held.enter_context(_counting_statements(engine, counted))
        for name in ("read_pages", "extract_documents"):
            held.enter_context(_timing(pipeline, name, counted))
        objects = bench.archive.objects
        for owner, name, what in (
            (type(objects), "put", "object puts"),
            (type(objects), "get", "object gets"),
            (os, "fsync", "forced to disk"),
            (cv2, "imencode", "pictures encoded"),
        ):
            held.enter_context(_counting_calls(owner, name, counted, what))
        yield


@contextmanager
def _counting_statements(engine: Engine, counted: Counter[str]) -> Iterator[None]:
    def statement(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        counted["statements"] += not sql.startswith(("BEGIN", "PRAGMA query_only"))

    def commit(*_: Any) -> None:
        counted["commits"] += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    yield
    event.remove(engine, "before_cursor_execute", statement)
    event.remove(engine, "commit", commit)


@contextmanager
def _counting_calls(owner: Any, name: str, counted: Counter[str], what: str) -> Iterator[None]:
    real = getattr(owner, name)

    def counting(*args: Any, **kwargs: Any) -> Any:
        counted[what] += 1
        return real(*args, **kwargs)

    with mock.patch.object(owner, name, counting):
        yield


@contextmanager
def _timing(owner: Any, name: str, counted: Counter[str]) -> Iterator[None]:
    """Charge the processor time of a function, or of what it yields, as reading."""
    real = getattr(owner, name)

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        found = real(*args, **kwargs)
        made = list(found)
        counted["of which reading"] += 1000 * (time.process_time() - began)  # type: ignore[assignment]
        return made

    with mock.patch.object(owner, name, timed):
        yield
