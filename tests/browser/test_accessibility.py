"""No page has a serious finding of axe, in either language."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from records.terms import Role
from tests.archives import licence_lines
from tests.browser.conftest import Served, picture
from tests.browser.test_verify import doubtful_lines

GRAVE = ("serious", "critical")


def findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {each['id']}: {node['html'][:200]}"
        for each in violations
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def test_no_page_has_a_serious_finding(desk: Served) -> None:
    filed, waiting = desk.bench.file(licence_lines(1), doubtful_lines(2))
    desk.bench.send(b"no picture at all")
    customer_id, batch_id = desk.bench.document(filed).customer_id, desk.bench.document(filed).batch_id
    page = desk.sit_down()
    page.goto(f"{desk.address}/login")
    found = findings(page)
    page = desk.log_in("everybody", Role.ARCHIVIST, Role.VERIFIER, Role.APPROVER)

    for path in (
        "/password", "/verify", "/search", "/batches", f"/batches/{batch_id}", f"/batches/{batch_id}/receipt",
        "/customers", f"/customers/{customer_id}", f"/documents/{filed}", "/retention",
        "/retention/appraisals", "/retention/schedules", "/retention/schedules/1",
        "/retention/requests", "/retention/calendar", "/retention/yearbook", "/register", "/running",
        "/retention/delegations",
        "/verify/group", "/settings", "/settings/templates/new",
        "/documents/nothing",
    ):  # fmt: skip
        page.goto(desk.address + path)
        found += findings(page)
    page.goto(f"{desk.address}/verify/{waiting}")
    expect(page.locator(".open .value")).to_be_focused()
    found += findings(page)
    page.goto(f"{desk.address}/search")
    page.keyboard.type("青禾")
    page.keyboard.press("Enter")
    expect(page.locator(".hit a")).to_have_count(1)
    found += findings(page)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="中文")).to_be_visible()
    found += findings(page)

    assert found == []


def test_all_of_a_page_is_there_at_1366_by_768(desk: Served) -> None:
    filed, waiting = desk.bench.file(licence_lines(1), doubtful_lines(2))
    customer_id, batch_id = desk.bench.document(filed).customer_id, desk.bench.document(filed).batch_id
    page = desk.log_in("clerk", Role.ARCHIVIST, Role.SCANNER)

    for path in (
        "/search", "/verify", "/verify/group", f"/verify/{waiting}", "/batches", f"/batches/{batch_id}",
        f"/batches/{batch_id}/receipt", "/customers", f"/customers/{customer_id}", f"/documents/{filed}", "/retention",
        "/retention/appraisals", "/retention/schedules", "/retention/requests", "/retention/calendar",
        "/retention/yearbook", "/register",
        "/running", "/settings", "/settings/templates/new",
    ):  # fmt: skip
        page.goto(desk.address + path)
        page.wait_for_load_state("networkidle")
        wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wider, path


def test_paper_shows_what_is_read_and_not_what_is_pressed(desk: Served) -> None:
    (filed,) = desk.bench.file(licence_lines(1))
    page = desk.log_in("clerk", Role.ARCHIVIST, then=f"/documents/{filed}")
    expect(page.locator(".stage img")).to_be_visible()
    page.emulate_media(media="print")

    for gone in (".top", ".tools", "#reveal", "#fixity"):
        expect(page.locator(gone).first).to_be_hidden()
    for there in (".stage img", ".fields", ".way"):
        expect(page.locator(there).first).to_be_visible()
    picture(page, "document-on-paper")
