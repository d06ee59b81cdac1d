from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from ocr.fields import credit_code

TODAY = dt.date(2026, 1, 1)
VALUES = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@st.composite
def codes(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from(["91", "92", "93", "52", "12"])) + draw(st.sampled_from(["350100", "110105", "440305"]))
    body = "".join(draw(st.lists(st.sampled_from(VALUES), min_size=8, max_size=8)))
    most = head + body + credit_code.organisation_digit(body)
    return most + str(uscc.calc_check_digit(most))


@given(codes())
def test_a_whole_code_passes_every_check_and_is_proven(code: str) -> None:
    parsed = credit_code.read(code, TODAY)

    assert parsed.value == code
    assert parsed.passed
    assert parsed.proven
    assert parsed.suggestions == ()


@given(codes(), st.integers(0, 17), st.sampled_from(VALUES))
def test_no_single_misread_character_passes(code: str, at: int, other: str) -> None:
    wrong = code[:at] + other + code[at + 1 :]
    parsed = credit_code.read(wrong, TODAY)

    assert parsed.value == wrong
    assert parsed.passed == (wrong == code)


@given(codes(), st.sampled_from([("0", "O"), ("1", "I"), ("2", "Z"), ("5", "S")]))
def test_forbidden_letters_are_mended_only_as_a_suggestion(code: str, pair: tuple[str, str]) -> None:
    digit, letter = pair
    wrong = code.replace(digit, letter)
    parsed = credit_code.read(wrong, TODAY)

    assert parsed.value == wrong
    assert (wrong == code) or (not parsed.passed and parsed.suggestions[0] == code)


@given(codes())
def test_a_lost_last_character_is_offered(code: str) -> None:
    parsed = credit_code.read(code[:-1], TODAY)

    assert parsed.value == code[:-1]
    assert parsed.suggestions == (code,)


def test_width_case_and_spaces_mean_nothing() -> None:
    assert credit_code.read(" ９１３５ 0100m000100y43 ", TODAY).value == "91350100M000100Y43"


def test_an_unknown_region_raises_doubt_and_nothing_else() -> None:
    body = "91999999M000100Y4"
    parsed = credit_code.read(body + uscc.calc_check_digit(body), TODAY)

    assert [check.name for check in parsed.checks if not check.passed] == ["region"]
    assert parsed.proven
