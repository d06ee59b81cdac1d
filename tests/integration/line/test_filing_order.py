"""Locks are taken in one order by everybody: counters first, the end of the audit log last."""

from __future__ import annotations

import datetime as dt
import threading
import time

from sqlalchemy import select

from intake.jobs import Job
from intake.pipeline import Reader
from intake.worker import work_once
from records import audit
from records.models import Counter
from records.terms import DocumentState
from tests.archives import Bench, actor, licence_lines
from tests.pixel_text import PixelTextEngine, page_png

LEASE = dt.timedelta(minutes=1)


def test_opening_a_customer_waits_for_no_number_while_it_holds_the_audit_log(bench: Bench) -> None:
    """Filing for a known customer takes an archival code, then records; for a new one it must not be the reverse."""
    bench.file(licence_lines(1))
    (document_id,) = bench.send(page_png(licence_lines(2)))
    reader = Reader(PixelTextEngine())
    filing = threading.Thread(target=work_once, args=(bench.archive, reader, "w"), kwargs={"lease": LEASE})

    with bench.archive.transaction() as session:
        session.scalars(select(Counter).where(Counter.name.like("%KH·%")).with_for_update()).all()
        filing.start()
        time.sleep(0.5)  # until it waits for the number
        audit.record(session, actor("somebody"), "thing.done", "thing:1")
    filing.join()

    assert bench.document(document_id).state == DocumentState.FILED
    with bench.archive.reading() as session:
        assert session.scalars(select(Job.attempts).where(Job.document_id == document_id)).all() == [1, 1, 1]
