"""Whose paper it is, by the numbers and names that stand on it."""

from __future__ import annotations

import pytest

from records.fields import FieldView
from records.identity import identity_of
from records.terms import CustomerKind, DocumentKind, FieldState
from tests.unit.records.views import field

LICENCE, CARD, FORM = DocumentKind.BUSINESS_LICENSE, DocumentKind.ID_CARD, DocumentKind.REGISTRATION_FORM
COMPANY, PERSON = "上海青禾贸易有限公司", "周晓禾"
CODE, CARD_NUMBER = field("统一社会信用代码", "91310000MA1FL0000X"), field("身份证号码", "310101199003070000")


@pytest.mark.parametrize(
    ("fields", "name", "kind"),
    [
        ([CODE, field("供应商名称", COMPANY)], COMPANY, CustomerKind.COMPANY),
        ([CODE, field("经销商企业全称", COMPANY), field("经销商姓名", PERSON)], COMPANY, CustomerKind.COMPANY),
        ([field("信用代码", CODE.value), field("单位名称", COMPANY)], COMPANY, CustomerKind.COMPANY),
        ([CARD_NUMBER, field("经销商企业全称", COMPANY), field("经销商姓名", PERSON)], PERSON, CustomerKind.INDIVIDUAL),
        ([field("公民身份号码", CARD_NUMBER.value), field("姓名", PERSON)], PERSON, CustomerKind.INDIVIDUAL),
        ([CODE, field("开户银行名称", "某某银行")], None, CustomerKind.COMPANY),
        ([CODE, field("单位名称", COMPANY, state=FieldState.DOUBTFUL)], None, CustomerKind.COMPANY),
    ],
)
def test_a_form_names_its_customer_by_the_labels_it_prints(
    fields: list[FieldView], name: str | None, kind: CustomerKind
) -> None:
    found = identity_of({1: FORM}, fields)
    assert found is not None
    assert (found.name, found.customer_kind) == (name, kind)


def test_a_licence_says_more_than_a_form_or_a_card_beside_it() -> None:
    fields = [
        field("id_number", CARD_NUMBER.value, part_no=1), field("name", PERSON, part_no=1),
        field("统一社会信用代码", "91310000MA1FL1111X", part_no=2), field("客户名称", "另一家公司", part_no=2),
        field("unified_social_credit_code", CODE.value, part_no=3), field("name", COMPANY, part_no=3),
    ]  # fmt: skip
    found = identity_of({1: CARD, 2: FORM, 3: LICENCE}, fields)
    assert found is not None
    assert (found.number, found.name) == (CODE.value, COMPANY)


def test_a_paper_without_a_settled_number_is_nobodys() -> None:
    assert identity_of({1: FORM}, [field("单位名称", COMPANY)]) is None
