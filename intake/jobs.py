"""Jobs: the durable work of the line, in the same database as what it works on.

A worker claims a job for the length of a lease and gets a fence number with it; whatever the job produced is committed
together with `finish`, which holds only while the fence is still the claimer's. So a worker that was thought dead can
do no harm, and a job that was interrupted is simply done again: nothing lost, nothing doubled.

Work that fails is tried again with growing pauses; what keeps failing is parked where people see it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Index, Table, and_, bindparam, exists, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from records.errors import Conflict, NotFound, WrongState
from records.ids import new_id, utc_now
from records.models import Base
from records.terms import JobState, Step

MAX_ATTEMPTS = 5
FIRST_PAUSE = dt.timedelta(seconds=2)
PAUSE_FACTOR = 4

PRIORITY = {Step.FILE: 0, Step.INDEX: 1, Step.EXTRACT: 2, Step.READ: 3}
"""Lower first: what has come far is finished before new work is begun."""


class LeaseLost(Conflict):
    """Another worker has taken this job over; what was done for it is discarded."""

    code = "lease_lost"


class Job(Base):
    """One step of one document. At most one live job for each pair."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_claim", "state", "priority", "id"),
        Index("ix_jobs_finished_at", "finished_at"),
        Index(
            "uq_jobs_live",
            "document_id",
            "step",
            unique=True,
            sqlite_where=text("state != 'done'"),
            postgresql_where=text("state != 'done'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    step: Mapped[str]
    document_id: Mapped[str]
    priority: Mapped[int]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[dt.datetime] = mapped_column(default=utc_now)
    lease_until: Mapped[dt.datetime | None]
    worker: Mapped[str | None]
    fence: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[dt.datetime | None]


# On the table, and made once: every step of every document goes through these.
_jobs = cast(Table, Job.__table__)
_IS_LIVE = exists().where(
    _jobs.c.document_id == bindparam("document_id"), _jobs.c.step == bindparam("step"), _jobs.c.state != JobState.DONE
)
_ADDED = ("id", "step", "document_id", "priority", "state", "attempts", "run_after", "fence", "created_at")
_ADD = insert(_jobs).from_select(
    _ADDED, select(*(bindparam(name, type_=_jobs.c[name].type) for name in _ADDED)).where(~_IS_LIVE)
)
_NEXT = (
    select(_jobs.c.id)
    .where(_jobs.c.state == JobState.READY, _jobs.c.run_after <= bindparam("now"))
    .order_by(_jobs.c.priority, _jobs.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = (
    update(_jobs)
    .where(_jobs.c.id == _NEXT)
    .values(
        state=JobState.RUNNING,
        worker=bindparam("claimer"),
        lease_until=bindparam("until"),
        attempts=_jobs.c.attempts + 1,
        fence=_jobs.c.fence + 1,
    )
    .returning(_jobs.c.id, _jobs.c.step, _jobs.c.document_id, _jobs.c.attempts, _jobs.c.fence)
)
_IS_MINE = and_(
    _jobs.c.id == bindparam("job_id"), _jobs.c.fence == bindparam("held"), _jobs.c.state == JobState.RUNNING
)
_FINISH = update(_jobs).where(_IS_MINE).values(
    state=JobState.DONE, finished_at=bindparam("now"), lease_until=None, error=None, error_code=None
)  # fmt: skip
_PASS = insert(_jobs)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A job in a worker's hands until `lease_until`."""

    job_id: str
    step: Step
    document_id: str
    attempts: int
    fence: int
    lease_until: dt.datetime


def enqueue(session: Session, step: Step, document_id: str) -> None:
    """Add the job in the transaction of what causes it. Harmless if the same job is live."""
    now = utc_now()
    job = {
        "id": new_id(),
        "step": step,
        "document_id": document_id,
        "priority": PRIORITY[step],
        "state": JobState.READY,
    }
    session.execute(_ADD, job | {"attempts": 0, "fence": 0, "run_after": now, "created_at": now})


def passed(session: Session, step: Step, document_id: str) -> None:
    """Write down a step that followed another at once: done in this transaction, it never waited in the queue."""
    now = utc_now()
    job = {"id": new_id(), "step": step, "document_id": document_id, "priority": PRIORITY[step]}
    job |= {"state": JobState.DONE, "attempts": 1, "fence": 0, "run_after": now, "created_at": now, "finished_at": now}
    session.execute(_PASS, job)


def claim(session: Session, worker: str, *, lease: dt.timedelta) -> Claim | None:
    """Take the next job that is ready, or None. Two workers never get the same one."""
    now = utc_now()
    taken = session.execute(_CLAIM, {"now": now, "claimer": worker, "until": now + lease}).one_or_none()
    if taken is None:
        return None
    job_id, step, document_id, attempts, fence = taken
    return Claim(
        job_id=job_id,
        step=Step(step),
        document_id=document_id,
        attempts=attempts,
        fence=fence,
        lease_until=now + lease,
    )


def finish(session: Session, claimed: Claim) -> None:
    """Mark the job done in the transaction of its effects.

    Raises:
        LeaseLost: the lease ran out and the job was taken over; the caller's transaction must be rolled back.
    """
    ended = session.execute(_FINISH, {"job_id": claimed.job_id, "held": claimed.fence, "now": utc_now()})
    if cast("CursorResult[Any]", ended).rowcount != 1:
        raise LeaseLost(job_id=claimed.job_id)


def fail(session: Session, claimed: Claim, *, code: str, reason: str, may_retry: bool) -> JobState:
    """Put the job back with a pause, or park it; `reason` carries no personal value."""
    parked = not may_retry or claimed.attempts >= MAX_ATTEMPTS
    state = JobState.PARKED if parked else JobState.READY
    _change(
        session,
        claimed,
        state=state,
        run_after=utc_now() + pause_after(claimed.attempts),
        lease_until=None,
        error_code=code,
        error=reason,
    )
    return state


def pause_after(attempts: int) -> dt.timedelta:
    """How long a job rests after its nth failure: 2, 8, 32, 128 s."""
    return FIRST_PAUSE * int(PAUSE_FACTOR ** (attempts - 1))


def renew(session: Session, workers: Sequence[str], *, lease: dt.timedelta) -> None:
    """Lengthen the leases of workers that are known to live."""
    held = and_(Job.state == JobState.RUNNING, Job.worker.in_(workers))
    _rowcount(session, update(Job).where(held).values(lease_until=utc_now() + lease))


def release_expired(session: Session) -> int:
    """Take back jobs whose lease ran out (the worker died or hung): ready again, or parked after too many attempts."""
    now = utc_now()
    expired = and_(Job.state == JobState.RUNNING, Job.lease_until < now)
    parked = _bulk(session, expired & (Job.attempts >= MAX_ATTEMPTS), JobState.PARKED)
    return parked + _bulk(session, expired, JobState.READY)


def release_worker(session: Session, worker: str) -> int:
    """Take back at once what a worker known to be dead had in hand."""
    held = and_(Job.state == JobState.RUNNING, Job.worker == worker)
    parked = _bulk(session, held & (Job.attempts >= MAX_ATTEMPTS), JobState.PARKED)
    return parked + _bulk(session, held, JobState.READY)


def retry(session: Session, job_id: str) -> Job:
    """Try a parked job again from the beginning."""
    job = _parked(session, job_id)
    job.state, job.attempts, job.run_after = JobState.READY, 0, utc_now()
    session.flush()
    return job


def give_up(session: Session, job_id: str) -> Job:
    """End a parked job without its work: what it was for goes another way."""
    job = _parked(session, job_id)
    job.state, job.finished_at = JobState.DONE, utc_now()
    session.flush()
    return job


def _parked(session: Session, job_id: str) -> Job:
    job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one_or_none()
    if job is None:
        raise NotFound(job_id=job_id)
    if job.state != JobState.PARKED:
        raise WrongState(job_id=job_id, state=job.state)
    return job


def _bulk(session: Session, condition: object, state: JobState) -> int:
    values = {"state": state, "lease_until": None, "error_code": "worker_lost", "run_after": utc_now()}
    values["error"] = "The worker stopped while it had this job."
    statement = update(Job).where(condition).values(values)  # type: ignore[arg-type]
    return _rowcount(session, statement)


def _change(session: Session, claimed: Claim, **values: object) -> None:
    mine = and_(Job.id == claimed.job_id, Job.fence == claimed.fence, Job.state == JobState.RUNNING)
    if _rowcount(session, update(Job).where(mine).values(values)) != 1:
        raise LeaseLost(job_id=claimed.job_id)


def _rowcount(session: Session, statement: object) -> int:
    result = session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
