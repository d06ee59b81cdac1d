"""What a supervisor asks, without a login: alive, ready, and figures without a personal value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select

from api.deps import TheArchive
from api.schemas.operations import Health, Readiness
from intake.archive import Archive
from intake.jobs import PRIORITY, Job
from records.errors import ArchiveError
from records.ids import utc_now
from records.terms import JobState, Step
from storage.database import ping

router = APIRouter(tags=["health"])

RECENTLY = dt.timedelta(minutes=10)


@router.get("/healthz", summary="Whether the process is alive")
def healthz() -> Health:
    return Health()


@router.get("/readyz", summary="Whether the parts answer", responses={503: {"model": Readiness}})
def readyz(archive: TheArchive, response: Response) -> Readiness:
    checks: dict[str, Callable[[], object]] = {
        "database": lambda: ping(archive.engine),
        "objects": lambda: archive.objects.exists("readyz"),
        "keys": lambda: archive.keyring.has_key("readyz"),
    }
    parts = {name: _answers(check) for name, check in checks.items()}
    is_ready = all(answer == "answers" for answer in parts.values())
    response.status_code = 200 if is_ready else 503
    response.headers["Cache-Control"] = "no-store"
    return Readiness(is_ready=is_ready, parts=parts, workers=_workers(archive) if is_ready else "none_seen")


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "guidang_pages 120.0"}}}},
)
def metrics(request: Request) -> Response:
    return Response(request.app.state.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _answers(check: Callable[[], object]) -> Literal["answers", "does_not_answer"]:
    try:
        check()
    except ArchiveError:
        return "does_not_answer"
    return "answers"


def _workers(archive: Archive) -> Literal["active", "idle", "none_seen"]:
    """Active: something is or was lately in hand. None seen: work has been lying ready and nobody took it."""
    now = utc_now()
    in_hand = select(Job.id).where(Job.state == JobState.RUNNING, Job.lease_until > now).limit(1)
    # Of one priority only, so that an index gives it at once.
    done = select(Job.finished_at).where(Job.state == JobState.DONE, Job.priority == PRIORITY[Step.READ])
    newest = done.order_by(Job.id.desc()).limit(1)
    left_lying = select(Job.id).where(Job.state == JobState.READY, Job.run_after < now - RECENTLY).limit(1)
    with archive.reading() as session:
        finished_at = session.scalar(newest)
        if session.scalar(in_hand) is not None or (finished_at is not None and finished_at > now - RECENTLY):
            return "active"
        return "none_seen" if session.scalar(left_lying) is not None else "idle"
