from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.paging import decode, encode
from records.errors import InvalidInput

keys = st.tuples(st.dates(), st.text(max_size=40), st.integers())


@given(key=keys)
def test_a_cursor_comes_back_as_the_key_it_was_made_of(key: tuple[dt.date, str, int]) -> None:
    assert decode(encode(key), (dt.date, str, int)) == list(key)


@given(cursor=st.text(max_size=60))
def test_a_cursor_nobody_gave_out_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        decode(cursor, (dt.date, str))


@given(key=keys)
def test_a_cursor_of_another_list_is_refused(key: tuple[dt.date, str, int]) -> None:
    with pytest.raises(InvalidInput):
        decode(encode(key), (str,))
