"""What workers did lately: how many steps ended in each hour, and which workers are at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from intake.jobs import Job
from records.terms import JobState, Step

HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Hour:
    """`ended` counts the jobs that were done in the hour from `start`, by step."""

    start: dt.datetime
    ended: dict[Step, int]


@dataclass(frozen=True, kw_only=True)
class WorkerActivity:
    """A worker that has work in hand now or ended some in the last hour."""

    name: str
    step: Step | None
    document_id: str | None
    ended: int
    last_ended_at: dt.datetime | None


def hours_of(session: Session, *, now: dt.datetime, hours: int) -> list[Hour]:
    """The last so many hours, the present one included, oldest first."""
    present = now.replace(minute=0, second=0, microsecond=0)
    starts = [present - HOUR * back for back in range(hours - 1, -1, -1)]
    counts = [func.count().filter(and_(Job.finished_at >= start, Job.finished_at < start + HOUR)) for start in starts]
    rows = session.execute(select(Job.step, *counts).where(Job.finished_at >= starts[0]).group_by(Job.step)).all()
    return [_hour(start, at, rows) for at, start in enumerate(starts, 1)]


def workers_of(session: Session, *, now: dt.datetime) -> list[WorkerActivity]:
    in_hand = select(Job).where(Job.state == JobState.RUNNING, Job.lease_until > now)
    held = {job.worker: job for job in session.scalars(in_hand)}
    lately = (
        select(Job.worker, func.count(), func.max(Job.finished_at)).where(Job.finished_at >= now - HOUR)
    ).group_by(Job.worker)
    ended = {worker: (count, last) for worker, count, last in session.execute(lately)}
    return [
        WorkerActivity(
            name=name,
            step=Step(held[name].step) if name in held else None,
            document_id=held[name].document_id if name in held else None,
            ended=ended.get(name, (0, None))[0],
            last_ended_at=ended.get(name, (0, None))[1],
        )
        for name in sorted({each for each in (*held, *ended) if each})
    ]


def _hour(start: dt.datetime, at: int, rows: Sequence[Sequence[object]]) -> Hour:
    return Hour(start=start, ended={Step(str(row[0])): count for row in rows if isinstance(count := row[at], int)})
