"""How many documents a second go through the line with recognition stubbed: `python -m tests.benchmark.line`.

One station sends a folder over a real socket to a real service with two workers; recognition costs nothing
(`tests.pixel_text`), so what is measured is everything but recognition: upload, encryption, store, jobs, index, audit.
Further passes do the same work in one process and say what a document costs at each step, and in which part of the
code.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from intake.pipeline import Reader
from intake.worker import drain
from records import accounts
from records.ids import utc_now
from records.models import BatchFile, Document
from records.terms import DocumentState
from tests.archives import Bench, actor, licence_lines, open_bench
from tests.benchmark import costs
from tests.benchmark.report import Table
from tests.benchmark.sets import SETS, archive_settings, opened
from tests.crash.papers import Papers
from tests.crash.processes import DidNotHappen, Service, Station
from tests.pixel_text import PixelTextEngine, page_png

DOCUMENTS = 400
PROFILED = 40
WORKERS = 2
PATIENCE_S = 1_200.0
PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "inspect what arrives": (("inspection.py",), ("inspect",)),
    "seal and open": (("encryption.py",), ("seal", "unseal")),
    "keys": (("keyring.py",), ("_keys", "create_key", "fingerprint")),
    "store objects": (("local.py", "s3.py"), ("put", "get")),
    "open and shrink pages": (("reading.py", "pipeline.py"), ("read_pages", "_jpeg", "upright_image")),
    "extract fields": (("extraction.py",), ("extract",)),
    "claim, add and end jobs": (("jobs.py",), ("claim", "finish", "enqueue")),
    "write the index": (("fts5.py", "postgres.py"), ("add",)),
    "audit": (("audit.py",), ("record",)),
    "commit": (("default.py",), ("do_commit",)),
}
"""What is told apart in one process: names of files and functions, by the time spent in them and below."""


@dataclass(frozen=True, kw_only=True)
class Speed:
    """`sent_s` until the last file had arrived, `filed_s` until the last document was filed, from the first moment.

    `spent_s`: processor time of the service, of all workers and of the station in that time.
    """

    documents: int
    sent_s: float
    filed_s: float
    spent_s: tuple[float, float, float]

    def row(self, name: str) -> tuple[str, ...]:
        spent_ms = (1000 * spent_s / self.documents for spent_s in (*self.spent_s, sum(self.spent_s)))
        rates = (self.documents / self.sent_s, self.documents / self.filed_s)
        return (name, *(f"{rate:.1f}" for rate in rates), *(f"{each:.1f}" for each in spent_ms))


def measure(documents: int = DOCUMENTS, sets: Sequence[str] = SETS) -> list[Table]:
    speeds = Table(
        title=f"The line with recognition stubbed, {documents} documents of one page, 1 station, {WORKERS} workers",
        head=("parts", "arrived/s", "filed/s", "service, ms", "workers, ms", "station, ms", "all, ms"),
        note="Milliseconds are processor time of one document; database and object servers are not in them.",
    )
    shares = Table(
        title="Where the time goes, one document in one process",
        head=("part", *(f"{name}, ms" for name in sets)),
        note="Processor time in each part and whatever it calls, with the profiler's own cost. Parts may overlap.",
    )
    columns = []
    for name in sets:
        speeds.rows.append(_speed(name, documents).row(name))
        columns.append(_shares(name))
    for part in columns[0]:
        shares.rows.append((part, *(f"{column[part]:.1f}" for column in columns)))
    return [speeds, *(costs.measure(name) for name in sets), shares]


def _speed(name: str, documents: int) -> Speed:
    with (
        tempfile.TemporaryDirectory(prefix="guidang-line-") as directory,
        archive_settings(name, directory) as settings,
    ):
        bench = open_bench(settings.model_copy(update={"workers": WORKERS}))
        try:
            return _send_through(Path(directory), bench, documents)
        finally:
            bench.archive.close()


def _send_through(directory: Path, bench: Bench, documents: int) -> Speed:
    with bench.archive.transaction() as session:
        _, token = accounts.create_station(session, actor("setup"), name="二号扫描站", region_code="HD")
    papers = Papers(directory / "scans")
    service = Service(directory, bench.settings)
    station = Station(directory, papers.folder, service.address, token)
    try:
        service.start()
        service.wait_until_ready()
        station.start()
        _warm_up(bench, papers)
        papers.scan(documents)
        processes = ([service.pid], service.worker_pids(), [station.pid])
        began, before = time.monotonic(), [_spent_s(pids) for pids in processes]
        sent_s, filed_s = _wait(bench, len(papers.sha256_of), began)
        service_s, workers_s, station_s = (_spent_s(pids) - at for pids, at in zip(processes, before, strict=True))
    finally:
        station.clear()
        service.clear()
    return Speed(documents=documents, sent_s=sent_s, filed_s=filed_s, spent_s=(service_s, workers_s, station_s))


def _warm_up(bench: Bench, papers: Papers) -> None:
    """Every process has done its first work before the clock starts."""
    papers.scan(8)
    _wait(bench, 8, time.monotonic())


def _wait(bench: Bench, count: int, began: float) -> tuple[float, float]:
    """Seconds until so many files had arrived, and until so many documents were filed."""
    sent_s = 0.0
    while True:
        with bench.archive.reading() as session:
            arrived = session.scalar(select(func.count()).select_from(BatchFile)) or 0
            filed = session.scalar(
                select(func.count()).select_from(Document).where(Document.state == DocumentState.FILED)
            )
        spent = time.monotonic() - began
        if arrived == count and not sent_s:
            sent_s = spent
        if filed == count:
            return sent_s, spent
        if spent > PATIENCE_S:
            raise DidNotHappen(f"{arrived} arrived and {filed} filed of {count}")
        time.sleep(0.1)


def _shares(name: str) -> dict[str, float]:
    """Milliseconds a document in each part of the line, everything in this process."""
    with opened(name) as bench:
        _through_here(bench, 0, 5)
        profile = cProfile.Profile(time.thread_time)
        began = time.thread_time()
        profile.enable()
        _through_here(bench, 5, PROFILED)
        profile.disable()
        whole_s = time.thread_time() - began
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    spent = {part: 1000 * _cumulative(stats, *place) / PROFILED for part, place in PLACES.items()}
    return {"all, with the profiler's own cost": 1000 * whole_s / PROFILED} | spent


def _through_here(bench: Bench, first: int, count: int) -> None:
    bench.send(*(page_png(licence_lines(number)) for number in range(first, first + count)))
    drain(bench.archive, Reader(PixelTextEngine()), until=utc_now() + dt.timedelta(minutes=10))


def _cumulative(
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, object]],
    files: tuple[str, ...],
    functions: tuple[str, ...],
) -> float:
    return sum(
        cumulative
        for (path, _line, function), (_, _, _, cumulative, _) in stats.items()
        if Path(path).name in files and function in functions
    )


def _spent_s(pids: Sequence[int]) -> float:
    """Processor time these processes have had."""
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    given = parser.parse_args()
    for table in measure(given.documents, given.sets):
        sys.stdout.write(table.text() + "\n")


if __name__ == "__main__":
    main()
