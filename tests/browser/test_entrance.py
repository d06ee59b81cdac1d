from __future__ import annotations

from playwright.sync_api import expect

from records.terms import Role
from tests.browser.conftest import PASSWORD, Served, picture


def test_a_newcomer_chooses_a_password_and_comes_in(desk: Served) -> None:
    desk.person("newcomer", Role.VERIFIER, one_time=True)
    page = desk.sit_down()
    page.goto(f"{desk.address}/verify")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.get_by_label("用户名").fill("newcomer")
    page.get_by_label("密码").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
    picture(page, "login")

    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="设置自己的密码")).to_be_visible()
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("five words nobody knows")
    page.get_by_label("再次输入新密码").fill("five words nobody knew!")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("两次输入的新密码不一致。")
    page.get_by_label("再次输入新密码").fill("five words nobody knows")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="待核验文件")).to_be_visible()


def test_the_pages_speak_english_too(desk: Served) -> None:
    page = desk.log_in("clerk", Role.VERIFIER)

    page.get_by_role("button", name="English").click()

    expect(page.get_by_role("heading", name="Documents waiting")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_page_that_is_not_ones_own_says_so(desk: Served) -> None:
    page = desk.log_in("auditor", Role.AUDITOR)

    page.goto(f"{desk.address}/verify")

    expect(page.get_by_role("alert")).to_have_text("您的角色无权进行此操作。")
