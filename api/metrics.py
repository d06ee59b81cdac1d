"""Metrics for Prometheus: counts and durations, no ids and no names, so that they may be read without a login."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from api.anchors import AnchorState, standing_of
from api.stamps import stamp_standing
from api.timestamping import Authority
from intake.archive import Archive
from intake.jobs import Job
from records.errors import StoreUnavailable
from records.ids import utc_now
from records.models import Document, Page
from records.terms import JobState

log = logging.getLogger(__name__)

REMEMBERED_S = 15.0
"""Counting walks indexes; however often somebody asks, it is done this often at most."""


class Metrics:
    """One registry for each application."""

    def __init__(self, archive: Archive, anchors: Path, authority: Authority | None = None) -> None:
        self._registry = CollectorRegistry()
        self._durations = Histogram(
            "guidang_request_seconds",
            "Time to answer, by route.",
            ("method", "route", "status"),
            registry=self._registry,
            buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0),
        )
        self._registry.register(_Counts(archive, anchors, authority))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self._durations.labels(method, route, f"{status // 100}xx").observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Counts(Collector):
    def __init__(self, archive: Archive, anchors: Path, authority: Authority | None) -> None:
        self._archive, self._anchors, self._authority = archive, anchors, authority
        self._lock = threading.Lock()
        self._families: list[GaugeMetricFamily] = []
        self._counted_at = float("-inf")

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()  # so that registering does not count

    def collect(self) -> Iterable[GaugeMetricFamily]:
        with self._lock:
            if time.monotonic() - self._counted_at > REMEMBERED_S:
                try:
                    self._families = [*self._count(), *self._anchored()]
                except StoreUnavailable:
                    log.warning("the database does not answer", extra={"action": "metrics.skipped"})
                    self._families = []
                self._counted_at = time.monotonic()
            return self._families

    def _count(self) -> Iterable[GaugeMetricFamily]:
        live = [JobState.READY, JobState.RUNNING, JobState.PARKED]
        by_step = select(Job.state, Job.step, func.count()).where(Job.state.in_(live)).group_by(Job.state, Job.step)
        by_state = select(Document.state, func.count()).group_by(Document.state)
        jobs = GaugeMetricFamily("guidang_jobs", "Jobs that are not done.", labels=("state", "step"))
        documents = GaugeMetricFamily("guidang_documents", "Documents by state.", labels=("state",))
        pages = GaugeMetricFamily("guidang_pages", "Pages read and kept.")
        with self._archive.reading() as session:
            for state, step, count in session.execute(by_step):
                jobs.add_metric((state, step), count)
            for state, count in session.execute(by_state):
                documents.add_metric((state,), count)
            pages.add_metric((), session.scalar(select(func.count()).select_from(Page)) or 0)
        return jobs, documents, pages

    def _anchored(self) -> Iterable[GaugeMetricFamily]:
        """Alert where the age passes a day, is not there, or where the last is not 1."""
        standing = standing_of(self._archive, self._anchors)
        if standing.anchor is not None:
            age = utc_now() - standing.anchor.moment
            yield GaugeMetricFamily(
                "guidang_anchor_age_seconds", "Since the chains were last anchored.", value=age.total_seconds()
            )
        yield GaugeMetricFamily(
            "guidang_anchor_agrees",
            "Whether the chains hold what was anchored last.",
            value=int(standing.state != AnchorState.CONTRADICTED),
        )
        stamp = stamp_standing(self._anchors, self._authority)
        if self._authority is not None and stamp.at is not None:
            yield GaugeMetricFamily(
                "guidang_timestamp_age_seconds",
                "Since an anchor was last time-stamped.",
                value=(utc_now() - stamp.at).total_seconds(),
            )
