"""The search page beside its hits: narrowing down, tables, saved searches; and the customer file."""

from __future__ import annotations

import csv
import zipfile

from playwright.sync_api import expect

from records.terms import Role
from tests.archives import licence_lines
from tests.browser.conftest import Served, picture

ID_NUMBER = "11010519491231002X"
FRONT = ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 女 民族 汉", "出生 1949年12月31日",
         "住址 北京市朝阳区青禾路1号", f"公民身份号码 {ID_NUMBER}"]  # fmt: skip


def test_what_is_found_is_narrowed_saved_and_exported(desk: Served) -> None:
    desk.bench.file(*(licence_lines(number) for number in range(1, 4)), FRONT)
    page = desk.log_in("archivist", Role.ARCHIVIST, then="/search")
    page.keyboard.type("青禾")
    page.keyboard.press("Enter")
    expect(page.locator(".hit a")).to_have_count(4)
    expect(page.get_by_role("button", name="营业执照 3")).to_be_visible()
    picture(page, "search-facets")

    page.get_by_role("button", name="身份证 1").click()
    expect(page.locator(".hit a")).to_have_count(1)
    expect(page.get_by_role("combobox", name="种类")).to_have_value("id_card")

    page.get_by_text("保存此检索").click()
    page.get_by_role("textbox", name="名称").fill("青禾的身份证")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="青禾的身份证", exact=True)).to_be_visible()
    page.get_by_role("button", name="清空").click()
    page.get_by_role("button", name="青禾的身份证", exact=True).click()
    expect(page.get_by_role("searchbox")).to_have_value("青禾")
    expect(page.locator(".hit a")).to_have_count(1)

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as table:
        assert [row["种类"] for row in csv.DictReader(table)] == ["身份证"]

    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    assert download.value.suggested_filename == "guidang.xlsx"
    assert zipfile.is_zipfile(download.value.path())

    page.get_by_role("button", name="删除已存检索 青禾的身份证").click()
    expect(page.get_by_role("button", name="青禾的身份证", exact=True)).to_have_count(0)


def test_a_reader_who_may_not_export_is_not_offered_it(desk: Served) -> None:
    desk.bench.file(licence_lines(1))
    page = desk.log_in("reader", Role.VERIFIER, then="/search")
    page.keyboard.type("青禾")
    page.keyboard.press("Enter")

    expect(page.locator(".hit a")).to_have_count(1)
    expect(page.get_by_role("button", name="导出 Excel")).to_have_count(0)


def test_a_customer_file_says_what_is_missing_and_hides_numbers(desk: Served) -> None:
    (document_id,) = desk.bench.file(FRONT)
    page = desk.log_in("reader", Role.VERIFIER, then=f"/customers/{desk.bench.document(document_id).customer_id}")

    expect(page.get_by_text("材料不全")).to_be_visible()
    expect(page.locator(".papers .missing")).to_contain_text("身份证国徽面")
    expect(page.get_by_text("110105********002X")).to_be_visible()
    assert ID_NUMBER not in page.content()
    picture(page, "customer-file")

    page.get_by_role("combobox", name="用途").select_option("customer_request")
    page.get_by_role("button", name="显示完整号码").click()
    expect(page.get_by_text(ID_NUMBER)).to_be_visible()
