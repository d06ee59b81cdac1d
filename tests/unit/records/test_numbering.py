from __future__ import annotations

import concurrent.futures

import pytest

from records import numbering
from records.errors import CodesExhausted, SettingInvalid
from records.models import Base
from storage.database import open_engine, session_factory


@pytest.mark.parametrize("pattern", ["{region}", "{seq}", "{region}{seq:06d}{seq:02d}", "{name}{seq:04d}"])
def test_a_pattern_that_cannot_number_is_refused(pattern: str) -> None:
    with pytest.raises(SettingInvalid):
        numbering.check_pattern(pattern, allowed=frozenset({"region"}))


def test_a_number_too_wide_for_its_pattern_is_not_given_out() -> None:
    with pytest.raises(CodesExhausted):
        numbering.render("{seq:02d}", seq=100)


def test_each_series_counts_by_itself_and_never_repeats(database_url: str) -> None:
    engine = open_engine(database_url)
    Base.metadata.create_all(engine)
    sessions = session_factory(engine)

    def take(region: str) -> str:
        with sessions.begin() as session:
            return numbering.next_code(session, "{region}{seq:04d}", region=region)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(take, ["HD", "HB"] * 20))
    engine.dispose()

    assert sorted(codes) == [f"HB{n:04d}" for n in range(1, 21)] + [f"HD{n:04d}" for n in range(1, 21)]


def test_a_number_of_a_rolled_back_transaction_leaves_no_repeat(database_url: str) -> None:
    engine = open_engine(database_url)
    Base.metadata.create_all(engine)
    sessions = session_factory(engine)
    with sessions() as session:
        numbering.next_number(session, "x")
        session.rollback()
    with sessions.begin() as session:
        first = numbering.next_number(session, "x")
    engine.dispose()

    assert first == 1
