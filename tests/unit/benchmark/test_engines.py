from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.benchmark import engines
from tests.benchmark.engines import OURS, Page, Tally, measure, missing, table
from tests.benchmark.scoring import distance

SCOPE = "许可项目:食品销售,餐饮服务.一般项目:办公用品销售,打字复印,广告设计与代理"


def test_a_short_value_is_found_wherever_it_stands() -> None:
    assert missing("李桂枝", "姓名李桂枝性别女", "") == 0
    assert missing("李桂枝", "姓名李桂校性别女", "") == 1
    assert missing("李桂枝", "", "") == 3


@given(st.text("甲乙丙", max_size=8), st.text("甲乙丙", max_size=8))
def test_what_is_missing_is_never_more_than_the_whole_nor_than_the_distance(value: str, text: str) -> None:
    assert missing(value, text, text) <= min(len(value), distance(value, text))


def test_a_long_value_may_be_read_in_any_order_of_lines() -> None:
    lines = [SCOPE[20:], "成立日期 2019年3月1日", SCOPE[:20]]

    assert missing(SCOPE, "".join(lines), "\n".join(lines)) == 0
    assert missing(SCOPE, lines[2], lines[2]) == len(SCOPE) - 20


def test_engines_take_turns_and_are_held_against_ours() -> None:
    asked: list[str] = []

    def answering(name: str, text: str, cpu_s: float) -> engines.Engine:
        def ask(path: Path) -> dict[str, object]:
            asked.append(f"{name}{path}")
            return {"text": text, "cpu_s": cpu_s, "wall_s": cpu_s}

        return ask

    pages = [Page(path=Path(str(n)), values=("李桂枝",)) for n in (1, 2)]
    tallies = measure(pages, {OURS: answering("o", "李桂\n枝", 1.0), "x": answering("x", "李桂校", 5.0)})

    assert asked == ["o1", "x1", "o1", "x1", "x2", "o2"]
    ours, other = table("t", tallies).rows
    assert ours[5] == "2 of 2 (100.0%)"
    assert (other[3], other[6]) == ("5.00", "33.33%")


def test_an_engine_is_counted_by_what_it_has_not() -> None:
    tally = Tally()
    tally.add({"text": "张 三", "cpu_s": 1.0, "wall_s": 2.0}, Page(path=Path(), values=("张三", "李四")))

    assert (tally.found, tally.values, tally.errors, tally.characters) == (1, 2, 2, 4)
