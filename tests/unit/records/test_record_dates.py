"""What day a paper states, and which of several counts."""

from __future__ import annotations

import datetime as dt

import pytest

from records.record_dates import StatedDay, stated_day, stated_days
from records.terms import DocumentKind, FieldState, NoDay
from tests.unit.records.views import field

END = dt.date(2061, 4, 21)
LICENCE, CARD, FORM = DocumentKind.BUSINESS_LICENSE, DocumentKind.ID_CARD, DocumentKind.REGISTRATION_FORM


@pytest.mark.parametrize(
    ("name", "value", "day", "no_day"),
    [
        ("business_term", "2011年04月22日至2061年04月21日", END, None),
        ("business_term", "2014年07月22日至长期", None, NoDay.ENDLESS),
        ("business_term", "长期", None, NoDay.ENDLESS),
        ("business_term", "不约定期限", None, NoDay.ENDLESS),
        ("business_term", "2011年04月22日至9999年12月31日", None, NoDay.ENDLESS),
        ("business_term", "2011年04月22日至", None, NoDay.UNREADABLE),
        ("business_term", "2011年04月22日至2061年04月31日", None, NoDay.UNREADABLE),
        ("business_term", "2011年04月22日至20某1年", None, NoDay.UNREADABLE),
        ("valid_period", "2013.03.05-2023.03.05", dt.date(2023, 3, 5), None),
        ("valid_period", "2013.03.05-长期", None, NoDay.ENDLESS),
        ("signed_on", "2024年5月6日", dt.date(2024, 5, 6), None),
        ("合同期限", "2024年1月1日至2025年12月31日", dt.date(2025, 12, 31), None),
        ("填表日期", "2024年5月", None, NoDay.UNREADABLE),
    ],
)
def test_a_field_states_a_day_or_why_not(name: str, value: str, day: dt.date | None, no_day: NoDay | None) -> None:
    assert stated_day(name, value) == StatedDay(field=name, day=day, no_day=no_day)


def test_of_each_kind_its_own_days_are_taken_and_no_birthday() -> None:
    fields = [
        field("business_term", "长期"),
        field("name", "2011年04月22日公司"),
        field("valid_period", "2013.03.05-2023.03.05"),  # nothing a licence states
        field("valid_period", "2013.03.05-2033.03.05", 2),
        field("birth_date", "1949年12月31日", 2),
        field("合同到期日", "2030年1月1日", 3),
        field("备注", "2031年1月1日", 3),
    ]

    stated = stated_days({1: LICENCE, 2: CARD, 3: FORM}, fields, {"合同到期日"})

    days = {each.field: each.day or each.no_day for each in stated}
    assert days == {
        "business_term": NoDay.ENDLESS,
        "valid_period": dt.date(2033, 3, 5),
        "合同到期日": dt.date(2030, 1, 1),
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("2013.03.05-2023.03.05", "2014.03.05-2034.03.05"), dt.date(2034, 3, 5)),
        (("2014.03.05-2034.03.05", "2013.03.05-长期"), NoDay.ENDLESS),
        (("2014.03.05-2034.03.05", None), NoDay.UNREADABLE),
    ],
)
def test_of_several_parts_the_last_day_counts_and_no_day_is_the_last(
    values: tuple[str | None, ...], expected: object
) -> None:
    fields = [
        field("valid_period", value, part_no, FieldState.SURE if value else FieldState.UNREADABLE)
        for part_no, value in enumerate(values, start=1)
    ]

    (stated,) = stated_days({1: CARD, 2: CARD}, fields, ())

    assert (stated.day or stated.no_day) == expected


@pytest.mark.parametrize("state", [FieldState.DOUBTFUL, FieldState.ABSENT, FieldState.NOT_PRINTED])
def test_what_nobody_settled_or_is_not_printed_states_nothing(state: FieldState) -> None:
    assert stated_days({1: LICENCE}, [field("issued_on", "2024年5月6日", state=state)], ()) == []
