"""The workplaces of station and clerk, in the states they have while one works: no serious finding of axe."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import update

from intake.receive import BatchOrder, open_batch
from records.models import Field
from records.terms import FieldState, Role
from tests.browser.conftest import Served
from tests.browser.test_accessibility import findings
from tests.browser.test_verify import doubtful_lines


def test_the_workplaces_have_no_serious_finding(desk: Served) -> None:
    desk.bench.file(*(doubtful_lines(number) for number in range(1, 4)))
    with desk.bench.archive.transaction() as session:
        session.execute(update(Field).where(Field.name == "address").values(state=FieldState.DOUBTFUL))
        order = BatchOrder(operator="operator", declared_files=2, capture={})
        batch_id = open_batch(session, desk.bench.station, order).id
    page = desk.log_in("clerk", Role.VERIFIER, Role.SCANNER, then="/verify/next")
    found = []

    for key, words in (("Alt+n", "搁置请教"), ("Alt+r", "退回重扫")):
        expect(page.locator(".open .value")).to_be_visible()
        page.keyboard.press(key)
        expect(page.get_by_role("dialog", name=words)).to_be_visible()
        found += findings(page)
        if key == "Alt+n":
            page.get_by_role("dialog").get_by_label("说明").fill("待查")
        page.get_by_role("dialog").get_by_role("button", name="确定").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    for path in ("/verify", "/verify/group", "/batches", f"/batches/{batch_id}"):
        page.goto(desk.address + path)
        found += findings(page)
    page.goto(f"{desk.address}/verify/group?kind=business_license&name=address")
    expect(page.locator(".crop")).to_have_count(1)
    page.keyboard.press("Space")
    found += findings(page)

    assert found == []
