"""What the fields of one document must say of each other.

An ID number repeats the birth date and the sex (GB 11643); a card is issued by the police of the place it names as home
(Resident Identity Card Law, art. 6), so that a back which names another belongs to another card; a licence is not
issued before its business exists; a code of class 92 belongs to a sole trader (GB 32100, table 2). Each check stands
with both fields it compares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ocr.fields import dates, id_number
from ocr.fields.parsed import check
from records.readings import Check
from records.terms import DocumentKind

Checks = dict[str, list[Check]]


def of(kind: DocumentKind, values: Mapping[str, str]) -> Checks:
    """The checks for each field of a document whose values are given; absent fields are compared with nothing."""
    found: Checks = {}
    rules = {DocumentKind.ID_CARD: _id_card, DocumentKind.BUSINESS_LICENSE: _licence}
    if kind in rules:
        rules[kind](values, found)
    return found


def _note(found: Checks, name: str, passed: bool, *fields: str) -> None:
    for field in fields:
        found.setdefault(field, []).append(check(name, passed))


def _id_card(values: Mapping[str, str], found: Checks) -> None:
    if "issuing_authority" in values and "address" in values:
        same = is_of_place(values["issuing_authority"], values["address"])
        _note(found, "authority_and_address", same, "issuing_authority", "valid_period")
    number = values.get("id_number")
    if number is None:
        return
    if "birth_date" in values:
        agrees = dates.parse(values["birth_date"]) == id_number.birth_date_of(number)
        _note(found, "number_and_birth_date", agrees, "id_number", "birth_date")
    if "sex" in values:
        _note(found, "number_and_sex", id_number.sex_of(number) == values["sex"], "id_number", "sex")


def is_of_place(authority: str, address: str) -> bool:
    """Whether the police that issued a card are those of its address, as far as their name tells.

    >>> [is_of_place("杭州市公安局西湖分局", home) for home in ("浙江省杭州市西湖区", "内蒙古自治区呼和浩特市")]
    [True, False]
    """
    place, police, branch = authority.partition("公安")
    if not police:
        return True
    stems = [stem for stem in (_stem(place), _stem(re.sub(r"^[局厅]|分[局县]?局?$", "", branch))) if stem]
    return not stems or any(stem in address for stem in stems)


def _stem(place: str) -> str:
    """A place without what kind of place it is."""
    return re.sub(r"(?:自治[州县旗]|[省市县区旗州盟])$", "", place)


def _licence(values: Mapping[str, str], found: Checks) -> None:
    code, kind = values.get("unified_social_credit_code"), values.get("type")
    if code is not None and kind is not None:
        trader = kind.startswith(("个体", "个人经营", "家庭经营"))
        _note(found, "code_and_type", code.startswith("92") == trader, "unified_social_credit_code", "type")
    established, issued = dates.parse(values.get("established_on", "")), dates.parse(values.get("issued_on", ""))
    if established is not None and issued is not None:
        _note(found, "established_before_issued", established <= issued, "established_on", "issued_on")
