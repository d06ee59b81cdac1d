"""Measure search: `python -m tests.benchmark.search --documents 20000 --engine fts5`.

Synthetic archives: documents of five pages, words drawn from a skewed vocabulary, 300 regions of unequal size, a code
for each customer. Every figure is the time of one whole search on a fresh connection of the pool, first page of hits
with its count, in milliseconds; `cpu` is what of it this process computed, which other work on the machine does not
change (SQLite computes here, PostgreSQL in processes of its own).
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from index import Fts5Index, IndexedDocument, PostgresIndex, SearchIndex, SearchQuery
from index.whoosh_engine import WhooshIndex
from storage.database import open_engine, read_engine
from tests.servers import running_postgres

PAGES = 5
CHARACTERS_PER_PAGE = 400
REGIONS = [f"{310100 + number}" for number in range(300)]
_EPOCH = dt.date(2015, 1, 1)


class Archive:
    """Invents documents; the same seed gives the same ones."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        characters = [chr(0x4E00 + number) for number in range(3500)]
        self._random.shuffle(characters)
        lengths = self._random.choices([1, 2, 2, 2, 3, 4], k=20_000)
        self.words = ["".join(self._random.choices(characters, k=length)) for length in lengths]
        self._word_weights = list(accumulate(1 / (rank + 20) for rank in range(len(self.words))))
        self._region_weights = list(accumulate(1 / (rank + 5) for rank in range(len(REGIONS))))

    def document(self, number: int) -> IndexedDocument:
        customer = self._random.randrange(number // 4 + 1)
        return IndexedDocument(
            document_id=f"{number:012d}",
            customer_id=f"k{customer}",
            kind=self._random.choice(["business_license", "id_card", "contract", "other"]),
            region_code=self._random.choices(REGIONS, cum_weights=self._region_weights)[0],
            customer_code=f"C{customer:08d}",
            archival_code=f"QZ-2024-{number:09d}",
            state="filed",
            filed_on=_EPOCH + dt.timedelta(days=number // 60),
            fingerprints=(f"{customer:064x}",),
            names="".join(self._some_words(3)) + "有限公司",
            pages=tuple(self._page() for _ in range(PAGES)),
        )

    def phrase(self, lowest_rank: int, highest_rank: int) -> str:
        return "".join(self.words[self._random.randrange(lowest_rank, highest_rank)] for _ in range(1))

    def _page(self) -> str:
        text = "".join(word + ("，" if self._random.random() < 0.1 else "") for word in self._some_words(190))
        return text[:CHARACTERS_PER_PAGE] + f" 编号{self._random.randrange(10**8)}"

    def _some_words(self, count: int) -> list[str]:
        return self._random.choices(self.words, cum_weights=self._word_weights, k=count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--engine", choices=["fts5", "postgres", "whoosh"], default="fts5")
    parser.add_argument("--commit-every", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="build in, or search what was built in, this directory (fts5)")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        index, engine, size = stack.enter_context(_opened(options.engine, options.keep))
        with engine.begin() as connection:
            index.create(connection)
            already = index.count(connection)
        if already < options.documents:
            _build(index, engine, already, options.documents, options.commit_every)
        _say(f"{options.documents:,} documents, {options.documents * PAGES:,} pages, {size() / 1e6:,.0f} MB")
        _measure(index, engine, options.documents)
        _measure_removal(index, engine, options.documents)


@contextlib.contextmanager
def _opened(engine_name: str, keep: Path | None) -> Iterator[tuple[SearchIndex, Engine, Callable[[], int]]]:
    index: SearchIndex
    with contextlib.ExitStack() as stack:
        directory = keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if engine_name == "postgres":
            server = stack.enter_context(running_postgres(durable=True))
            engine = open_engine(server.url(server.create_database()))
            folder, index = server.data_dir / "base", PostgresIndex()
        else:
            engine, folder = open_engine(f"sqlite:///{directory / 'search.db'}"), directory
            index = Fts5Index() if engine_name == "fts5" else WhooshIndex(directory / "whoosh")
        stack.callback(engine.dispose)
        yield index, engine, lambda: sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _build(index: SearchIndex, engine: Engine, first: int, documents: int, commit_every: int) -> None:
    archive, spent, inventing = Archive(seed=first + 1), 0.0, time.perf_counter()
    for start in range(first, documents, commit_every):
        batch = [archive.document(number) for number in range(start, min(start + commit_every, documents))]
        began = time.perf_counter()
        with engine.begin() as connection:
            for entry in batch:
                index.add(connection, entry)
        spent += time.perf_counter() - began
        if start // 10_000 != (start - commit_every) // 10_000:
            _say(f"  {start:,} … {(start - first) / (spent or 1):,.0f} documents/s")
    rate = (documents - first) / spent
    _say(f"built at {rate:,.0f} documents/s, {commit_every} a transaction ({time.perf_counter() - inventing:,.0f} s)")
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")


def _measure(index: SearchIndex, engine: Engine, documents: int) -> None:
    chance = Archive(seed=1)
    pick = random.Random(7)

    def code() -> str:
        return f"C{pick.randrange(documents // 4):08d}"

    def seen(count: int) -> frozenset[str]:
        return frozenset(pick.sample(REGIONS, count))

    kinds: dict[str, Callable[[], dict[str, Any]]] = {
        "region + code": lambda: {"region_codes": seen(1), "customer_code": code()},
        "region + code prefix": lambda: {"region_codes": seen(1), "customer_code_prefix": code()[:6]},
        "code range": lambda: {"code_from": code(), "code_to": code()},
        "region alone": lambda: {"region_codes": seen(1)},
        "fingerprint": lambda: {"fingerprint": f"{int(code()[1:]):064x}"},
        "common phrase": lambda: {"text": chance.phrase(0, 50)},
        "phrase": lambda: {"text": chance.phrase(200, 2_000)},
        "rare phrase": lambda: {"text": chance.phrase(5_000, 20_000)},
        "two phrases": lambda: {"text": f"{chance.phrase(50, 500)} {chance.phrase(50, 500)}"},
        "long phrase absent": lambda: {"text": "".join(chance.phrase(0, 200) for _ in range(4))},
        "name fragment": lambda: {"text": "有限公司"},
        "one character": lambda: {"text": chance.phrase(0, 2_000)[0]},
        "number prefix": lambda: {"text": str(pick.randrange(10**4))},
        "phrase, region": lambda: {"text": chance.phrase(200, 2_000), "region_codes": seen(1)},
        "common phrase, may see 1 region": lambda: {"text": chance.phrase(0, 50), "allowed_regions": seen(1)},
        "phrase, may see 1 region": lambda: {"text": chance.phrase(200, 2_000), "allowed_regions": seen(1)},
        "phrase, may see 10 regions": lambda: {"text": chance.phrase(200, 2_000), "allowed_regions": seen(10)},
        "phrase, region prefix": lambda: {"text": chance.phrase(200, 2_000), "region_prefix": "31012"},
        "phrase, code": lambda: {"text": chance.phrase(0, 500), "customer_code": code()},
        "phrase, code range": lambda: {"text": chance.phrase(0, 50), "code_from": code(), "code_to": code()},
        "phrase, one month": lambda: {
            "text": chance.phrase(0, 500),
            "date_from": (day := _EPOCH + dt.timedelta(days=pick.randrange(documents // 60))),
            "date_to": day + dt.timedelta(days=30),
        },
    }
    for name, ask in kinds.items():
        _say(f"{name:34s}{_percentiles(index, engine, [SearchQuery(**ask()) for _ in range(100)])}")


def _percentiles(index: SearchIndex, engine: Engine, queries: list[SearchQuery]) -> str:
    times, computed, hits = [], [], 0
    for query in queries:
        began, began_computing = time.perf_counter(), time.thread_time()
        with read_engine(engine).connect() as connection:
            page = index.search(connection, query)
        times.append((time.perf_counter() - began) * 1000)
        computed.append((time.thread_time() - began_computing) * 1000)
        hits += page.total_estimate or 0
        if sum(times) > 20_000:
            break
    wall, cpu = _spread(times), _spread(computed)
    return f"{wall}   cpu {cpu}   hits {hits / len(times):8.1f}   n {len(times)}"


def _spread(times: list[float]) -> str:
    times = sorted(times)
    p50, p95 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))]
    return f"p50 {p50:9.2f}   p95 {p95:9.2f}   max {times[-1]:9.2f}"


def _measure_removal(index: SearchIndex, engine: Engine, documents: int) -> None:
    doomed = [f"{number:012d}" for number in range(0, documents, max(1, documents // 50))]
    began = time.perf_counter()
    with engine.begin() as connection:
        index.remove(connection, doomed)
    removed = time.perf_counter()
    index.scrub(engine)
    done = time.perf_counter()
    _say(f"removed {len(doomed)} documents in {removed - began:.2f} s, scrubbed in {done - removed:.2f} s")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
