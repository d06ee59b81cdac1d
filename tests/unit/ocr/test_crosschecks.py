from __future__ import annotations

import pytest

from ocr import crosschecks
from records.terms import DocumentKind

NUMBER = "11010519491231002X"


def outcome(kind: DocumentKind, **values: str) -> dict[str, list[tuple[str, bool]]]:
    found = crosschecks.of(kind, values)
    return {field: [(check.name, check.passed) for check in checks] for field, checks in found.items()}


@pytest.mark.parametrize(("sex", "passed"), [("女", True), ("男", False)])
def test_the_number_gives_the_sex(sex: str, passed: bool) -> None:
    checks = [("number_and_sex", passed)]

    assert outcome(DocumentKind.ID_CARD, id_number=NUMBER, sex=sex) == {"id_number": checks, "sex": checks}


@pytest.mark.parametrize(("born", "passed"), [("1949年12月31日", True), ("1949年12月30日", False), ("1949年", False)])
def test_the_number_gives_the_birth_date(born: str, passed: bool) -> None:
    checks = [("number_and_birth_date", passed)]

    assert outcome(DocumentKind.ID_CARD, id_number=NUMBER, birth_date=born)["birth_date"] == checks


@pytest.mark.parametrize(
    ("code", "kind", "passed"),
    [
        ("92350100MA2XN2K21C", "个体工商户", True),
        ("91350100M000100Y43", "有限责任公司", True),
        ("91350100M000100Y43", "个体工商户", False),
        ("92350100MA2XN2K21C", "有限责任公司", False),
    ],
)
def test_the_class_of_the_code_agrees_with_the_type(code: str, kind: str, passed: bool) -> None:
    found = outcome(DocumentKind.BUSINESS_LICENSE, unified_social_credit_code=code, type=kind)

    assert found["type"] == [("code_and_type", passed)]


@pytest.mark.parametrize(("issued", "passed"), [("2019年03月19日", True), ("2018年03月19日", False)])
def test_a_licence_is_not_issued_before_its_business_exists(issued: str, passed: bool) -> None:
    found = outcome(DocumentKind.BUSINESS_LICENSE, established_on="2019年03月19日", issued_on=issued)

    assert found["issued_on"] == [("established_before_issued", passed)]


def test_what_is_absent_is_compared_with_nothing() -> None:
    assert outcome(DocumentKind.ID_CARD, id_number=NUMBER) == {}
    assert outcome(DocumentKind.BUSINESS_LICENSE, established_on="2019年03月19日") == {}
    assert outcome(DocumentKind.REGISTRATION_FORM, id_number=NUMBER, sex="男") == {}


@pytest.mark.parametrize(
    ("authority", "passed"),
    [
        ("北京市公安局朝阳分局", True),
        ("朝阳区公安局", True),
        ("公安局", True),
        ("天津市和平分局", True),
        ("天津市公安局和平分局", False),
    ],
)
def test_a_card_is_issued_where_its_holder_lives(authority: str, *, passed: bool) -> None:
    found = outcome(
        DocumentKind.ID_CARD, address="北京市朝阳区云杉路8号", issuing_authority=authority, valid_period="长期"
    )

    assert found["issuing_authority"] == found["valid_period"] == [("authority_and_address", passed)]
