"""A practised clerk at the verify page: key presses one after the other, think time not counted."""

from __future__ import annotations

from records.terms import Role
from tests.benchmark.pace import work_through
from tests.browser.conftest import Served
from tests.browser.test_verify import doubtful_lines

RECORDS = 5
LOOK_S = 2.0


def test_a_practised_clerk_never_waits_for_the_next_document(desk: Served) -> None:
    desk.bench.file(*(doubtful_lines(number) for number in range(1, RECORDS + 1)))
    page = desk.log_in("clerk", Role.VERIFIER)

    pace = work_through(page, desk.address, RECORDS, think_s=LOOK_S)

    # Seconds are for `make bench`: what a busy machine takes says nothing of the page. That it fetched ahead does.
    assert len(pace.records_s) == RECORDS
    assert pace.ahead == pace.asked == RECORDS - 1
    assert desk.bench.work() >= RECORDS
