from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

from playwright.sync_api import Page, expect
from sqlalchemy import select

from records.desk_models import RescanRequest, VerificationClaim
from records.fields import opened_fields
from records.ids import utc_now
from records.models import AuditEntry, Customer, Document
from records.terms import CustomerState, DocumentState, Role
from tests.archives import credit_code, licence_lines
from tests.browser.conftest import PASSWORD, Served, picture

CODE = "unified_social_credit_code"


def doubtful_lines(number: int) -> list[str]:
    """A licence with a wrong check digit in its code, and a date that is none."""
    lines = licence_lines(number)
    code = credit_code(number)
    lines[1] = "统一社会信用代码 " + code[:-1] + ("0" if code[-1] != "0" else "1")
    lines[6] = "成立日期 2019年13月19日"
    return lines


def settle_by_keys(page: Page, number: int) -> None:
    """Every doubt of the document shown, by the keyboard alone."""
    while page.locator(".doubt.open").count():
        name = page.locator(".doubt.open label").inner_text()
        if name == "统一社会信用代码":
            page.keyboard.type(credit_code(number))
            page.keyboard.press("Enter")
        elif page.locator(".open .value").input_value():
            page.keyboard.press("Alt+a" if page.locator(".open .failed").count() else "Enter")
        else:
            page.keyboard.press("Alt+u")
        expect(page.locator(".doubt.open label", has_text=name)).to_have_count(0)


def test_a_clerk_settles_two_licences_by_the_keyboard(desk: Served) -> None:
    ids = desk.bench.file(doubtful_lines(1), doubtful_lines(2))
    numbers = dict(zip(ids, (1, 2), strict=True))
    page = desk.log_in("clerk", Role.VERIFIER)
    expect(page.get_by_text("共 2 份待人处理")).to_be_visible()
    expect(page.get_by_role("link", name="开始核验")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".open .value")).to_be_focused()
    expect(page.locator(".failed li").first).to_be_visible()
    picture(page, "verify")

    for number in (1, 2):
        settle_by_keys(page, numbers[page.url.rpartition("/")[2]])
        expect(page.get_by_role("button", name="完成本件")).to_be_focused()
        picture(page, f"verify-end-{number}")
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"本次已完成 {number} 份")).to_be_visible()

    expect(page.get_by_role("heading", name="本队列已全部处理。")).to_be_visible()
    desk.bench.work()
    for document_id, number in numbers.items():
        assert desk.bench.document(document_id).state == DocumentState.FILED
        with desk.bench.archive.reading() as session:
            fields = {f.name: f for f in opened_fields(session, desk.bench.archive.keyring, document_id)}
        assert fields[CODE].value == credit_code(number)
        assert fields[CODE].state == "corrected"


def test_a_correction_is_checked_while_it_is_typed(desk: Served) -> None:
    lines = licence_lines(1)
    lines[1] = doubtful_lines(1)[1]
    (document_id,) = desk.bench.file(lines)
    page = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{document_id}")
    expect(page.locator(".doubt.open label")).to_have_text("统一社会信用代码")
    page.keyboard.type(credit_code(2)[:-1] + ("A" if credit_code(2)[-1] != "A" else "B"))
    expect(page.locator(".open .failed")).to_contain_text("校验位不符")

    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("未通过校验")
    picture(page, "verify-failed-check")
    expect(page.locator(".doubt.open label")).to_have_text("统一社会信用代码")

    page.keyboard.press("Control+a")
    page.keyboard.type(credit_code(1))
    expect(page.locator(".open .proven")).to_have_text("校验全部通过")
    page.keyboard.press("Enter")
    expect(page.locator(".doubt.corrected")).to_have_count(1)


def test_a_step_back_and_what_cannot_be_read(desk: Served) -> None:
    (document_id,) = desk.bench.file(doubtful_lines(1))
    page = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{document_id}")
    expect(page.locator(".open .value")).to_be_focused()
    first = page.locator(".doubt.open label").inner_text()

    page.keyboard.press("Alt+a")
    expect(page.locator(".doubt.open label")).not_to_have_text(first)
    page.keyboard.press("Alt+b")
    expect(page.locator(".doubt.open label")).to_have_text(first)
    page.keyboard.type("一个新的值")
    page.keyboard.press("Tab")
    expect(page.locator(".doubt.open label")).not_to_have_text(first)
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".open .value")).to_have_value("一个新的值")
    page.keyboard.press("Alt+u")
    while page.locator(".doubt.open").count():
        page.keyboard.press("Alt+p")
        page.wait_for_timeout(50)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="本队列已全部处理。")).to_be_visible()

    with desk.bench.archive.reading() as session:
        states = {f.state for f in opened_fields(session, desk.bench.archive.keyring, document_id)}
    assert {"unreadable", "not_printed"} <= states
    assert "doubtful" not in states


