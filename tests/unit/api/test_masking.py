from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.masking import STARS, mask, mask_number, masked
from records.fields import FieldView
from records.terms import FieldState

areas = st.from_regex(r"[1-8][0-9]{5}", fullmatch=True)
days = st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2099, 12, 31))
ends = st.from_regex(r"[0-9]{3}[0-9Xx]", fullmatch=True)
around = st.text(alphabet="姓名：，。\n ", max_size=8)


@given(area=areas, day=days, end=ends, before=around, after=around)
def test_an_id_number_is_masked_wherever_it_stands(area: str, day: dt.date, end: str, before: str, after: str) -> None:
    masked_text = mask(f"{before}{area}{day:%Y%m%d}{end}{after}")

    assert masked_text == f"{before}{area}{STARS}{end}{after}"


@given(area=areas, day=days, end=ends)
def test_blanks_that_recognition_put_in_do_not_unmask_it(area: str, day: dt.date, end: str) -> None:
    number = f"{area}{day:%Y%m%d}{end}"

    assert mask(" ".join(number)) == f"{area}{STARS}{end}"


@pytest.mark.parametrize(
    "text", ["91310115MA0000075X", "2019年03月19日", "13800138000", "110105194913310020", "1101051949123100201"]
)
def test_what_is_no_id_number_stays(text: str) -> None:
    assert mask(text) == text


@given(number=st.text(alphabet="0123456789X ", max_size=24))
def test_a_badly_read_number_never_shows_its_middle(number: str) -> None:
    tight = number.replace(" ", "")

    shown = mask_number(number).replace(STARS, "")

    assert len(shown) <= 10
    assert shown == "" or len(tight) - len(shown) >= 5


def test_a_field_is_masked_in_value_text_and_suggestions() -> None:
    number = "11010519491231002X"
    field = FieldView(
        part_no=1, name="id_number", state=FieldState.DOUBTFUL, value=number, text=f"号码{number}", confidence=0.5,
        page_no=1, box=None, checks=[], suggestions=[number], as_printed=False, version=1, decided_by=None,
    )  # fmt: skip

    assert "19491231" not in repr(masked(field))
