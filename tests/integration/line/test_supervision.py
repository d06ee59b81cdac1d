"""Workers killed at any instruction: their supervisor goes on, replaces them, keeps their leases and can be stopped."""

from __future__ import annotations

import datetime as dt
import multiprocessing as mp
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import select

from api.bootstrap import open_archive
from api.settings import Settings
from intake import jobs
from intake.archive import Archive
from intake.jobs import Job
from intake.pipeline import Reader
from intake.worker import Supervisor, WorkerLimits
from records.ids import utc_now
from records.terms import JobState
from tests.archives import Bench, embedded_settings, licence_lines, open_bench
from tests.pixel_text import PixelTextEngine, page_png

LIMITS = WorkerLimits(step_timeout_s=30, memory_bytes=2 * 1024**3)
PATIENCE_S = 60.0


def open_for_worker(settings: Settings) -> tuple[Archive, Reader]:
    return open_archive(settings), Reader(PixelTextEngine())


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_supervisor_whose_idle_workers_were_killed_replaces_them_and_can_be_stopped(tmp_path: Path) -> None:
    """A dead worker must hold nothing that stopping waits for."""
    bench = open_bench(embedded_settings(tmp_path))
    supervisor = Supervisor(bench.archive, partial(open_for_worker, bench.settings), 2, LIMITS)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: len(mp.active_children()) == 2)
    time.sleep(2.0)  # until they idle
    killed = {child.pid for child in mp.active_children()}
    for pid in killed:
        os.kill(pid or 0, signal.SIGKILL)
    wait_until(lambda: len(others := {child.pid for child in mp.active_children()} - killed) == 2 and bool(others))

    supervisor.stop()
    thread.join(PATIENCE_S)

    assert not thread.is_alive()
    assert mp.active_children() == []
    bench.archive.close()


def lease_of(bench: Bench) -> dt.datetime | None:
    with bench.archive.reading() as session:
        return session.scalars(select(Job.lease_until).where(Job.state == JobState.RUNNING)).one()


def test_only_the_leases_of_living_workers_are_renewed(bench: Bench) -> None:
    bench.send(page_png(licence_lines(1)))
    short = dt.timedelta(seconds=-1)
    with bench.archive.transaction() as session:
        assert jobs.claim(session, "living", lease=short) is not None

    with bench.archive.transaction() as session:
        jobs.renew(session, ["another"], lease=dt.timedelta(minutes=5))
    lapsed = lease_of(bench)
    with bench.archive.transaction() as session:
        jobs.renew(session, ["living"], lease=dt.timedelta(minutes=5))

    assert lapsed is not None
    assert lapsed < utc_now()
    renewed = lease_of(bench)
    assert renewed is not None
    assert renewed > utc_now()