def lapse(desk: Served, document_id: str) -> None:
    with desk.bench.archive.transaction() as session:
        claimed = session.get_one(VerificationClaim, document_id)
        claimed.until = utc_now() - dt.timedelta(seconds=1)


def test_two_clerks_never_have_the_same_document(desk: Served) -> None:
    ids = desk.bench.file(*(doubtful_lines(number) for number in range(1, 5)))
    pages = [desk.log_in(name, Role.VERIFIER, then="/verify/next") for name in ("first", "second")]
    for page in pages:
        expect(page.locator(".open .value")).to_be_focused()
        expect(page.locator("#claim")).to_contain_text("由您处理")
    assert len({page.url.rpartition("/")[2] for page in pages} & set(ids)) == 2

    pages[0].goto(pages[1].url)

    expect(pages[0].get_by_role("status")).to_contain_text("另一人正在处理此文件")
    looking = desk.log_in("third", Role.VERIFIER, then="/verify")
    expect(looking.get_by_role("cell", name="second，至").first).to_be_visible()
    picture(looking, "verify-queue")


def test_a_claim_that_lapsed_ends_in_a_clear_conflict(desk: Served) -> None:
    (document_id,) = desk.bench.file(doubtful_lines(1))
    pages = []
    for name in ("first", "second"):
        pages.append(desk.log_in(name, Role.VERIFIER, then=f"/verify/{document_id}"))
        expect(pages[-1].locator("#claim")).to_contain_text("由您处理")
        lapse(desk, document_id)

    for page, value in zip(reversed(pages), ("甲的值", "乙的值"), strict=True):
        page.keyboard.type(value)
        page.keyboard.press("Alt+a")
        expect(page.get_by_role("status")).not_to_be_empty()

    expect(pages[0].get_by_role("status")).to_contain_text("甲的值")
    expect(pages[0].locator(".open .value")).to_have_value("乙的值")
    picture(pages[0], "verify-conflict")
    pages[0].keyboard.press("Alt+1")
    expect(pages[0].locator(".open .value")).to_have_value("甲的值")


def test_what_was_typed_outlives_a_reload_and_no_other_person_sees_it(desk: Served) -> None:
    (document_id,) = desk.bench.file(doubtful_lines(1))
    page = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{document_id}")
    expect(page.locator(".open .value")).to_be_focused()
    page.keyboard.type("打了一半")
    page.context.clear_cookies()

    page.goto(page.url)  # the login is gone: its page comes first
    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.locator(".open .value")).to_have_value("打了一半")
    expect(page.get_by_role("status")).to_contain_text("已恢复")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login")
    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_what_a_clerk_cannot_settle_is_taken_by_another(desk: Served) -> None:
    (document_id,) = desk.bench.file(doubtful_lines(1))
    page = desk.log_in("clerk", Role.VERIFIER, then="/verify/next")
    expect(page.locator(".open .value")).to_be_focused()
    page.keyboard.press("Alt+n")
    page.get_by_role("dialog").get_by_label("说明").fill("与客户提供的名称不一致")
    picture(page, "verify-set-aside")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="本队列已全部处理。")).to_be_visible()

    other = desk.log_in("archivist", Role.ARCHIVIST, then="/verify")
    expect(other.get_by_role("cell", name="与客户提供的名称不一致")).to_be_visible()
    picture(other, "verify-aside-list")
    other.get_by_role("link", name=document_id[-8:]).click()
    expect(other.locator("#note")).to_contain_text("与客户提供的名称不一致")
    settle_by_keys(other, 1)
    other.keyboard.press("Enter")
    expect(other.get_by_text("本次已完成 1 份")).to_be_visible()


def test_a_bad_scan_goes_back_to_its_station_by_the_keyboard(desk: Served) -> None:
    (document_id,) = desk.bench.file(doubtful_lines(1))
    page = desk.log_in("clerk", Role.VERIFIER, then="/verify/next")
    expect(page.locator(".open .value")).to_be_focused()
    page.keyboard.press("Alt+r")
    expect(page.get_by_role("dialog").get_by_label("原因")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    picture(page, "verify-send-back")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="本队列已全部处理。")).to_be_visible()
    with desk.bench.archive.reading() as session:
        assert session.get_one(RescanRequest, document_id).reason == "cut_off"


def test_a_login_that_ends_meanwhile_loses_nothing(desk: Served) -> None:
    (document_id,) = desk.bench.file(doubtful_lines(1))
    page = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{document_id}")
    expect(page.locator(".open .value")).to_be_focused()
    page.keyboard.type("打了一半")
    page.context.clear_cookies()

    page.keyboard.press("Alt+a")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_label("用户名").fill("clerk")
    page.get_by_role("dialog").get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("已更正")
    with desk.bench.archive.reading() as session:
        values = {f.value for f in opened_fields(session, desk.bench.archive.keyring, document_id)}
    assert "打了一半" in values


