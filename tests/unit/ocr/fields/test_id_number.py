from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from ocr.fields import id_number

TODAY = dt.date(2026, 1, 1)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(dt.date(1930, 1, 1), dt.date(2025, 12, 31)))
    head = draw(st.sampled_from(["110105", "350802", "430105"])) + born.strftime("%Y%m%d")
    most = head + f"{draw(st.integers(0, 999)):03}"
    return most + str(ric.calc_check_digit(most + "0"))


@given(numbers())
def test_a_whole_number_passes_and_gives_birth_and_sex(number: str) -> None:
    parsed = id_number.read(number, TODAY)
    born = id_number.birth_date_of(number)

    assert parsed.passed
    assert parsed.proven
    assert born is not None
    assert born.strftime("%Y%m%d") == number[6:14]
    assert id_number.sex_of(number) == ("男" if int(number[16]) % 2 else "女")


@given(numbers(), st.integers(0, 16), st.sampled_from("0123456789"))
def test_no_single_misread_digit_passes(number: str, at: int, other: str) -> None:
    wrong = number[:at] + other + number[at + 1 :]
    parsed = id_number.read(wrong, TODAY)

    assert parsed.value == wrong
    assert parsed.passed == (wrong == number)


@given(numbers())
def test_suggestions_agree_with_the_printed_birth_date_and_sex(number: str) -> None:
    born, sex = id_number.birth_date_of(number), id_number.sex_of(number)
    wrong = number[:16] + ("6" if number[16] != "6" else "8") + number[17:]

    for suggestion in id_number.suggest(wrong, born, sex):
        assert id_number.check_digit_holds(suggestion)
        assert (id_number.birth_date_of(suggestion), id_number.sex_of(suggestion)) == (born, sex)


def test_a_birth_date_misread_is_offered_from_the_printed_one() -> None:
    assert id_number.suggest("11010519481231002X", dt.date(1949, 12, 31), "女")[0] == "11010519491231002X"


def test_a_date_in_the_future_fails() -> None:
    parsed = id_number.read("11010519491231002X", dt.date(1940, 1, 1))

    assert not parsed.passed
