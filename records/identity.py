"""Which customer a document speaks of: the one whose credit code, registration number or ID number it carries (R3, R9).

Only settled values count: what the machine is sure of or a person confirmed. Pure rules, no look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from records.customers import Identity
from records.fields import FieldView
from records.terms import CustomerKind, DocumentKind, FieldState

TRUSTED = frozenset({FieldState.SURE, FieldState.CONFIRMED, FieldState.CORRECTED})

SOLE_TRADER_CLASS = "92"
"""The first two characters of a credit code that say 个体工商户 (K20)."""

_OF_COMPANIES = ("name", "客户名称", "单位名称", "企业名称", "公司名称", "名称", "供应商名称", "经销商企业全称")
_OF_PERSONS = ("name", "姓名", "经销商姓名", "客户名称")
_PURPOSES = (
    ("credit_code", ("unified_social_credit_code", "统一社会信用代码", "信用代码"), (*_OF_COMPANIES, "姓名")),
    ("registration_number", ("registration_number", "注册号"), (*_OF_COMPANIES, "姓名")),
    ("id_number", ("id_number", "身份证号码", "身份证号", "公民身份号码"), _OF_PERSONS),
)
"""Fields with the number and fields with the name, of each the first that is there; a form's are its printed labels."""


def identity_of(parts: Mapping[int, DocumentKind], fields: Iterable[FieldView]) -> Identity | None:
    """The strongest identity a document carries, licences before forms before ID cards; None if it carries none.

    Args:
        parts: the kind of each part by its number.
        fields: the fields of all parts.
    """
    trusted = {(f.part_no, f.name): f.value for f in fields if f.state in TRUSTED and f.value}
    for purpose, numbers, names in _PURPOSES:
        for part_no in sorted(parts, key=lambda no: (parts[no] != DocumentKind.BUSINESS_LICENSE, no)):
            number = _first(trusted, part_no, numbers)
            if number:
                return Identity(
                    purpose=purpose,
                    number=number,
                    customer_kind=customer_kind(purpose, number),
                    name=_first(trusted, part_no, names),
                )
    return None


def _first(trusted: Mapping[tuple[int, str], str | None], part_no: int, fields: Iterable[str]) -> str | None:
    return next((trusted[part_no, name] for name in fields if (part_no, name) in trusted), None)


def customer_kind(purpose: str, number: str) -> CustomerKind:
    if purpose == "id_number":
        return CustomerKind.INDIVIDUAL
    if purpose == "credit_code" and number.startswith(SOLE_TRADER_CLASS):
        return CustomerKind.SOLE_TRADER
    return CustomerKind.COMPANY
