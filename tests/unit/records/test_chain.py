from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import chain
from records.errors import ChainBroken

ENTRIES = st.lists(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8), max_size=3), max_size=8)


def make(entries: list[dict[str, object]]) -> list[chain.Link]:
    links, previous = [], chain.GENESIS
    for seq, entry in enumerate(entries, start=1):
        text = chain.canonical(entry)
        digest = chain.link_hash(previous, text)
        links.append(chain.Link(seq=seq, entry=text, previous_hash=previous, hash=digest))
        previous = digest
    return links


@given(ENTRIES)
def test_what_was_chained_verifies(entries: list[dict[str, object]]) -> None:
    links = make(entries)

    assert chain.verify(links) == (len(links), links[-1].hash if links else chain.GENESIS)


@given(ENTRIES.filter(bool), st.data())
def test_one_changed_byte_is_located(entries: list[dict[str, object]], data: st.DataObject) -> None:
    links = make(entries)
    at = data.draw(st.integers(0, len(links) - 1))
    links[at] = links[at]._replace(entry=links[at].entry + " ")

    with pytest.raises(ChainBroken) as broken:
        chain.verify(links)
    assert broken.value.facts["seq"] == at + 1


@given(ENTRIES.filter(lambda entries: len(entries) > 1), st.data())
def test_a_removed_entry_is_located(entries: list[dict[str, object]], data: st.DataObject) -> None:
    links = make(entries)
    at = data.draw(st.integers(0, len(links) - 2))
    del links[at]

    with pytest.raises(ChainBroken) as broken:
        chain.verify(links)
    assert broken.value.facts["seq"] == at + 1


@given(ENTRIES.filter(lambda entries: len(entries) > 1))
def test_reordered_entries_are_noticed(entries: list[dict[str, object]]) -> None:
    links = make(entries)
    links[0], links[-1] = links[-1], links[0]

    with pytest.raises(ChainBroken):
        chain.verify(links)


def test_rewriting_the_tail_with_right_hashes_changes_the_head() -> None:
    honest = chain.verify(make([{"a": 1}, {"b": 2}]))
    forged = chain.verify(make([{"a": 1}, {"b": 3}]))

    assert honest[1] != forged[1]
