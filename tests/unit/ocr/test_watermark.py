from __future__ import annotations

import doctest

import pytest

from ocr import watermark
from tests.unit.ocr.printed import line, segments


def test_examples_of_the_module_hold() -> None:
    assert doctest.testmod(watermark).attempted == 4
    assert doctest.testmod(watermark).failed == 0


@pytest.mark.parametrize("text", ["SCJDGL", "CJDGL", "SCJDG", "SCJDGl", "SCJ0GL"])
def test_the_registrars_mark_is_known_in_pieces(text: str) -> None:
    assert watermark.fragments(text, watermark.words_of([])) == [(0, len(text))]


@pytest.mark.parametrize(
    "text", ["LED灯具销售", "A座1204", "GDP统计", "云杉（CN）公司", "http://www.gsxt.gov.cn", "DJ-302", "SC认证"]
)
def test_print_in_letters_stays(text: str) -> None:
    assert watermark.fragments(text, watermark.words_of([])) == []


def test_a_chinese_mark_repeated_over_the_page_is_left_out() -> None:
    marks = [line("仅供开户使用", 100 * i, 200 * i) for i in range(1, 4)]

    assert [s.text for s in segments(*marks, line("云杉公司", 50, 50))] == ["云杉公司"]


def test_a_sentence_printed_twice_is_no_mark() -> None:
    assert len(segments(line("仅供开户使用", 100, 100), line("仅供开户使用", 100, 300))) == 2
