from __future__ import annotations

import datetime as dt

import pytest

from ocr.rechecking import recheck, rule_of
from records.terms import DocumentKind
from tests.archives import credit_code

TODAY = dt.date(2026, 6, 1)
LICENCE, CARD = DocumentKind.BUSINESS_LICENSE, DocumentKind.ID_CARD


def test_what_is_typed_comes_back_in_its_normal_form() -> None:
    judged = recheck(LICENCE, "type", "有限责任公司 (自然人独资)", {}, today=TODAY)

    assert judged.value == "有限责任公司（自然人独资）"
    assert judged.failed == []


def test_a_code_with_a_wrong_check_digit_fails() -> None:
    code = credit_code(1)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")

    assert "check_digit" in recheck(LICENCE, "unified_social_credit_code", wrong, {}, today=TODAY).failed


def test_a_valid_code_of_another_company_fails_against_the_printed_qr_code() -> None:
    others = {"qr_code": f"http://example.invalid/?uniscid={credit_code(1)}"}

    assert recheck(LICENCE, "unified_social_credit_code", credit_code(1), others, today=TODAY).failed == []
    assert recheck(LICENCE, "unified_social_credit_code", credit_code(2), others, today=TODAY).failed == ["qr_code"]


def test_an_approval_number_of_another_form_fails() -> None:
    permit = DocumentKind.BANK_PERMIT

    assert recheck(permit, "approval_number", "391000000001", {}, today=TODAY).failed == ["form"]
    assert recheck(permit, "approval_number", "J3910000000001", {}, today=TODAY).failed == []


def test_fields_are_checked_against_each_other() -> None:
    others = {"id_number": "11010519491231002X", "birth_date": "1950年1月1日"}

    judged = recheck(CARD, "birth_date", "1949年12月31日", others, today=TODAY)

    assert judged.failed == []
    assert recheck(CARD, "birth_date", "1949年12月30日", others, today=TODAY).failed == ["number_and_birth_date"]


@pytest.mark.parametrize(
    ("kind", "name", "rule"),
    [
        (LICENCE, "name", "company"),
        (DocumentKind.CONTRACT, "signed_on", "date"),
        (DocumentKind.REGISTRATION_FORM, "一个没有人见过的标签", "text"),
        (DocumentKind.OTHER, "name", "text"),
    ],
)
def test_every_field_has_a_rule(kind: DocumentKind, name: str, rule: str) -> None:
    assert rule_of(kind, name) == rule
