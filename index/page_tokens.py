"""The tokens of a page as FTS5 was given them, kept compressed beside the full text, which keeps none.

They are needed twice: FTS5 must be told them to take a page out again, and where few pages are left to look at,
comparing a phrase with them is quicker than asking FTS5 for each.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from index.tokens import Phrase


class PageTokens(NamedTuple):
    """Tokens joined by blanks."""

    facets: str
    names: str
    body: str


def packed(tokens: PageTokens) -> bytes:
    return zlib.compress("\n".join(tokens).encode(), level=1)


def unpacked(kept: bytes) -> PageTokens:
    return PageTokens(*zlib.decompress(kept).decode().split("\n"))


def answers(tokens: PageTokens, phrases: Iterable[Phrase], facet: str | None) -> bool:
    """Whether every phrase stands in the names or the body, and the facet among the facets: what FTS5 would say."""
    if facet is not None and not _stands_in(f" {facet} ", tokens.facets):
        return False
    return all(_stands_in(sought, tokens.names) or _stands_in(sought, tokens.body) for sought in map(_sought, phrases))


def _sought(phrase: Phrase) -> str:
    return f" {' '.join(phrase.tokens)}{'' if phrase.open_ended else ' '}"


def _stands_in(sought: str, tokens: str) -> bool:
    return sought in f" {tokens} "
