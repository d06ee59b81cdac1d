from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import select, update

from records.models import Field
from records.terms import FieldState, Role
from tests.browser.conftest import Served, picture
from tests.browser.test_verify import doubtful_lines

NAME = "legal_representative"


def test_a_field_of_many_documents_is_settled_by_a_few_keys(desk: Served) -> None:
    ids = desk.bench.file(*(doubtful_lines(number) for number in range(1, 7)))
    with desk.bench.archive.transaction() as session:
        session.execute(update(Field).where(Field.name == NAME).values(state=FieldState.DOUBTFUL))
    page = desk.log_in("clerk", Role.VERIFIER, then="/verify")
    page.get_by_role("link", name="按字段核验").click()
    page.get_by_role("link", name="法定代表人").click()

    expect(page.locator(".crop")).to_have_count(6)
    expect(page.locator(".crop").first).to_be_focused()
    for crop in page.locator(".crop img").all():
        expect(crop).to_have_js_property("complete", True)  # waiting for a predicate needs eval, which pages forbid
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator(".crop").nth(1)).to_have_attribute("aria-pressed", "true")
    picture(page, "verify-group")
    page.keyboard.press("Enter")

    expect(page.locator("#said")).to_contain_text("全部看过")
    with desk.bench.archive.reading() as session:
        found = select(Field.document_id, Field.state).where(Field.name == NAME).order_by(Field.document_id)
        states = {document_id: state for document_id, state in session.execute(found)}
    assert [states[each] for each in sorted(ids)] == ["confirmed", "doubtful", *["confirmed"] * 4]
