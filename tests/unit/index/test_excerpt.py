from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.excerpt import excerpt
from index.tokens import phrases_of, tokens_of
from tests.unit.index.test_tokens import stands_in


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("住所：上海市浦东新区", "浦东", ["浦东"]),
        ("住所：上海市浦\n 东新区", "浦东", ["浦东"]),
        ("ＡＢＣ-12 号", "abc", ["ＡＢＣ"]),
        ("批号ABC123", "abc", ["ABC123"]),
        ("上海（浦东）有限", "上海(浦东)", ["上海（浦东"]),
        ("上海浦东", "上海，浦东", []),
        ("上海，上海 北京", "上海 北京", ["上海", "上海", "北京"]),
        ("哈哈哈", "哈哈", ["哈哈哈"]),
        ("没有", "别的", []),
        ("㎡ 与 12㎡", "m2", ["㎡"]),
        ("", "上海", []),
        ("上海", "，", []),
    ],
)
def test_marks_what_answers(text, query, marked):
    found = excerpt(text, query)

    assert [found.text[start:end] for start, end in found.highlights] == marked


def test_shows_the_surroundings_of_the_first_answer():
    found = excerpt("前" * 500 + "合同" + "后" * 500, "合同", width=30)

    assert found.text == "…" + "前" * 9 + "合同" + "后" * 19 + "…"
    assert found.highlights == ((10, 12),)


def test_tidies_blanks_and_line_breaks():
    assert excerpt("上海\n 市\n\n  No. 12\n路", "无").text == "上海市 No. 12 路"


def test_begins_at_the_beginning_when_nothing_answers():
    assert excerpt("甲" * 100, "无", width=5).text == "甲甲甲甲甲…"


@given(
    st.text(alphabet="上海a1２ ，\n", max_size=30),
    st.text(alphabet="上海a1２，", min_size=1, max_size=5),
    st.integers(1, 40),
)
def test_marks_exactly_what_the_index_finds(text, query, width):
    found = excerpt(text, query, width)
    phrases = phrases_of(query)

    assert bool(found.highlights) is any(stands_in(phrase, tokens_of(text)) for phrase in phrases)
    assert all(0 <= start < end <= len(found.text) for start, end in found.highlights)
    assert list(found.highlights) == sorted(found.highlights)
