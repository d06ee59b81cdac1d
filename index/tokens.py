"""Text → tokens: character 2-grams for Chinese, whole words for letters and digits.

A stretch of Chinese characters gives each of its 2-grams and, at its end, the last character alone: 上海市 gives 上海,
海市, 市. So every position holds a token that begins with the character of that position, a phrase is a sequence of
2-grams, and a query of one character is a prefix. Letters and digits give words. Width and case are folded (NFKC and
case folding, character by character, so that positions in the folded text lead back to the original).

Blank space and line breaks inside Chinese text are nothing: recognition puts them where the paper had a margin.
Punctuation ends a stretch, and so a phrase does not run across it unless the query has it there too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

WORD_LENGTH = 64
"""Longer words are cut: rubbish from recognition must not become a lexeme no engine accepts."""

# Ideographs with their extensions and radicals, the iteration mark and zero, kana and hangul: written without spaces.
_CJK = (
    "\u2e80-\u2fdf々〇\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_STRETCH = re.compile(rf"(?P<cjk>[{_CJK}](?:\s*[{_CJK}])*)|[^\W_{_CJK}]+")
_PIECE = re.compile(rf".{{1,{WORD_LENGTH}}}")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Tokens that must stand in this order; with `open_ended` the last one is a prefix."""

    tokens: tuple[str, ...]
    open_ended: bool


class Unit(NamedTuple):
    """A Chinese character or a word, with its place (start, end) in the original text.

    `joined` says that it is a Chinese character which continues the stretch of the one before it.
    """

    text: str
    start: int
    end: int
    is_cjk: bool
    joined: bool


@lru_cache(maxsize=1 << 16)
def fold_character(character: str) -> str:
    """Fold width and case of one character; formatting characters and lone surrogates vanish."""
    if unicodedata.category(character) in {"Cf", "Cs"}:
        return ""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())


def fold(text: str) -> str:
    return "".join(map(fold_character, text))


def tokens_of(text: str) -> list[str]:
    """The tokens of a text in order, one a position."""
    found: list[str] = []
    for stretch in _STRETCH.finditer(fold(text)):
        found += _grams(stretch.group()) if stretch.lastgroup == "cjk" else _words(stretch.group())
    return found


def phrases_of(query: str) -> tuple[Phrase, ...]:
    """One phrase for each run of the query between blanks, without repeats; runs of mere punctuation give none."""
    return tuple(dict.fromkeys(filter(None, map(_phrase, query.split()))))


def units_of(text: str) -> Iterator[Unit]:
    """The characters and words behind the tokens, with their places: what a phrase is compared with in a text."""
    folded, places = _fold_with_places(text)
    for stretch in _STRETCH.finditer(folded):
        first = stretch.start()
        if stretch.lastgroup == "cjk":
            for at, character in enumerate(stretch.group()):
                if not character.isspace():
                    place = places[first + at]
                    yield Unit(character, place, place + 1, True, at > 0)
            continue
        for piece in _PIECE.finditer(stretch.group()):
            start, end = places[first + piece.start()], places[first + piece.end() - 1] + 1
            yield Unit(piece.group(), start, end, False, False)


def _phrase(run: str) -> Phrase | None:
    stretches = list(_STRETCH.finditer(fold(run)))
    tokens = tokens_of(run)
    if not tokens:
        return None
    if stretches[-1].lastgroup == "cjk" and len(stretches[-1].group()) > 1:
        return Phrase(tokens=tuple(tokens[:-1]), open_ended=False)
    # One character is a prefix of the 2-grams it begins; a word of one letter or digit would begin too many.
    return Phrase(tokens=tuple(tokens), open_ended=stretches[-1].lastgroup == "cjk" or len(tokens[-1]) > 1)


def _grams(stretch: str) -> list[str]:
    characters = _BLANK.sub("", stretch)
    return [characters[at : at + 2] for at in range(len(characters))]


def _words(stretch: str) -> list[str]:
    return [stretch[at : at + WORD_LENGTH] for at in range(0, len(stretch), WORD_LENGTH)]


def _fold_with_places(text: str) -> tuple[str, list[int]]:
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        replacement = fold_character(character)
        folded.append(replacement)
        places += [place] * len(replacement)
    return "".join(folded), places
