"""Workers: processes that do the jobs, and the supervisor that keeps them honest.

A worker claims a job, does its step, and commits the effect together with the job's end. The supervisor watches from
outside: it stops a worker whose step takes too long, replaces one that dies (in native code, of a bomb, of a signal),
and gives what it had in hand back to the queue at once. Nothing a worker does counts before its commit.

A worker may die at any instruction, so the two share nothing that has a lock: a lock held by the dead is held for ever.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import logging
import multiprocessing as mp
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from sqlalchemy.orm import Session

from intake import jobs
from intake.archive import Archive
from intake.pipeline import Reader, run_step
from records.errors import ArchiveError, StoreUnavailable
from records.ids import new_id, utc_now

log = logging.getLogger(__name__)

IDLE_PAUSE_S = 0.25
WATCH_PAUSE_S = 0.1
LEASE = dt.timedelta(seconds=20)
"""How soon work is taken over where the supervisor is dead too; clocks of machines may differ by half of it."""
SWEEP_EVERY_S = 5.0
"""How often the supervisor renews the leases of its workers and takes back those that ran out."""
RESTART_PAUSE_S = 1.0

Opener = Callable[[], tuple[Archive, Reader]]
"""Opens the archive and the engine inside a worker process; must be picklable."""


@dataclass(frozen=True, kw_only=True)
class WorkerLimits:
    step_timeout_s: float
    memory_bytes: int
    """Address space beyond what the worker has once its engine is loaded."""


def work_once(archive: Archive, reader: Reader, worker: str, *, lease: dt.timedelta) -> bool:
    """Do one job, if there is one; tells whether there was."""
    claimed = _claim(archive, worker, lease)
    if claimed is None:
        return False
    _do(archive, reader, claimed, lambda _session: None)
    return True


def _claim(archive: Archive, worker: str, lease: dt.timedelta) -> jobs.Claim | None:
    with archive.transaction() as session:
        return jobs.claim(session, worker, lease=lease)


def _do(
    archive: Archive, reader: Reader, claimed: jobs.Claim, claim_next: Callable[[Session], jobs.Claim | None]
) -> tuple[bool, jobs.Claim | None]:
    """Do a job, and claim the next one in the transaction that ends it: one commit, one write to the disk, for both.

    Tells whether that transaction was committed for certain, and what was claimed.
    """
    extra = {"action": f"step.{claimed.step}", "document_id": claimed.document_id, "attempt": claimed.attempts}
    started = time.perf_counter()
    try:
        in_step = replace(archive, keyring=archive.keyring.for_one_step())
        effect = run_step(in_step, reader, claimed.step, claimed.document_id, goes_on=claimed.attempts == 1)
        with archive.transaction() as session:
            jobs.finish(session, claimed)
            effect(session)
            following = claim_next(session)
    except jobs.LeaseLost:
        log.warning("the job was taken over; its result is discarded", extra=extra)
    except Exception as error:  # the one place where a step's failure, whatever it is, becomes a failed job
        log.exception("the step failed", extra=extra)
        _report(archive, claimed, error)
    else:
        log.info("done", extra=extra | {"seconds": round(time.perf_counter() - started, 3)})
        return True, following
    return False, None


def _report(archive: Archive, claimed: jobs.Claim, error: Exception) -> None:
    """Put the job back or park it. Foreign messages may quote values, so only our own are kept."""
    own = isinstance(error, ArchiveError)
    code = error.code if isinstance(error, ArchiveError) else "unexpected"
    reason = str(error) if own else f"An error nobody foresaw: {type(error).__name__}."
    # What is certain to fail again is parked at once; the unforeseen may have been a passing fault.
    may_retry = error.retryable if isinstance(error, ArchiveError) else True
    try:
        with archive.transaction() as session:
            jobs.fail(session, claimed, code=code, reason=reason, may_retry=may_retry)
    except jobs.LeaseLost:
        log.warning("the failed job was taken over", extra={"action": "job.lost"})


def run_worker(
    opener: Opener, worker: str, limits: WorkerLimits, busy_since: ctypes.c_double, leash: Connection
) -> None:
    """The life of one worker process. It ends with the leash: when the supervisor lets go of it, or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides when to stop
    archive, reader = opener()
    limit_memory(limits.memory_bytes)

    def claim_next(session: Session) -> jobs.Claim | None:
        return None if leash.poll(0.0) else jobs.claim(session, worker, lease=LEASE)

    claimed, pause_s, dropped = None, 0.0, False
    while claimed is not None or not leash.poll(pause_s):
        busy_since.value = time.monotonic()
        pause_s = 0.0
        try:
            if dropped:
                _let_go(archive, worker)
                dropped = False
            if claimed is not None:
                is_done, claimed = _do(archive, reader, claimed, claim_next)
                dropped = not is_done
            elif (claimed := _claim(archive, worker, LEASE)) is None:
                pause_s = IDLE_PAUSE_S
        except StoreUnavailable:
            log.warning("a store does not answer; waiting", extra={"action": "worker.waits"})
            claimed, pause_s, dropped = None, IDLE_PAUSE_S, True
        busy_since.value = 0.0


