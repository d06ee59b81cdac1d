"""The excerpt cut from the neighbourhood is the one cut from the whole page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.routes.search import _excerpt
from index.excerpt import excerpt

filler = st.text(alphabet="甲乙丙丁 \n", max_size=400)


@given(before=filler, after=filler)
def test_a_plain_match_gives_the_same_excerpt_as_the_whole_page(before: str, after: str) -> None:
    page = f"{before}，海棠贸易，{after}"

    assert _excerpt(page, "海棠贸易") == excerpt(page, "海棠贸易")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("甲" * 300 + "海棠\n贸易" + "乙" * 300, "海棠贸易"),  # across a line
        ("甲" * 300 + "ＡＢＣ公司" + "乙" * 300, "abc公司"),  # in full width
        ("bank " + "甲" * 300 + " an 乙", "an"),  # first inside a longer word
        ("甲" * 300, ""),
        ("", "海棠"),
    ],
)
def test_what_does_not_stand_there_plainly_is_found_as_in_the_whole_page(page: str, text: str) -> None:
    assert _excerpt(page, text) == excerpt(page, text)
