from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.fields import capital

DIGITS = "零壹贰叁肆伍陆柒捌玖"


def in_capitals(amount: int) -> str:
    """An amount below 100 million in capital numerals, as a licence prints it."""
    if amount >= 10_000:
        high, low = divmod(amount, 10_000)
        return in_capitals(high) + "万" + ("" if low == 0 else ("零" if low < 1000 else "") + in_capitals(low))
    words, skipped = "", False
    for unit, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit, amount = divmod(amount, unit)
        if digit:
            words += ("零" if skipped and words else "") + DIGITS[digit] + name
        skipped = not digit
    return words


@given(st.integers(1, 99_999_999))
def test_capital_numerals_give_their_amount(amount: int) -> None:
    assert capital.amount_yuan(f"人民币{in_capitals(amount)}元整") == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1000万元", 10_000_000), ("人民币100.0000万元整", 1_000_000), ("壹亿元整", 100_000_000), ("50万美元", 500_000)],
)
def test_amounts(text: str, amount: int) -> None:
    assert capital.amount_yuan(text) == Decimal(amount)


def test_words_that_make_no_amount_are_kept_in_doubt() -> None:
    parsed = capital.read("费忆元蔡", dt.date(2026, 1, 1))

    assert parsed.value == "费忆元蔡"
    assert not parsed.passed
