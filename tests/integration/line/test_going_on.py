"""What follows without a wait is done in the same job; where that failed, each step goes alone."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from intake import pipeline
from intake.jobs import Job, claim, release_worker
from intake.pipeline import Reader
from intake.worker import work_once
from records.documents import pages_of
from records.errors import EngineFailed
from records.ids import utc_now
from records.models import AuditEntry
from records.terms import DocumentState, JobState, Step
from tests.archives import Bench, licence_lines
from tests.pixel_text import PixelTextEngine, page_png

LEASE = dt.timedelta(minutes=1)


def work(bench: Bench) -> bool:
    return work_once(bench.archive, Reader(PixelTextEngine()), "w", lease=LEASE)


def jobs_of(bench: Bench, document_id: str) -> dict[str, Job]:
    with bench.archive.reading() as session:
        return {job.step: job for job in session.scalars(select(Job).where(Job.document_id == document_id))}


def acts_on(bench: Bench, document_id: str) -> list[str]:
    of_it = select(AuditEntry.action).where(AuditEntry.object == f"document:{document_id}").order_by(AuditEntry.seq)
    with bench.archive.reading() as session:
        return list(session.scalars(of_it))


def test_one_job_files_what_nobody_need_look_at(bench: Bench) -> None:
    (document_id,) = bench.send(page_png(licence_lines(1)))

    work(bench)

    assert bench.document(document_id).state == DocumentState.FILED
    done = jobs_of(bench, document_id)
    assert {step: job.state for step, job in done.items()} == dict.fromkeys(
        (Step.READ, Step.EXTRACT, Step.FILE), JobState.DONE
    )
    assert [done[step].worker for step in (Step.READ, Step.EXTRACT, Step.FILE)] == ["w", None, None]
    assert acts_on(bench, document_id) == [
        "document.received", "document.read", "document.extracted", "document.filed"
    ]  # fmt: skip


def test_what_is_doubtful_is_read_and_waits(bench: Bench) -> None:
    (document_id,) = bench.send(page_png(licence_lines(1), confidence=0.3))

    work(bench)

    assert bench.document(document_id).state == DocumentState.WAITING
    assert set(jobs_of(bench, document_id)) == {Step.READ, Step.EXTRACT}


def test_a_job_done_again_goes_alone(bench: Bench) -> None:
    (document_id,) = bench.send(page_png(licence_lines(1)))
    with bench.archive.transaction() as session:
        assert claim(session, "dead", lease=LEASE)
        release_worker(session, "dead")

    work(bench)

    assert bench.document(document_id).state == DocumentState.READ
    assert jobs_of(bench, document_id)[Step.EXTRACT].state == JobState.READY
    while work(bench):
        pass
    assert bench.document(document_id).state == DocumentState.FILED


def test_a_step_that_fails_takes_nothing_of_the_step_before_it_and_is_named(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise EngineFailed(page_no=1)

    monkeypatch.setattr(pipeline, "extract_documents", fails)
    (document_id,) = bench.send(page_png(licence_lines(1)))
    for _ in range(3):
        work(bench)
        with bench.archive.transaction() as session:
            session.execute(update(Job).values(run_after=utc_now()))

    done = jobs_of(bench, document_id)
    assert (done[Step.READ].state, done[Step.READ].attempts) == (JobState.DONE, 2)
    assert done[Step.EXTRACT].error_code == EngineFailed.code
    assert acts_on(bench, document_id) == ["document.received", "document.read"]
    with bench.archive.reading() as session:
        assert len(pages_of(session, document_id)) == 1
