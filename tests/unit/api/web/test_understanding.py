from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.schemas.search import SearchOrder
from api.web.understanding import understood

REGIONS = {"华东": "HD", "HD": "HD", "华北": "HB", "HB": "HB"}


@pytest.mark.parametrize(
    ("typed", "filters"),
    [
        ("海棠贸易", {"text": "海棠贸易"}),
        ("华东", {"region_codes": ["HD"]}),
        ("hd 海棠 贸易", {"region_codes": ["HD"], "text": "海棠 贸易"}),
        ("91310115MA0000015C", {"number": {"purpose": "credit_code", "number": "91310115MA0000015C"}}),
        ("11010519491231002x", {"number": {"purpose": "id_number", "number": "11010519491231002X"}}),
        ("310115000123456", {"number": {"purpose": "registration_number", "number": "310115000123456"}}),
        ("GD01-KH·YZ-2026", {"archival_code_prefix": "GD01-KH·YZ-2026"}),
        ("hd000017", {"customer_code_prefix": "HD000017"}),
        ("2026-03-05", {"date_from": dt.date(2026, 3, 5), "date_to": dt.date(2026, 3, 5)}),
        ("2026年", {"date_from": dt.date(2026, 1, 1), "date_to": dt.date(2026, 12, 31)}),
        ("2024年2月", {"date_from": dt.date(2024, 2, 1), "date_to": dt.date(2024, 2, 29)}),
        ("2026-13-05", {"text": "2026-13-05"}),
        ("2026", {"text": "2026"}),
        ("华东 华北", {"region_codes": ["HD"], "text": "华北"}),
        ("", {}),
    ],
)
def test_what_is_typed_is_understood(typed: str, filters: dict[str, Any]) -> None:
    assert understood(typed, REGIONS).filters == filters


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_valid_search_and_nothing_is_lost(typed: str) -> None:
    meant = understood(typed, REGIONS)

    SearchOrder.model_validate(meant.filters)
    assert sorted(" ".join(word for _, word in meant.parts).split()) == sorted(typed.split())
