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

_PURPOSES = (
    ("credit_code", ("unified_social_credit_code", "统一社会信用代码")),
    ("registration_number", ("registration_number", "注册号")),
    ("id_number", ("id_number", "身份证号码", "身份证号")),
)
_NAMES = ("name", "客户名称", "姓名")


def identity_of(parts: Mapping[int, DocumentKind], fields: Iterable[FieldView]) -> Identity | None:
    """The strongest identity a document carries, licences before forms before ID cards; None if it carries none.

    Args:
        parts: the kind of each part by its number.
        fields: the fields of all parts.
    """
    trusted = {(f.part_no, f.name): f.value for f in fields if f.state in TRUSTED and f.value}
    for purpose, names in _PURPOSES:
        for part_no in sorted(parts, key=lambda no: (parts[no] != DocumentKind.BUSINESS_LICENSE, no)):
            number = next((trusted[part_no, name] for name in names if (part_no, name) in trusted), None)
            if number:
                customer_name = next((trusted[part_no, name] for name in _NAMES if (part_no, name) in trusted), None)
                return Identity(
                    purpose=purpose,
                    number=number,
                    customer_kind=customer_kind(purpose, number),
                    name=customer_name,
                )
    return None


def customer_kind(purpose: str, number: str) -> CustomerKind:
    if purpose == "id_number":
        return CustomerKind.INDIVIDUAL
    if purpose == "credit_code" and number.startswith(SOLE_TRADER_CLASS):
        return CustomerKind.SOLE_TRADER
    return CustomerKind.COMPANY
