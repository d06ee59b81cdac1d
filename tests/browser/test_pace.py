"""How long the verify page keeps a practised clerk: key presses one after the other, think time not counted."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from records.terms import Role
from tests.browser.conftest import Served
from tests.browser.test_verify import doubtful_lines

RECORDS = 20


def test_a_practised_clerk_is_timed_over_twenty_records(desk: Served) -> None:
    desk.bench.file(*(doubtful_lines(number) for number in range(1, RECORDS + 1)))
    page = desk.log_in("clerk", Role.VERIFIER)
    page.get_by_role("link", name="开始核验").press("Enter")
    expect(page.locator(".open .value")).to_be_focused()
    started, keys = time.perf_counter(), 0

    for number in range(1, RECORDS + 1):
        for _doubt in range(page.locator(".doubt").count()):
            settled = page.locator(".doubt.confirmed").count()
            keys += 1
            page.keyboard.press("Alt+a")  # the paper of these does say so
            expect(page.locator(".doubt.confirmed")).to_have_count(settled + 1)
        keys += 1
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"本次已完成 {number} 份")).to_be_visible()
        if number < RECORDS:
            expect(page.locator(".open .value")).to_be_focused()

    seconds = (time.perf_counter() - started) / RECORDS
    shown = re.search(r"([\d.]+) 秒", page.locator("#progress").inner_text())
    assert shown is not None
    # Told, not judged: what a busy machine takes says nothing of the page. The goal is 6 s a record.
    print(f"\nverify: {seconds:.2f} s a record by {keys / RECORDS:.1f} keys; the page says {shown[1]} s")  # noqa: T201