def test_a_paper_of_nobody_gets_its_customer(desk: Served) -> None:
    desk.bench.file(licence_lines(4))
    (paper,) = desk.bench.file(["会议纪要", "讨论了明年的安排"])
    page = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{paper}")

    page.get_by_label("客户编号、名称片段").fill(credit_code(4))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="归入此客户")).to_be_focused()
    picture(page, "verify-whose")
    page.keyboard.press("Enter")
    expect(page.get_by_text("本次已完成 1 份")).to_be_visible()

    desk.bench.work()
    assert desk.bench.document(paper).state == DocumentState.FILED


def test_a_paper_of_a_closed_file_opens_the_next_volume(desk: Served) -> None:
    (first,) = desk.bench.file(licence_lines(4))
    with desk.bench.archive.transaction() as session:
        customer = session.get_one(Customer, session.get_one(Document, first).customer_id)
        customer.state, customer.ended_on = CustomerState.ENDED, dt.date(2026, 1, 31)
    (late,) = desk.bench.file(licence_lines(4, scope="图书销售。"))
    clerk = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{late}")
    clerk.get_by_label("客户编号、名称片段").fill(credit_code(4))
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_text("请搁置，由档案员")).to_be_visible()
    expect(clerk.get_by_role("button", name="归入")).to_have_count(0)
    clerk.request.delete(f"{desk.address}/api/v1/documents/{late}/claim", headers={"X-Requested-With": "desk"})

    page = desk.log_in("archivist", Role.ARCHIVIST, then=f"/verify/{late}")
    page.get_by_label("客户编号、名称片段").fill(credit_code(4))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="补入已关闭的卷")).to_be_visible()
    picture(page, "verify-closed")
    page.get_by_role("button", name="新开第 2 卷并归入").click()
    expect(page.get_by_text("本次已完成 1 份")).to_be_visible()

    desk.bench.work()
    assert desk.bench.document(late).volume_no == 2


def test_the_notice_to_the_person_on_an_id_card_is_noted_on_the_way(desk: Served) -> None:
    desk.bench.archive = replace(desk.bench.archive, notices_are_here=True)
    (document_id,) = desk.bench.file(
        ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 女 民族 汉", "出生 1949年12月31日",
         "住址 北京市朝阳区青禾路1号", "公民身份号码 11010519491231002X"]
    )  # fmt: skip
    page = desk.log_in("clerk", Role.VERIFIER)
    expect(page.get_by_role("link", name="开始核验")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("用途")).to_be_focused()
    picture(page, "verify-notice")
    page.keyboard.type("核验身份")
    page.keyboard.press("Tab")
    page.keyboard.type("业务关系终止后三年")

    page.keyboard.press("Enter")

    expect(page.get_by_text("本次已完成 1 份")).to_be_visible()
    desk.bench.work()
    assert desk.bench.document(document_id).state == DocumentState.FILED


def test_a_paper_scanned_twice_is_set_aside(desk: Served) -> None:
    desk.bench.file(licence_lines(2), licence_lines(2))
    page = desk.log_in("clerk", Role.VERIFIER)
    expect(page.get_by_role("link", name="开始核验")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="是同一份")).to_be_focused()
    expect(page.get_by_role("img", name="先到的文件")).to_be_visible()
    picture(page, "verify-duplicate")
    document_id = page.url.rpartition("/")[2]

    page.keyboard.press("Enter")

    expect(page.get_by_text("本次已完成 1 份")).to_be_visible()
    assert desk.bench.document(document_id).state == DocumentState.DUPLICATE


def test_a_suggestion_is_one_key_away(desk: Served) -> None:
    lines = licence_lines(3)
    lines[1] = "统一社会信用代码 " + credit_code(3).replace("0", "O", 1)
    (document_id,) = desk.bench.file(lines)
    page = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{document_id}")
    expect(page.locator(".suggestion")).to_contain_text(credit_code(3))
    picture(page, "verify-suggestion")

    page.keyboard.press("Alt+1")

    expect(page.locator(".open .value")).to_have_value(credit_code(3))


def test_a_doubtful_number_of_a_person_is_shown_in_full_and_the_log_knows(desk: Served) -> None:
    (document_id,) = desk.bench.file(
        ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 男 民族 汉", "出生 1949年12月31日",
         "住址 北京市朝阳区青禾路1号", "公民身份号码 11010519491231002X"]
    )  # fmt: skip
    page = desk.log_in("clerk", Role.VERIFIER, then=f"/verify/{document_id}")
    expect(page.get_by_role("status")).to_contain_text("此次查看已记入审计")

    expect(page.get_by_text("110105********002X")).to_have_count(0)

    with desk.bench.archive.reading() as session:
        acts = session.scalars(select(AuditEntry.entry).where(AuditEntry.action == "fields.revealed")).all()
    assert [json.loads(act)["details"]["purpose"] for act in acts] == ["verification"]
