"""The crash test of the line: worker, server and station killed in turn at random moments while papers flow through.

    papers → folder → station ⇄ service with its workers → archive

Papers are added as long as kills go on, so that every kill meets work under way. Afterwards everything is let finish,
and `judgement.faults` says what was lost or done twice.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from api.settings import Settings
from intake import jobs
from intake.archive import Archive
from intake.jobs import Job
from records import accounts
from records.models import BatchFile
from records.terms import JobState
from tests.archives import Bench, actor, open_bench
from tests.crash.judgement import faults
from tests.crash.papers import Papers
from tests.crash.processes import DidNotHappen, Service, Station, command_line

KINDS = ("worker", "server", "station")
MOST_WAITING = 12
MOST_JOBS = 30
AT_ONCE = 0.15
"""How often a kill does not wait for work to go on."""
PROGRESS_PATIENCE_S = 120.0
ORPHANS_PATIENCE_S = 30.0
FINISH_PATIENCE_S = 300.0

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run came to. `faults` is what must be empty."""

    seed: int
    kills: dict[str, int]
    documents: int
    batches: int
    parked_and_retried: int
    seconds: float
    faults: list[str]


def run_crash_test(
    directory: Path, settings: Settings, *, kills: int, seed: int, say: Say = lambda _line: None
) -> Outcome:
    """Kill each kind `kills` times. The archive of the settings must be new."""
    began = time.monotonic()
    bench = open_bench(settings)
    try:
        with _running(directory, bench) as stage:
            run = _Run(stage, random.Random(seed), say)
            run.kill_in_turn(kills)
            retried = run.let_finish()
            stopped = stage.stop()
        found = stopped + faults(bench.archive, stage.papers)
        return Outcome(
            seed=seed,
            kills=dict(run.killed),
            documents=len(stage.papers.sha256_of),
            batches=stage.papers.receipts(),
            parked_and_retried=retried,
            seconds=time.monotonic() - began,
            faults=found,
        )
    finally:
        bench.archive.close()


@dataclass
class _Stage:
    archive: Archive
    papers: Papers
    service: Service
    station: Station

    def stop(self) -> list[str]:
        """Stop both in order; what did not stop, or was left behind, is a fault."""
        self.station.kill()
        found = []
        try:
            status = self.service.stop()
            if status != 0:
                found.append(f"the service stopped with status {status}")
        except DidNotHappen as hung:
            found.append(str(hung))
        deadline = time.monotonic() + ORPHANS_PATIENCE_S
        while (left := self.service.left_behind()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found + [f"a process was left behind: {command_line(pid)}" for pid in left]


@contextmanager
def _running(directory: Path, bench: Bench) -> Iterator[_Stage]:
    with bench.archive.transaction() as session:
        _, token = accounts.create_station(session, actor("setup"), name="二号扫描站", region_code="HD")
    papers = Papers(directory / "scans")
    service = Service(directory, bench.settings)
    station = Station(directory, papers.folder, service.address, token)
    try:
        service.start()
        station.start()
        service.wait_until_ready()
        yield _Stage(bench.archive, papers, service, station)
    finally:
        station.clear()
        service.clear()


class _Run:
    def __init__(self, stage: _Stage, chance: random.Random, say: Say) -> None:
        self._stage, self._chance, self._say = stage, chance, say
        self.killed: Counter[str] = Counter()

    def kill_in_turn(self, kills: int) -> None:
        for number in range(kills * len(KINDS)):
            kind = KINDS[number % len(KINDS)]
            self._wait_for_the_moment(kind)
            getattr(self, f"_kill_{kind}")()
            self.killed[kind] += 1
            if (number + 1) % 30 == 0:
                self._say(f"{number + 1} kills, {len(self._stage.papers.sha256_of)} papers")

    def _wait_for_the_moment(self, kind: str) -> None:
        """At some moment after work went on since the last kill; now and then at once, while something still starts."""
        if self._chance.random() < AT_ONCE:
            return self._flow_for(self._chance.uniform(0.0, 1.0))
        goal = self._progress(kind) + self._chance.randint(1, 5)
        deadline = time.monotonic() + PROGRESS_PATIENCE_S
        while self._progress(kind) < goal:
            if time.monotonic() > deadline:
                raise DidNotHappen(f"nothing goes on: {kind}")
            self._flow_for(0.05)
        return self._flow_for(self._chance.uniform(0.0, 0.25))

    def _progress(self, kind: str) -> int:
        """What the victim has done so far: jobs, files received, or scans taken out of the folder."""
        with self._stage.archive.reading() as session:
            done = session.scalar(select(func.count()).select_from(Job).where(Job.state == JobState.DONE)) or 0
            arrived = session.scalar(select(func.count()).select_from(BatchFile)) or 0
        sent = sum(1 for _ in self._stage.papers.folder.glob("sent/*"))
        return {"worker": done, "server": done + arrived, "station": arrived + sent}[kind]

    def _flow_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            self._add_papers()
            if time.monotonic() >= until:
                return
            time.sleep(min(0.1, max(0.0, until - time.monotonic())))

    def _add_papers(self) -> None:
        if self._stage.papers.waiting() < MOST_WAITING and _live_jobs(self._stage.archive) < MOST_JOBS:
            self._stage.papers.scan(self._chance.randint(1, 6))

    def _kill_worker(self) -> None:
        """One of the workers; its supervisor starts another."""
        service = self._stage.service
        deadline = time.monotonic() + 60
        while not (pids := service.worker_pids()):
            if time.monotonic() > deadline:
                raise DidNotHappen("there is no worker to kill")
            self._flow_for(0.1)
        service.kill_worker(self._chance.choice(pids))

    def _kill_server(self) -> None:
        """With its workers, as when the power goes, or alone, as for want of memory; at times while it starts."""
        service = self._stage.service
        service.kill(whole=self._chance.random() < 0.5)
        service.start()
        if self._chance.random() < 0.25:
            self._flow_for(self._chance.uniform(0.0, 2.5))
            service.kill()
            service.start()
            self.killed["server"] += 1
        service.wait_until_ready()

    def _kill_station(self) -> None:
        self._stage.station.kill()
        self._stage.station.start()

    def let_finish(self) -> int:
        """Wait until all is sent and worked off; what was parked by too many kills is tried again, and counted."""
        deadline, retried = time.monotonic() + FINISH_PATIENCE_S, 0
        while True:
            live = _live_jobs(self._stage.archive)
            parked = _parked(self._stage.archive)
            is_sent = not self._stage.papers.waiting() and self._stage.papers.is_settled()
            if is_sent and not live and not parked:
                return retried
            for job_id in parked:
                with self._stage.archive.transaction() as session:
                    jobs.retry(session, job_id)
                retried += 1
            if time.monotonic() > deadline:
                raise DidNotHappen(f"not finished: {self._stage.papers.waiting()} scans wait, {live} jobs live")
            time.sleep(0.2)


def _live_jobs(archive: Archive) -> int:
    live = select(func.count()).select_from(Job).where(Job.state.in_([JobState.READY, JobState.RUNNING]))
    with archive.reading() as session:
        return session.scalar(live) or 0


def _parked(archive: Archive) -> list[str]:
    """Parked because their worker was killed each time. Any other reason stays, and keeps the run from finishing."""
    killed = select(Job.id).where(Job.state == JobState.PARKED, Job.error_code == "worker_lost")
    with archive.reading() as session:
        return list(session.scalars(killed))
