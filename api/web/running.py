"""Running: jobs that are open, jobs that were parked, and the archive's parts."""

from __future__ import annotations

from fastapi import Request, Response

from api.deps import Reading, TheArchive, TheSettings, authority_of
from api.routes import jobs, system
from api.schemas.base import reason_of
from api.web.charts import bars_of
from api.web.pages import Visitor, router_of, show
from api.web.places import RUNNING
from records.terms import JobState, RescanReason, Role, Step

router = router_of(RUNNING)

SHOWN = 50
HOURS = 24
CHARTED = (Step.READ, Step.EXTRACT, Step.FILE)


@router.get("/running")
def get_running(
    request: Request,
    who: Visitor,
    archive: TheArchive,
    settings: TheSettings,
    session: Reading,
    counted: bool = False,
) -> Response:
    """`counted`: with the size of the archive, which is slow to find out."""
    counts = jobs.count_jobs(session).counts
    activity = jobs.get_activity(session, HOURS)
    parked = jobs.list_jobs(session, JobState.PARKED, None, SHOWN).items
    reasons = {job.id: reason_of(job.error_code) for job in parked}
    parts = system.get_system(archive, settings, session) if counted else None
    return show(
        request, "running.html", who=who, counts=counts, parked=parked, reasons=reasons, system=parts,
        workers=activity.workers, chart=bars_of(activity.hours), hours=activity.hours, steps=CHARTED,
        space=system.get_space(settings), anchor=system.get_anchor(archive, settings, authority_of(request)),
        may_send_back=who.actor.may(Role.ARCHIVIST), unread=(Step.READ, Step.EXTRACT),
        reasons_to_rescan=list(RescanReason),
    )  # fmt: skip