def _let_go(archive: Archive, worker: str) -> None:
    """Give back what was dropped when a store failed, or may have been claimed by a commit whose answer was lost.

    Nobody else would: its lease is renewed as long as this worker lives.
    """
    with archive.transaction() as session:
        jobs.release_worker(session, worker)


def limit_memory(extra_bytes: int) -> None:
    """Let a bomb end in MemoryError inside this process rather than in the machine's."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - no path of ours
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + extra_bytes, resource.RLIM_INFINITY))


class Supervisor:
    """Keeps `count` workers alive until `stop` is called. Runs in one thread of the calling process."""

    def __init__(self, archive: Archive, opener: Opener, count: int, limits: WorkerLimits) -> None:
        self._archive, self._opener, self._limits = archive, opener, limits
        self._context = mp.get_context("spawn")
        self._is_stopping = False
        self._next_sweep = 0.0
        # Nothing is ever written into this pipe: workers see its end when the supervisor closes it, or dies.
        self._leash, self._leash_hand = self._context.Pipe(duplex=False)
        self._slots: list[_Slot] = [_Slot() for _ in range(count)]

    def run(self) -> None:
        """Watch until stopped; then let workers finish what they have in hand."""
        while not self._is_stopping:
            for slot in self._slots:
                self._tend(slot)
            self._sweep()
            time.sleep(WATCH_PAUSE_S)
        self._wind_down()

    def stop(self) -> None:
        """May be called from a signal's handler."""
        self._is_stopping = True

    def _tend(self, slot: _Slot) -> None:
        if slot.process is None:
            if time.monotonic() >= slot.start_after:
                self._start(slot)
        elif not slot.process.is_alive():
            log.warning("a worker died", extra={"action": "worker.died", "exit_code": slot.process.exitcode})
            self._replace(slot)
        elif slot.busy_for_s() > self._limits.step_timeout_s:
            log.warning("a step took too long; its worker is stopped", extra={"action": "worker.timed_out"})
            slot.process.kill()
            slot.process.join()
            self._replace(slot)

    def _start(self, slot: _Slot) -> None:
        slot.worker = f"{os.uname().nodename}-{new_id()[-8:]}"
        slot.busy_since = self._context.RawValue(ctypes.c_double, 0.0)
        slot.process = self._context.Process(
            target=run_worker,
            args=(self._opener, slot.worker, self._limits, slot.busy_since, self._leash),
            name=f"guidang-{slot.worker}",
            daemon=True,
        )
        slot.process.start()

    def _replace(self, slot: _Slot) -> None:
        slot.process, slot.start_after = None, time.monotonic() + RESTART_PAUSE_S
        try:
            with self._archive.transaction() as session:
                jobs.release_worker(session, slot.worker)
        except StoreUnavailable:
            log.warning("the dead worker's job waits for its lease to run out", extra={"action": "worker.released"})

    def _sweep(self) -> None:
        if time.monotonic() < self._next_sweep:
            return
        self._next_sweep = time.monotonic() + SWEEP_EVERY_S
        living = [slot.worker for slot in self._slots if slot.process is not None and slot.process.is_alive()]
        try:
            with self._archive.transaction() as session:
                jobs.renew(session, living, lease=LEASE)
                jobs.release_expired(session)
        except StoreUnavailable:
            log.warning("the database does not answer", extra={"action": "supervisor.waits"})

    def _wind_down(self) -> None:
        self._leash_hand.close()
        deadline = time.monotonic() + self._limits.step_timeout_s
        for slot in self._slots:
            while slot.process is not None and slot.process.is_alive():
                self._sweep()
                slot.process.join(WATCH_PAUSE_S)
                if time.monotonic() > deadline:
                    slot.process.kill()
        self._leash.close()


class _Slot:
    """A place for one worker process."""

    def __init__(self) -> None:
        self.process: SpawnProcess | None = None
        self.worker = ""
        self.busy_since: ctypes.c_double | None = None
        self.start_after = 0.0

    def busy_for_s(self) -> float:
        since = self.busy_since.value if self.busy_since is not None else 0.0
        return time.monotonic() - since if since else 0.0


def drain(archive: Archive, reader: Reader, *, until: dt.datetime) -> int:
    """Do all jobs that are ready in this process (for tests and one-off commands); tells how many."""
    done = 0
    while utc_now() < until and work_once(archive, reader, "drain", lease=dt.timedelta(minutes=5)):
        done += 1
    return done
