"""Jobs: what is under way, and what keeps failing and may be tried again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from api.deps import Reading, TheActor, Writing, require
from api.paging import Cursor, Limit, Order, page
from api.schemas.base import Listed
from api.schemas.operations import (
    ActivityView,
    HourView,
    JobCount,
    JobCounts,
    JobSendBackBody,
    JobView,
    WorkerView,
)
from intake import activity, jobs
from intake.jobs import Job
from records import audit
from records.ids import utc_now
from records.terms import JobState, Role, Step
from records.verification import SendingBack, send_back_unread
from retention.due import REFUSED_CLASS, REFUSED_DAYS

router = APIRouter(tags=["jobs"], dependencies=[require(Role.ADMINISTRATOR, Role.ARCHIVIST)])

LIVE = (JobState.READY, JobState.RUNNING, JobState.PARKED)


@router.get("/jobs", summary="List the jobs of one state, the parked ones unless told")
def list_jobs(
    session: Reading,
    state: Annotated[JobState, Query()] = JobState.PARKED,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[JobView]:
    # By priority and then id, as the index on jobs has them and as they are done.
    order = Order(columns=(Job.priority, Job.id), types=(int, str))
    found, next_cursor = page(session, select(Job).where(Job.state == state), order, (cursor, limit))
    return Listed(items=[JobView.model_validate(job) for job in found], next_cursor=next_cursor)


@router.get("/jobs/counts", summary="How many jobs are not done, by state and step")
def count_jobs(session: Reading) -> JobCounts:
    counted = select(Job.state, Job.step, func.count()).where(Job.state.in_(LIVE)).group_by(Job.state, Job.step)
    rows = session.execute(counted.order_by(Job.state, Job.step))
    counts = [JobCount(state=JobState(state), step=Step(step), count=count) for state, step, count in rows]
    return JobCounts(counts=counts)


@router.get("/jobs/activity", summary="Steps ended in each of the last hours, and the workers at it")
def get_activity(session: Reading, hours: Annotated[int, Query(ge=1, le=168)] = 24) -> ActivityView:
    now = utc_now()
    return ActivityView(
        hours=[HourView.model_validate(hour) for hour in activity.hours_of(session, now=now, hours=hours)],
        workers=[WorkerView.model_validate(worker) for worker in activity.workers_of(session, now=now)],
    )


@router.post("/jobs/{job_id}/retry", summary="Try a parked job again")
def retry_job(job_id: str, actor: TheActor, session: Writing) -> JobView:
    job = jobs.retry(session, job_id)
    audit.record(session, actor, "job.retried", f"document:{job.document_id}", step=job.step)
    return JobView.model_validate(job)


@router.post(
    "/jobs/{job_id}/send-back",
    summary="Ask the station for a better scan of what a parked job cannot read",
    dependencies=[require(Role.ARCHIVIST)],
)
def send_back(job_id: str, body: JobSendBackBody, actor: TheActor, session: Writing) -> JobView:
    job = jobs.give_up(session, job_id)
    order = SendingBack(reason=body.reason, version=None, refused_class=REFUSED_CLASS, kept_days=REFUSED_DAYS)
    send_back_unread(session, actor, job.document_id, order)
    return JobView.model_validate(job)
