"""Somebody entitled finds a record, reads it, and sees a number only for a purpose."""

from __future__ import annotations

import json

from playwright.sync_api import expect
from sqlalchemy import select

from records.models import AuditEntry
from records.terms import Role
from tests.archives import credit_code, licence_lines
from tests.browser.conftest import Served, picture

ID_NUMBER = "11010519491231002X"


def test_a_record_is_found_by_region_and_name_and_read(desk: Served) -> None:
    desk.bench.file(*(licence_lines(number) for number in range(1, 6)))
    page = desk.log_in("reader", Role.APPROVER, Role.VERIFIER, then="/search")
    expect(page.get_by_role("searchbox")).to_be_focused()

    page.keyboard.type("华东 青禾三科技")
    page.keyboard.press("Enter")

    expect(page.get_by_text("找到 1 条", exact=True).first).to_be_visible()
    expect(page.locator("mark").first).to_have_text("青禾三科技")
    expect(page.locator(".hit a")).to_be_focused()
    picture(page, "search")
    assert "青禾" not in page.url
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="上海青禾三科技有限公司")).to_be_visible()
    page.get_by_role("button", name="赵青禾").click()
    expect(page.locator(".lit")).to_be_visible()
    expect(page.locator(".line", has_text="赵青禾")).to_have_count(1)
    page.get_by_role("button", name="核对完整性").click()
    expect(page.locator("#fixity-said")).to_contain_text("与存入时完全一致")
    picture(page, "document")

    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("华东 青禾三科技")
    expect(page.locator(".hit a")).to_have_count(1)
    page.get_by_role("searchbox").fill(credit_code(2))
    page.keyboard.press("Enter")
    expect(page.locator(".hit a")).to_have_text("上海青禾二科技有限公司")
    assert credit_code(2) not in page.url


def test_the_keyboard_goes_through_results(desk: Served) -> None:
    desk.bench.file(*(licence_lines(number) for number in range(1, 4)))
    page = desk.log_in("reader", Role.VERIFIER, then="/search")
    page.keyboard.type("科技有限公司")
    page.keyboard.press("Enter")
    links = page.locator(".hit a")
    expect(links).to_have_count(3)
    expect(links.nth(0)).to_be_focused()

    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("combobox", name="种类").select_option("id_card")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("没有符合条件的档案")).to_be_visible()


def test_another_region_is_not_found(desk: Served) -> None:
    (document_id,) = desk.bench.file(licence_lines(1))
    page = desk.log_in("elsewhere", Role.VERIFIER, regions=["HB"], then="/search")
    page.keyboard.type("青禾一科技")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有符合条件的档案")).to_be_visible()

    page.goto(f"{desk.address}/documents/{document_id}")

    expect(page.get_by_role("alert")).to_have_text("没有该对象，或您无权查看。")


def test_a_number_is_shown_in_full_for_a_purpose_and_the_log_knows(desk: Served) -> None:
    (document_id,) = desk.bench.file(
        ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 女 民族 汉", "出生 1949年12月31日",
         "住址 北京市朝阳区青禾路1号", f"公民身份号码 {ID_NUMBER}"]
    )  # fmt: skip
    page = desk.log_in("reader", Role.VERIFIER, then=f"/documents/{document_id}")
    expect(page.get_by_text("110105********002X").first).to_be_visible()
    assert ID_NUMBER not in page.content()

    page.get_by_role("combobox", name="用途").select_option("legal_request")
    page.get_by_role("button", name="显示完整号码").click()

    expect(page.get_by_role("button", name=ID_NUMBER)).to_be_visible()
    with desk.bench.archive.reading() as session:
        acts = session.scalars(select(AuditEntry.entry).where(AuditEntry.action == "fields.revealed")).all()
    assert [json.loads(act)["details"]["purpose"] for act in acts] == ["legal_request"]
