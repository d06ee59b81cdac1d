"""Workers as processes: engines that fail, die in native code or hang take nothing with them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import select, update

from api.bootstrap import open_archive
from api.settings import Settings
from intake.archive import Archive
from intake.jobs import Job
from intake.pipeline import Reader
from intake.worker import Supervisor, WorkerLimits
from records.ids import utc_now
from records.terms import DocumentState, JobState
from tests.archives import Bench, embedded_settings, licence_lines, open_bench
from tests.pixel_text import CrashingEngine, page_png

PATIENCE_S = 90.0


def open_for_worker(settings: Settings) -> tuple[Archive, Reader]:
    return open_archive(settings), Reader(CrashingEngine())


@contextmanager
def working(bench: Bench, *, step_timeout_s: float = 60.0) -> Iterator[None]:
    limits = WorkerLimits(step_timeout_s=step_timeout_s, memory_bytes=2 * 1024**3)
    supervisor = Supervisor(bench.archive, partial(open_for_worker, bench.settings), 1, limits)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        yield
    finally:
        supervisor.stop()
        thread.join()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def job_of(bench: Bench, document_id: str) -> Job:
    with bench.archive.reading() as session:
        return (
            session.scalars(select(Job).where(Job.document_id == document_id).order_by(Job.id.desc())).first() or Job()
        )


def hurry(bench: Bench) -> None:
    """Let failed jobs rest no longer."""
    with bench.archive.transaction() as session:
        session.execute(update(Job).where(Job.state == JobState.READY).values(run_after=utc_now()))


def test_an_engine_that_fails_parks_its_page_and_the_rest_goes_on(tmp_path: Path) -> None:
    bench = open_bench(embedded_settings(tmp_path))
    bad, good = bench.send(page_png(["engine fails"]), page_png(licence_lines(1)))

    with working(bench):
        wait_until(lambda: bench.document(good).state == DocumentState.FILED)
        wait_until(lambda: job_of(bench, bad).state == JobState.PARKED)
    bench.archive.close()

    assert job_of(bench, bad).error_code == "engine_failed"


def test_a_worker_that_dies_in_native_code_takes_nothing_with_it(tmp_path: Path) -> None:
    bench = open_bench(embedded_settings(tmp_path))
    bad, good = bench.send(page_png(["engine dies"]), page_png(licence_lines(1)))

    def settled() -> bool:
        hurry(bench)
        return job_of(bench, bad).state == JobState.PARKED

    with working(bench):
        wait_until(settled)
        wait_until(lambda: bench.document(good).state == DocumentState.FILED)
    bench.archive.close()

    assert job_of(bench, bad).error_code == "worker_lost"


def test_a_hung_page_is_timed_out_and_the_rest_goes_on(tmp_path: Path) -> None:
    bench = open_bench(embedded_settings(tmp_path))
    bad, good = bench.send(page_png(["engine hangs"]), page_png(licence_lines(1)))

    with working(bench, step_timeout_s=3.0):
        wait_until(lambda: job_of(bench, bad).error_code == "worker_lost")
        wait_until(lambda: bench.document(good).state == DocumentState.FILED)
    bench.archive.close()
