from __future__ import annotations

import doctest
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import agreement
from ocr.agreement import together
from tests.unit.ocr.printed import line

CONFIDENCE = st.floats(0, 1)


@given(CONFIDENCE, CONFIDENCE)
def test_two_that_agree_are_trusted_more_than_either(a: float, b: float) -> None:
    first = replace(line("林木森", 10, 10), confidence=a)
    both = together(first, replace(first, confidence=b))

    assert max(a, b) <= both.confidence <= 1
    assert both.looks == 2


@given(CONFIDENCE, CONFIDENCE)
def test_two_that_differ_are_trusted_no_more_than_either_and_never_much(a: float, b: float) -> None:
    first = replace(line("林木森", 10, 10), confidence=a)
    both = together(first, replace(first, text="林木淼", confidence=b))

    assert both.confidence <= min(max(a, b), 0.9)
    assert both.text == ("林木淼" if b >= a else "林木森")


def test_width_and_spaces_are_no_difference() -> None:
    first = replace(line("销售(零售);咨询", 10, 10), confidence=0.9)

    assert together(first, replace(first, text="销售（零售） ；咨询", confidence=0.8)).confidence == pytest.approx(
        0.975
    )


def test_marks_of_a_few_pixels_are_no_difference() -> None:
    first = replace(line("零售、批发：五金", 10, 10), confidence=0.9)

    assert together(first, replace(first, text="零售，批发；五金")).confidence == pytest.approx(0.975)


def test_the_module_says_how_two_are_settled() -> None:
    assert doctest.testmod(agreement) == doctest.TestResults(failed=0, attempted=2)


def test_the_line_stays_where_it_was() -> None:
    first = line("林木森", 10, 10)

    assert together(first, line("林木森", 14, 12)).box == first.box


@pytest.mark.parametrize(
    ("kept", "other", "is_worse"),
    [
        ("食品销售餐饮服务", "食品销售、餐饮服务", True),
        ("食品销售、餐饮服务", "食品销售餐饮服务", False),
        ("貳仟万元整", "贰仟万元整", True),
        ("刘喆", "刘吉吉", False),
    ],
)
def test_a_reading_that_loses_a_mark_or_a_current_form(kept: str, other: str, *, is_worse: bool) -> None:
    assert agreement.loses(kept, other) is is_worse
