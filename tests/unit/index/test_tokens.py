from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.tokens import WORD_LENGTH, Phrase, fold, phrases_of, tokens_of, units_of

ANY_TEXT = st.text(alphabet=st.one_of(st.sampled_from("上海浦东ab1２Ａ，。 \n"), st.characters()), max_size=60)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("，。 \n!", []),
        ("上", ["上"]),
        ("上海市", ["上海", "海市", "市"]),
        ("上\n海 市", ["上海", "海市", "市"]),
        ("上海，市", ["上海", "海", "市"]),
        ("Ａ栋ABC-12", ["a", "栋", "abc", "12"]),
        ("二〇二四", ["二〇", "〇二", "二四", "四"]),
        ("⼀⽉", ["一月", "月"]),
        ("合\ufeff同", ["合同", "同"]),
        ("𠮷田", ["𠮷田", "田"]),
        ("Straße", ["strasse"]),
    ],
)
def test_tokens(text, tokens):
    assert tokens_of(text) == tokens


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ("上", [Phrase(tokens=("上",), open_ended=True)]),
        ("上海市", [Phrase(tokens=("上海", "海市"), open_ended=False)]),
        ("12号", [Phrase(tokens=("12", "号"), open_ended=True)]),
        ("AB", [Phrase(tokens=("ab",), open_ended=True)]),
        ("A", [Phrase(tokens=("a",), open_ended=False)]),
        ("上海\u3000ab 上海 ，", [Phrase(tokens=("上海",), open_ended=False), Phrase(tokens=("ab",), open_ended=True)]),
    ],
)
def test_phrases(query, phrases):
    assert list(phrases_of(query)) == phrases


def test_rubbish_is_cut_into_words_of_bounded_length():
    assert {len(token) for token in tokens_of("x" * (3 * WORD_LENGTH))} == {WORD_LENGTH}


@given(ANY_TEXT)
def test_tokens_are_plain_words_every_engine_takes(text):
    assert all(token.isalnum() or token[0] >= "\u2e80" for token in tokens_of(text))
    assert all(token.encode() and not set(token) & set("'\"\\*:&|!()<> \n") for token in tokens_of(text))


@given(ANY_TEXT)
def test_each_unit_gives_one_token_that_begins_with_it(text):
    units, tokens = list(units_of(text)), tokens_of(text)

    assert len(units) == len(tokens)
    assert all(token.startswith(unit.text) for unit, token in zip(units, tokens, strict=True))
    assert all(unit.text in fold(text[unit.start : unit.end]) for unit in units if not unit.is_cjk)


@given(st.text(alphabet="上海浦东新区", min_size=1, max_size=12), st.data())
def test_every_fragment_is_found(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    [phrase] = phrases_of(text[start:end])

    assert stands_in(phrase, tokens_of(f"前，{text}。后"))


def stands_in(phrase: Phrase, tokens: list[str]) -> bool:
    """What a full-text engine does with positions."""
    *whole, last = phrase.tokens
    return any(
        tokens[at : at + len(whole)] == whole
        and (tokens[at + len(whole)].startswith(last) if phrase.open_ended else tokens[at + len(whole)] == last)
        for at in range(len(tokens) - len(whole))
    )
