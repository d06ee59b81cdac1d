"""The pages of those who run the house: what runs, the audit log, people and stations, regions."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import func, select, text

from records.models import Document, User
from records.terms import Role
from tests.archives import REGIONS, licence_lines
from tests.browser.conftest import PASSWORD, Served, picture
from tests.browser.test_accessibility import findings
from tests.integration.api.test_templates import FORM, OWN
from tests.pixel_text import PixelTextEngine, page_png


def test_what_runs_is_drawn_and_said_in_figures(desk: Served) -> None:
    desk.bench.file(*(licence_lines(number) for number in range(1, 4)))
    page = desk.log_in("archivist", Role.ARCHIVIST, then="/running")

    expect(page.locator(".chart rect")).to_have_count(24)
    expect(page.locator(".chart rect title").last).to_contain_text("· 3")
    page.get_by_text("逐小时数字").click()
    expect(page.locator("details tbody tr").first.locator("td").last).to_have_text("3")
    picture(page, "running")
    assert findings(page) == []


def test_an_auditor_follows_an_object_and_checks_the_chain(desk: Served) -> None:
    (document_id,) = desk.bench.file(licence_lines(1))
    page = desk.log_in("auditor", Role.AUDITOR, then="/audit")
    page.get_by_label("操作", exact=True).fill("document.filed")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=f"document:{document_id}").click()
    expect(page.get_by_role("link", name="document.filed")).to_be_visible()

    page.get_by_role("button", name="核验整条链").click()
    expect(page.get_by_text("链完整")).to_be_visible()
    picture(page, "audit")
    assert findings(page) == []

    with desk.bench.archive.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET entry = replace(entry, 'a', 'b') WHERE seq = 2"))
    page.get_by_role("button", name="核验整条链").click()
    expect(page.get_by_text("链在第 2 条断开")).to_be_visible()


def test_an_administrator_makes_a_person_who_chooses_a_password(desk: Served) -> None:
    page = desk.log_in("root", Role.ADMINISTRATOR, then="/settings")
    page.locator("summary", has_text="新增人员").click()
    added = page.locator("form", has=page.get_by_role("button", name="新增人员"))
    added.get_by_label("名称").fill("张核验")
    added.get_by_label("核验员").check()
    added.get_by_label("区域", exact=True).fill("HD")
    added.get_by_role("button", name="新增人员").click()
    shown = page.locator(".secret")
    expect(shown).to_be_visible()
    password = shown.text_content() or ""
    picture(page, "settings-one-time")
    page.get_by_role("button", name="已记下").click()
    expect(page.get_by_role("cell", name="张核验")).to_be_visible()
    assert password not in page.content()
    assert findings(page) == []
    picture(page, "settings-people")

    newcomer = desk.sit_down()
    newcomer.goto(desk.address)
    newcomer.get_by_label("用户名").fill("张核验")
    newcomer.get_by_label("密码").fill(password)
    newcomer.keyboard.press("Enter")
    newcomer.get_by_label("当前密码").fill(password)
    newcomer.get_by_label("新密码", exact=True).fill(PASSWORD)
    newcomer.get_by_label("再次输入新密码").fill(PASSWORD)
    newcomer.keyboard.press("Enter")
    expect(newcomer.get_by_role("link", name="核验", exact=True)).to_be_visible()
    with desk.bench.archive.reading() as session:
        assert session.scalars(select(User.regions).where(User.name == "张核验")).one() == ["HD"]


def test_an_administrator_changes_rights_and_withdraws_a_station(desk: Served) -> None:
    desk.person("李核验", Role.VERIFIER, regions=["HD"])
    page = desk.log_in("root", Role.ADMINISTRATOR, then="/settings")
    page.get_by_label("更改 李核验").click()
    row = page.get_by_role("row", name="李核验")
    row.get_by_label("核验员").uncheck()
    row.get_by_label("审批人").check()
    row.get_by_label("所有区域").check()
    row.get_by_label("部门").fill("法务部")
    row.get_by_role("button", name="保存").click()
    expect(row.get_by_role("cell", name="审批人", exact=True)).to_be_visible()
    expect(row.get_by_role("cell", name="所有区域", exact=True)).to_be_visible()
    expect(row.get_by_role("cell", name="法务部", exact=True)).to_be_visible()

    station = page.get_by_role("row", name="一号扫描站")
    page.get_by_label("更改 一号扫描站").click()
    station.get_by_role("button", name="换发令牌").click()
    expect(page.get_by_role("dialog").locator("output")).to_have_text(re.compile("^gds_"))
    page.get_by_role("button", name="已记下").click()
    page.get_by_label("更改 一号扫描站").click()
    station.get_by_label("撤销后不可恢复").check()
    station.get_by_role("button", name="撤销").click()
    expect(station.get_by_text("已撤销")).to_be_visible()


def test_an_archivist_puts_a_region_file_in_force(desk: Served, tmp_path: Path) -> None:
    newer = tmp_path / "regions.yaml"
    added = '  - {code: XN, name: 西南, areas: ["51"]}\n'.encode()
    newer.write_bytes(REGIONS.replace(b"version: 1", b"version: 2") + added)
    page = desk.log_in("archivist", Role.ARCHIVIST, then="/settings")
    expect(page.get_by_role("cell", name="华东")).to_be_visible()

    page.get_by_label("区域文件（YAML）").set_input_files(newer)
    page.get_by_role("button", name="启用新版本").click()

    expect(page.get_by_role("cell", name="西南")).to_be_visible()
    picture(page, "settings")
    assert findings(page) == []
    page.goto(f"{desk.address}/settings/people")
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_template_is_tried_on_a_file_of_ones_own_and_nothing_is_kept(desk: Served, tmp_path: Path) -> None:
    desk.app.state.confinement = replace(desk.app.state.confinement, open_engine=PixelTextEngine)
    form, no_scan = tmp_path / "表.png", tmp_path / "表.txt"
    form.write_bytes(page_png(FORM))
    no_scan.write_bytes(b"no scan")
    page = desk.log_in("archivist", Role.ARCHIVIST, then="/settings/templates/new")
    page.get_by_label("模板（YAML）").fill(OWN)
    upload = page.get_by_label("或试用于本机文件")

    upload.set_input_files(no_scan)
    expect(page.get_by_role("status")).to_contain_text("不是 PDF、TIFF", timeout=60_000)
    upload.set_input_files(form)
    expect(page.locator(".found")).to_have_count(3, timeout=60_000)
    expect(page.get_by_role("status")).to_contain_text("100%")
    page.get_by_role("button", name="上海青禾贸易有限公司").click()
    expect(page.locator(".lit")).to_be_visible()
    picture(page, "template-tried-on-a-file")
    assert findings(page) == []

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.get_by_label("模板（YAML）").fill(OWN.replace("准入日期", "没有的标签"))
    page.keyboard.press("Alt+Enter")
    expect(page.locator(".found")).to_have_count(2)
    assert "trial" in asked
    assert "reading" not in asked  # read once, tried twice
    page.get_by_role("button", name="不用文件").click()
    page.locator("#try").click()
    expect(page.get_by_role("status")).to_contain_text("还没有可供试用的")
    with desk.bench.archive.reading() as session:
        assert not session.scalar(select(func.count()).select_from(Document))
    assert not [each for each in desk.bench.settings.data.rglob("objects/*/*") if each.is_file()]


def test_an_archivist_writes_tries_and_keeps_a_template(desk: Served) -> None:
    desk.bench.file(FORM)
    page = desk.log_in("archivist", Role.ARCHIVIST, then="/settings")
    page.get_by_role("link", name="新建表单模板").click()
    page.get_by_label("名称（小写字母").fill("supplier")
    page.get_by_label("模板（YAML）").fill(OWN.replace("rule: date", "rule: dates"))
    expect(page.locator("#problems")).to_contain_text("This rule does not exist")
    page.get_by_role("button", name="第 6 行").click()
    assert "dates" in page.evaluate("getSelection().toString()")
    picture(page, "template-problems")

    page.get_by_label("模板（YAML）").fill(OWN)
    expect(page.get_by_role("status")).to_have_text("可以使用。")
    page.keyboard.press("Alt+Enter")
    expect(page.locator(".found")).to_have_count(3)
    expect(page.get_by_role("status")).to_contain_text("100%")
    page.get_by_role("button", name="上海青禾贸易有限公司").click()
    expect(page.locator(".lit")).to_be_visible()
    picture(page, "template-tried")
    assert findings(page) == []
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_text("第 1 版已启用")).to_be_visible()

    page.get_by_role("button", name="停用").click()
    expect(page.get_by_role("heading", name="设置")).to_be_visible()
    expect(page.get_by_role("link", name="supplier")).to_have_count(0)
