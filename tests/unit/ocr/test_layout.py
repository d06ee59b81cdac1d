from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ocr.layout import WATERMARK_LINES, is_watermarked, rows_of
from records.readings import Line
from tests.unit.ocr.printed import line, page, rectangle, segments, watermark


def test_what_stands_side_by_side_is_one_row() -> None:
    rows = rows_of(
        segments(line("称 云杉公司", 120, 251), line("名", 60, 250), line("类", 60, 290), line("型", 120, 289))
    )

    assert [row.text for row in rows] == ["名称云杉公司", "类型"]


def test_a_tall_box_is_a_column_of_characters() -> None:
    tall = Line(text="名类住", confidence=0.99, box=rectangle(60, 240, 80, 340))
    rows = rows_of(segments(tall, line("称甲", 100, 257), line("型乙", 100, 290), line("所丙", 100, 323)))

    assert [row.text for row in rows] == ["名称甲", "类型乙", "住所丙"]


def test_oblique_print_is_a_watermark() -> None:
    c, s = math.cos(0.5), math.sin(0.5)
    box = (
        (100.0, 100.0),
        (100 + 200 * c, 100 + 200 * s),
        (100 + 200 * c - 20 * s, 100 + 200 * s + 20 * c),
        (100 - 20 * s, 100 + 20 * c),
    )
    mark = Line(text="仅供办理业务使用", confidence=0.99, box=box)

    assert [s.text for s in segments(mark, line("经营范围", 60, 100), line("成立日期", 60, 140))] == [
        "经营范围",
        "成立日期",
    ]


def test_level_print_stands_where_a_watermark_has_more_lines() -> None:
    found = segments(*watermark(12), line("经营范围", 60, 100), line("成立日期", 60, 140), line("营业期限", 60, 180))

    assert [s.text for s in found] == ["经营范围", "成立日期", "营业期限"]


def test_a_round_seal_is_no_watermark() -> None:
    assert not is_watermarked([*watermark(WATERMARK_LINES - 1), line("经营范围", 60, 100)])
    assert is_watermarked([*watermark(12), *(line("经营范围", 60, 900 + 40 * n) for n in range(9))])


def test_the_registrars_watermark_is_cut_from_the_print_it_was_read_with() -> None:
    found = segments(line("SCJDGL登记机关", 100, 100), line("SCJDGL", 300, 300), line("CJDG", 500, 300))

    assert [s.text for s in found] == ["登记机关"]
    assert found[0].left > 150


def test_parts_of_a_segment_share_its_box() -> None:
    (segment,) = segments(line("名称云杉", 100, 50))
    left, right = segment.part(0, 2), segment.part(2)

    assert (left.text, right.text) == ("名称", "云杉")
    assert left.right == right.left == 140


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 1300), st.integers(8, 60)), max_size=30))
def test_every_segment_stands_in_exactly_one_row(places: list[tuple[int, int, int]]) -> None:
    found = segments(*(line("字样", x, y, size) for x, y, size in places))
    standing = [id(s) for row in rows_of(found) for s in row.segments]

    assert sorted(standing) == sorted(id(s) for s in found)


def test_a_page_without_lines_has_no_rows() -> None:
    assert rows_of(segments()) == []
    assert page().text == ""


def test_a_first_character_seen_twice_is_seen_once() -> None:
    """Alone it would be a line above that of its value, which ends there."""
    whole, before, under = line("许可经营软件开发", 160, 100), line("许", 100, 100), line("许", 160, 140)
    (left, top), (_, bottom) = whole.box[0], whole.box[3]
    twice = Line(text="许", confidence=0.99, box=rectangle(left - 12, top + 4, left + 8, bottom - 4))

    assert [s.text for s in segments(whole, twice)] == ["许可经营软件开发"]
    assert sorted(s.text for s in segments(whole, before, under)) == ["许", "许", "许可经营软件开发"]
