from __future__ import annotations

from playwright.sync_api import expect

from records.terms import DocumentState, Role
from tests.archives import credit_code, licence_lines
from tests.browser.conftest import Served, picture
from tests.browser.test_accessibility import findings
from tests.browser.test_verify import CODE, doubtful_lines


def test_two_type_blindly_and_a_third_settles(desk: Served) -> None:
    desk.settings(double_keyed_fields=CODE)
    lines = licence_lines(1)
    lines[1] = doubtful_lines(1)[1]
    (document_id,) = desk.bench.file(lines)

    for name, value in (("first", credit_code(1)), ("second", credit_code(2))):
        page = desk.log_in(name, Role.VERIFIER, then="/verify/next")
        expect(page.locator(".open .value")).to_have_value("")
        expect(page.locator("#evidence")).to_contain_text("双人盲录")
        picture(page, f"verify-blind-{name}")
        assert findings(page) == []
        page.keyboard.type(value)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="完成本件")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="本队列已全部处理。")).to_be_visible()

    third = desk.log_in("third", Role.VERIFIER, then="/verify/next")
    expect(third.locator(".suggestion")).to_have_count(2)
    picture(third, "verify-blind-third")
    assert findings(third) == []
    third.keyboard.press("Alt+1")
    third.keyboard.press("Enter")
    expect(third.get_by_role("button", name="完成本件")).to_be_focused()
    third.keyboard.press("Enter")
    expect(third.get_by_text("本次已完成 1 份")).to_be_visible()

    desk.bench.work()
    assert desk.bench.document(document_id).state == DocumentState.FILED
