"""The station's batch and receipt, the customer's file, and a record's way to the register."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlalchemy import update

from intake.jobs import Job
from records.terms import JobState, Role
from tests.archives import licence_lines
from tests.browser.conftest import Served, picture
from tests.pixel_text import page_png


def test_a_batch_shows_what_was_refused_and_prints_a_receipt(desk: Served) -> None:
    desk.bench.send(page_png(licence_lines(1)), b"no picture at all", page_png(licence_lines(1)))
    page = desk.log_in("archivist", Role.ARCHIVIST, then="/batches")
    expect(page.get_by_text("3 / 3")).to_be_visible()
    picture(page, "batches")

    page.locator("tbody a").first.click()
    expect(page.get_by_text("文件内容不是 PDF")).to_be_visible()
    expect(page.get_by_text("已接收")).to_be_visible()
    desk.bench.work()
    expect(page.get_by_text("已归档")).to_be_visible()  # by itself, while somebody looks
    picture(page, "batch")

    page.get_by_role("link", name="回执").click()
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    picture(page, "receipt")


def test_a_customer_is_accepted_and_ended(desk: Served) -> None:
    desk.bench.file(licence_lines(1))
    page = desk.log_in("archivist", Role.ARCHIVIST, then="/customers")
    page.get_by_label("编号开头").fill("hd")
    page.keyboard.press("Enter")
    expect(page.get_by_text("上海青禾一科技有限公司")).to_be_visible()
    picture(page, "customers")
    page.locator("tbody a").first.click()

    page.get_by_role("button", name="确认为客户").click()
    expect(page.get_by_text("在册")).to_be_visible()
    picture(page, "customer")
    page.get_by_text("终止关系").first.click()
    page.get_by_label("依据").first.fill("终止协议")
    page.get_by_role("button", name="终止关系").click()

    expect(page.get_by_text("已终止")).to_be_visible()
    other = desk.log_in("approver", Role.APPROVER, then=page.url.removeprefix(desk.address))
    other.get_by_text("撤销").first.click()
    other.get_by_label("原因").fill("登记错误")
    other.get_by_role("button", name="撤销").click()
    expect(other.get_by_text("在册")).to_be_visible()
    expect(other.get_by_text("已撤销")).to_contain_text("登记错误")


def test_a_record_is_held_released_destroyed_and_remembered(desk: Served) -> None:
    (document_id,) = desk.bench.file(licence_lines(7))
    code = desk.bench.document(document_id).archival_code
    assert code is not None
    author = desk.log_in("author", Role.ARCHIVIST, then="/retention")
    place_a_hold(author, document_id)
    release_the_hold(desk.log_in("first", Role.APPROVER, then="/retention"))

    author.reload()
    author.get_by_label(f"选入清册 {code}").check()
    author.get_by_label("清册名称").fill("2026年第一批")
    author.keyboard.press("Enter")
    author.locator("a", has_text="XH-").click()
    expect(author.get_by_text("须由提请人以外的两人批准")).to_be_visible()
    path = author.url.removeprefix(desk.address)
    desk.person("second", Role.APPROVER)
    for name in ("first", "second"):
        approver = desk.enter(name, then=path)
        approver.get_by_label("意见").fill("同意销毁")
        approver.get_by_role("button", name="批准").click()
        expect(approver.get_by_text(f"批准: {name}")).to_be_visible()
    picture(approver, "list")

    executor = desk.log_in("executor", Role.ARCHIVIST, then=path)
    executor.get_by_label("我知道销毁不可恢复").check()
    executor.get_by_role("button", name="执行销毁").click()
    expect(executor.get_by_text("已执行")).to_be_visible()
    executor.get_by_role("link", name=code).click()

    expect(executor.get_by_role("heading", name="该档案已销毁")).to_be_visible()
    expect(executor.get_by_text("销毁并核实").first).to_be_visible()
    picture(executor, "tombstone")
    auditor = desk.log_in("auditor", Role.AUDITOR, then="/register")
    expect(auditor.get_by_text("链完整，核至第 2 条。")).to_be_visible()
    picture(auditor, "register")


def place_a_hold(page: Page, document_id: str) -> None:
    page.get_by_text("设置冻结").first.click()
    page.get_by_label("案号").fill("沪01-1")
    page.get_by_label("事由").fill("诉讼")
    page.get_by_label("依据机关").fill("法务部")
    page.get_by_label("对象").fill(f"document:{document_id}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有到期档案")).to_be_visible()
    picture(page, "retention-held")


def release_the_hold(page: Page) -> None:
    page.get_by_label("解除理由").fill("结案")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已解除")).to_be_visible()


def test_a_parked_job_is_tried_again(desk: Served) -> None:
    desk.bench.send(page_png(licence_lines(1)))
    with desk.bench.archive.transaction() as session:
        session.execute(update(Job).values(state=JobState.PARKED, error_code="engine_failed", attempts=5))
    page = desk.log_in("keeper", Role.ADMINISTRATOR)
    expect(page.get_by_role("button", name="退回扫描站重扫")).to_have_count(0)  # an administrator sees no documents
    expect(page.get_by_role("heading", name="搁置的任务")).to_be_visible()
    expect(page.get_by_text("识别引擎处理该页失败。")).to_be_visible()
    picture(page, "running")

    page.get_by_role("button", name="重试").click()

    expect(page.get_by_text("没有搁置的任务。")).to_be_visible()
    page.get_by_role("link", name="统计全库").click()
    expect(page.get_by_text("sqlite")).to_be_visible()


def test_a_parked_file_goes_back_to_its_station(desk: Served) -> None:
    (document_id,) = desk.bench.send(page_png(licence_lines(1)))
    with desk.bench.archive.transaction() as session:
        session.execute(update(Job).values(state=JobState.PARKED, error_code="engine_failed", attempts=5))
    page = desk.log_in("keeper", Role.ARCHIVIST, then="/running")

    page.get_by_role("button", name="退回扫描站重扫").click()

    expect(page.get_by_text("没有搁置的任务。")).to_be_visible()
    page.goto(f"{desk.address}/batches")
    expect(page.locator(".wanted")).to_contain_text("机器无法识读")
    assert desk.bench.document(document_id).state == "refused"


def test_the_file_of_a_customer_who_returned_shows_its_volumes(desk: Served) -> None:
    (first,) = desk.bench.file(licence_lines(1))
    customer_id = desk.bench.document(first).customer_id
    page = desk.log_in("archivist", Role.ARCHIVIST, then=f"/customers/{customer_id}")
    expect(page.locator("tr.volume")).to_have_count(0)
    for act in ("终止关系", "客户恢复往来"):
        page.get_by_text(act).first.click()
        if act == "终止关系":
            page.get_by_label("依据").first.fill("终止协议")
        page.get_by_role("button", name=act).click()
        page.wait_for_load_state("networkidle")

    expect(page.locator("tr.volume")).to_have_count(2)
    desk.bench.file(licence_lines(1, scope="图书销售。"))
    page.reload()
    headings = page.locator("tr.volume")
    expect(headings.nth(0)).to_contain_text("第 2 卷")
    expect(headings.nth(1)).to_contain_text("已关闭")
    headings.nth(1).scroll_into_view_if_needed()
    picture(page, "volumes")


def test_the_yearly_numbers_are_on_a_page_and_in_a_table(desk: Served) -> None:
    desk.bench.file(licence_lines(1), licence_lines(2))
    page = desk.log_in("archivist", Role.ARCHIVIST, then="/retention")
    page.get_by_role("link", name="工作台账").click()

    expect(page.locator("tfoot")).to_contain_text("2")
    picture(page, "yearbook")
    with page.expect_download() as loaded:
        page.get_by_role("link", name="下载 CSV").click()
    assert "合计" in loaded.value.path().read_text("utf-8-sig")
