"""The queue on both databases: each job to one worker, nothing lost, nothing counted twice."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, sessionmaker

from intake import jobs
from intake.jobs import Job
from records.errors import WrongState
from records.ids import utc_now
from records.models import Base
from records.terms import JobState, Step
from storage.database import open_engine, session_factory

LEASE = dt.timedelta(minutes=1)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    Base.metadata.create_all(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return session_factory(engine)


def add(sessions: sessionmaker[Session], *document_ids: str, step: Step = Step.READ) -> None:
    with sessions.begin() as session:
        for document_id in document_ids:
            jobs.enqueue(session, step, document_id)


def take(sessions: sessionmaker[Session], worker: str = "w") -> jobs.Claim | None:
    with sessions.begin() as session:
        return jobs.claim(session, worker, lease=LEASE)


def taken(sessions: sessionmaker[Session], worker: str = "w") -> jobs.Claim:
    claimed = take(sessions, worker)
    assert claimed is not None
    return claimed


def the_job(sessions: sessionmaker[Session]) -> Job:
    with sessions() as session:
        return session.scalars(select(Job)).one()


def test_many_workers_never_get_the_same_job(sessions: sessionmaker[Session]) -> None:
    add(sessions, *(f"d{n:03d}" for n in range(60)))

    def drain(worker: str) -> list[str]:
        got = []
        while claimed := take(sessions, worker):
            got.append(claimed.document_id)
            with sessions.begin() as session:
                jobs.finish(session, claimed)
        return got

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        got = [document_id for each in pool.map(drain, "abcdef") for document_id in each]

    assert sorted(got) == [f"d{n:03d}" for n in range(60)]


def test_what_has_come_far_is_taken_first(sessions: sessionmaker[Session]) -> None:
    add(sessions, "old", step=Step.READ)
    add(sessions, "new", step=Step.FILE)

    assert taken(sessions).document_id == "new"


def test_the_same_job_is_not_queued_twice_while_it_lives(sessions: sessionmaker[Session]) -> None:
    add(sessions, "d", "d")
    add(sessions, "d")

    assert the_job(sessions).document_id == "d"


def test_a_late_worker_cannot_finish_what_was_taken_over(sessions: sessionmaker[Session]) -> None:
    add(sessions, "d")
    late = taken(sessions, "late")
    let_lease_run_out(sessions)
    with sessions.begin() as session:
        assert jobs.release_expired(session) == 1
    current = taken(sessions, "current")

    with pytest.raises(jobs.LeaseLost), sessions.begin() as session:
        jobs.finish(session, late)
    with sessions.begin() as session:
        jobs.finish(session, current)
    assert the_job(sessions).state == JobState.DONE


def test_a_failure_rests_longer_each_time_and_is_parked_at_last(sessions: sessionmaker[Session]) -> None:
    add(sessions, "d")
    pauses = []
    for _ in range(jobs.MAX_ATTEMPTS):
        claimed = taken(sessions)
        with sessions.begin() as session:
            jobs.fail(session, claimed, code="store_unavailable", reason="x", may_retry=True)
        pauses.append((the_job(sessions).run_after - utc_now()).total_seconds())
        assert take(sessions) is None
        run_now(sessions)

    assert [round(pause) for pause in pauses] == [2, 8, 32, 128, 512]
    assert the_job(sessions).state == JobState.PARKED


def test_what_cannot_succeed_is_parked_at_once_and_can_be_tried_again(sessions: sessionmaker[Session]) -> None:
    add(sessions, "d")
    claimed = taken(sessions)
    with sessions.begin() as session:
        jobs.fail(session, claimed, code="engine_failed", reason="x", may_retry=False)
    assert the_job(sessions).state == JobState.PARKED

    with sessions.begin() as session:
        jobs.retry(session, claimed.job_id)

    assert taken(sessions).attempts == 1
    with pytest.raises(WrongState), sessions.begin() as session:
        jobs.retry(session, claimed.job_id)


def test_a_dead_workers_jobs_come_back_at_once_and_no_others(sessions: sessionmaker[Session]) -> None:
    add(sessions, "d1", "d2")
    dead, alive = taken(sessions, "dead"), taken(sessions, "alive")

    with sessions.begin() as session:
        assert jobs.release_worker(session, "dead") == 1

    assert taken(sessions).document_id == dead.document_id
    assert take(sessions) is None
    assert alive.document_id == "d2"


def test_a_rolled_back_cause_leaves_no_job(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        jobs.enqueue(session, Step.READ, "d")
        session.rollback()

    assert take(sessions) is None


def let_lease_run_out(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(update(Job).values(lease_until=utc_now() - dt.timedelta(seconds=1)))


def run_now(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(update(Job).where(Job.state == JobState.READY).values(run_after=utc_now()))
