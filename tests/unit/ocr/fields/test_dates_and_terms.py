from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.fields import dates, term

TODAY = dt.date(2026, 1, 1)
FORMS = [
    "{y}年{m:02}月{d:02}日",
    "{y} 年 {m} 月 {d} 日",
    "{y}-{m:02}-{d:02}",
    "{y}.{m}.{d}",
    "{y}/{m}/{d}",
    "{y}{m:02}{d:02}",
]


@given(st.dates(dt.date(1900, 1, 1), dt.date(2025, 12, 31)), st.sampled_from(FORMS))
def test_every_printed_form_gives_the_same_day(day: dt.date, form: str) -> None:
    text = form.format(y=day.year, m=day.month, d=day.day)

    assert dates.parse(text) == day
    assert dates.read(text, TODAY).passed


@given(st.dates(dt.date(1900, 1, 1), dt.date(2025, 12, 31)), st.sampled_from(FORMS))
def test_the_normal_form_is_its_own_normal_form(day: dt.date, form: str) -> None:
    normal = dates.normalise(form.format(y=day.year, m=day.month, d=day.day))

    assert normal is not None
    assert dates.normalise(normal) == normal


@pytest.mark.parametrize("text", ["2019年13月01日", "2019年02月30日", "2019年", "2019年0l月01日", "2031年01月01日"])
def test_what_no_past_day_is_stays_as_printed_in_doubt(text: str) -> None:
    parsed = dates.read(text, TODAY)

    assert parsed.value == text
    assert not parsed.passed


def test_empty_places_for_a_date_are_no_date() -> None:
    assert dates.read("   年   月   日", TODAY).value is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2011年04月22日 至 2061年04月21日", "2011年04月22日至2061年04月21日"),
        ("自2011年04月22日至长期", "2011年04月22日至长期"),
        ("长期", "长期"),
        ("2015年8月19日至不约定期限", "2015年8月19日至不约定期限"),
    ],
)
def test_terms(text: str, value: str) -> None:
    parsed = term.read(text, TODAY)

    assert parsed.value == value
    assert parsed.passed


@pytest.mark.parametrize("text", ["2061年04月22日至2011年04月21日", "2011年04月22日至", "2011年04月22日至长其"])
def test_half_and_reversed_terms_are_doubted(text: str) -> None:
    assert not term.read(text, TODAY).passed


@pytest.mark.parametrize("years", [5, 10, 20])
def test_a_card_is_valid_for_its_years(years: int) -> None:
    assert term.read_validity(f"2013.03.05-{2013 + years}.03.05", TODAY).passed


@pytest.mark.parametrize("text", ["2013.03.05-2024.03.05", "2013.03.05-2023.03.06", "2013.03.05"])
def test_other_card_terms_are_doubted(text: str) -> None:
    assert not term.read_validity(text, TODAY).passed
