"""The flow of destruction at the desk: appraisal, signatures, supervisors, paper; holds, requests, schedules."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from records.models import User
from records.terms import Role
from retention.movements import note_paper
from tests.archives import CLASSES, SCHEDULE, actor, enact, licence_lines
from tests.browser.conftest import Served, picture
from tests.browser.test_accessibility import findings

WATCHED = CLASSES.decode().replace("version: 1", "version: 2") + "disposal: two\n"
PEOPLE = {
    "clerk": (Role.ARCHIVIST, "档案部"),
    "head": (Role.APPROVER, "档案部"),
    "trader": (Role.APPROVER, "销售部"),
    "executor": (Role.ARCHIVIST, "档案部"),
}


def test_a_record_is_appraised_signed_supervised_shredded_and_closed(desk: Served) -> None:
    (document_id,) = desk.bench.file(licence_lines(7))
    code = desk.bench.document(document_id).archival_code
    with desk.bench.archive.transaction() as session:
        note_paper(session, actor("a"), document_id, place="A区 3架 12盒")
        enact(session, WATCHED.encode())
    people = {name: desk.log_in(name, role, then="/retention") for name, (role, _) in PEOPLE.items()}
    with desk.bench.archive.transaction() as session:
        for name, (_, department) in PEOPLE.items():
            session.query(User).filter_by(name=name).one().department = department

    appraise(people)
    clerk = people["clerk"]
    clerk.goto(f"{desk.address}/retention")
    clerk.get_by_label(f"选入清册 {code}").check()
    clerk.get_by_label("清册名称").fill("2026年第一批")
    clerk.keyboard.press("Enter")
    clerk.locator("a", has_text="XH-").click()
    clerk.wait_for_url("**/retention/lists/*")
    path, number = clerk.url, clerk.locator("h1").inner_text().split()[0]
    for name in ("head", "trader"):
        people[name].goto(path)
        people[name].get_by_label("意见").fill("同意销毁")
        people[name].get_by_role("button", name="批准").click()
        expect(people[name].get_by_text(f"批准: {name}")).to_be_visible()
    for name in ("head", "trader"):
        watch_before(people[name], path, str(code))
    confirm(people["head"], path, number)

    executor = people["executor"]
    executor.goto(path)
    executor.get_by_label("我知道销毁不可恢复").check()
    executor.get_by_role("button", name="执行销毁").click()
    expect(executor.get_by_text("已执行")).to_be_visible()
    executor.get_by_label("地点").fill("碎纸间")
    executor.get_by_label("见证人").select_option("head")
    picture(executor, "list-paper")
    executor.get_by_role("button", name="登记纸质销毁").click()
    expect(executor.get_by_text("碎纸间")).to_be_visible()
    for signed, name in enumerate(("head", "trader"), start=1):
        people[name].goto(path)
        people[name].get_by_label("意见").fill("已现场监销")
        people[name].get_by_role("button", name="监销签名").click()
        expect(people[name].get_by_text("监销签名 ·")).to_have_count(signed)

    clerk.goto(path)
    expect(clerk.get_by_text("办结")).to_be_visible()
    picture(clerk, "list-closed")


def appraise(people: dict[str, Page]) -> None:
    clerk = people["clerk"]
    clerk.get_by_role("link", name="鉴定").click()
    clerk.get_by_text("开始鉴定").first.click()
    clerk.get_by_label("名称").fill("2026年到期档案鉴定")
    for part, name in (("组长", "head"), ("档案部门", "clerk"), ("业务部门", "trader")):
        clerk.get_by_label(part).select_option(label=clerk.locator("option", has_text=name).first.inner_text())
    clerk.get_by_role("button", name="开始鉴定").click()
    clerk.locator("a", has_text="JD-").click()
    clerk.wait_for_url("**/retention/appraisals/*")
    for name in ("clerk", "trader", "head"):
        page = people[name]
        page.goto(clerk.url)
        form = page.locator("form", has_text="整批鉴定")
        form.get_by_label("事由").fill("保管期满")
        form.get_by_role("button", name="销毁").click()
        expect(page.get_by_text(f"{name}: 销毁")).to_be_visible()
    picture(people["head"], "appraisal")
    people["head"].get_by_role("button", name="完成鉴定并形成报告").click()
    expect(people["head"].get_by_text("鉴定工作报告 JD-")).to_be_visible()
    picture(people["head"], "appraisal-report")


def watch_before(page: Page, path: str, code: str) -> None:
    page.goto(path)
    form = page.locator("form", has_text="抽样")
    form.get_by_role("link", name=code).click()
    page.wait_for_url("**/documents/*")
    page.goto(path)
    expect(page.get_by_text("已打开")).to_be_visible()
    form.get_by_label("件数").fill("1")
    picture(page, "list-count")
    form.get_by_role("button", name="确认清点").click()
    expect(page.get_by_text("清点 1 件").first).to_be_visible()


def confirm(page: Page, path: str, number: str) -> None:
    page.goto(path)
    form = page.locator("form", has_text="请核对后输入")
    form.get_by_label("清册号").fill(number)
    form.get_by_label("件数").fill("2")
    goes_on_typing = form.get_by_label("件数").focus
    page.route("**/confirmation", lambda asked: (goes_on_typing(), asked.continue_()), times=1)
    form.get_by_role("button", name="再次确认").click()
    expect(form.get_by_role("alert")).to_have_text("输入无效。")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1")
    expect(form.get_by_label("清册号")).to_have_value(number)
    form.get_by_role("button", name="再次确认").click()
    expect(page.get_by_text("再次确认 head")).to_be_visible()


def test_a_query_holds_a_request_is_decided_and_a_draft_approved(desk: Served) -> None:
    (document_id,) = desk.bench.file(licence_lines(7))
    customer_id = desk.bench.document(document_id).customer_id
    archivist = desk.log_in("archivist", Role.ARCHIVIST, then="/retention")
    archivist.get_by_text("设置冻结").first.click()
    archivist.get_by_label("案号").fill("沪01-1")
    archivist.get_by_label("事由").fill("诉讼")
    archivist.get_by_label("依据机关").fill("法务部")
    archivist.get_by_role("group").get_by_label("区域").fill("HD")
    archivist.get_by_role("button", name="设置冻结").click()
    expect(archivist.get_by_text("没有到期档案")).to_be_visible()
    expect(archivist.get_by_text("区域: HD")).to_be_visible()
    picture(archivist, "hold-query")

    archivist.goto(f"{desk.address}/retention/requests")
    archivist.get_by_text("登记请求").first.click()
    archivist.get_by_label("客户标识").fill(str(customer_id))
    archivist.get_by_label("来由").fill("来函")
    archivist.get_by_role("button", name="登记请求").click()
    approver = desk.log_in("approver", Role.APPROVER, then="/retention/requests")
    approver.get_by_label("事由").fill("身份已核实")
    approver.get_by_role("button", name="同意").click()
    expect(approver.get_by_text("可销毁 1 件，限制处理 0 件。")).to_be_visible()
    picture(approver, "requests")

    longer = SCHEDULE.decode().replace("version: 1", "version: 2").replace("period_days: 0", "period_years: 10")
    with desk.bench.archive.transaction() as session:
        from retention.amending import draft_schedule

        draft_schedule(session, actor("archivist", Role.ARCHIVIST), longer.encode())
    approver.goto(f"{desk.address}/retention/schedules/2")
    expect(approver.get_by_text("将变动的档案 (1)")).to_be_visible()
    picture(approver, "schedule")
    approver.get_by_role("button", name="批准并生效").click()
    expect(approver.get_by_text("已生效")).to_be_visible()
    approver.goto(f"{desk.address}/retention/calendar")
    picture(approver, "calendar")


def test_one_signs_in_the_place_of_another(desk: Served) -> None:
    (document_id,) = desk.bench.file(licence_lines(8))
    code = desk.bench.document(document_id).archival_code
    pages = {name: desk.log_in(name, role, then="/retention") for name, role in
             (("clerk", Role.ARCHIVIST), ("leader", Role.APPROVER), ("deputy", Role.APPROVER))}  # fmt: skip
    leader = pages["leader"]
    leader.get_by_role("link", name="委托签署").click()
    leader.get_by_label("代签人").select_option("deputy")
    leader.get_by_label("事由").fill("因公外出")
    leader.get_by_role("button", name="委托他人代签").click()
    expect(leader.get_by_role("cell", name="deputy")).to_be_visible()
    picture(leader, "delegations")
    assert findings(leader) == []
    clerk = pages["clerk"]
    clerk.get_by_label(f"选入清册 {code}").check()
    clerk.get_by_label("清册名称").fill("到期")
    clerk.keyboard.press("Enter")
    clerk.locator("a", has_text="XH-").click()
    clerk.wait_for_url("**/retention/lists/*")

    deputy = pages["deputy"]
    deputy.goto(clerk.url)
    deputy.get_by_label("意见").fill("同意销毁")
    deputy.get_by_label("签署名义").select_option("leader")
    picture(deputy, "list-in-place-of")
    deputy.get_by_role("button", name="批准").click()
    expect(deputy.get_by_text("批准: deputy (")).to_contain_text("leader")
    expect(deputy.get_by_role("button", name="批准")).to_have_count(0)

    leader.get_by_role("button", name="收回").click()
    expect(leader.get_by_text("已收回")).to_be_visible()
