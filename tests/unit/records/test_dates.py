from __future__ import annotations

import datetime as dt

import pytest

from records import dates


@pytest.mark.parametrize(
    ("by_utc", "day"), [("2026-11-26T15:59", 26), ("2026-11-26T16:00", 27), ("2026-11-27T00:00", 27)]
)
def test_the_day_in_china_begins_eight_hours_before_that_of_utc(
    by_utc: str, day: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "utc_now", lambda: dt.datetime.fromisoformat(f"{by_utc}+00:00"))

    assert dates.today_in_china() == dt.date(2026, 11, day)
