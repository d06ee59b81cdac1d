from __future__ import annotations

import pytest

from ocr.stacked import joined
from tests.unit.ocr.printed import line, read, segments

LABELS = ("统一社会信用代码", "身份证号", "身份证号码", "联系人", "地址")


def texts(*pieces: tuple[str, float, float]) -> list[str]:
    return [s.text for s in joined(segments(*(line(text, x, y, 20) for text, x, y in pieces)), LABELS)]


@pytest.mark.parametrize(
    "pieces",
    [
        [("统一社会", 100, 100), ("信用代码", 100, 124)],
        [("统一社", 100, 100), ("会信用", 100, 124), ("代码", 110, 148)],
        [("统社会", 100, 100), ("信用代码:", 92, 124)],
    ],
)
def test_the_lines_of_a_label_are_put_together(pieces: list[tuple[str, float, float]]) -> None:
    assert texts(*pieces) == ["统一社会信用代码"]


def test_the_longest_label_is_made() -> None:
    assert texts(("身份", 100, 100), ("证号", 100, 124), ("码", 110, 148)) == ["身份证号码"]


@pytest.mark.parametrize(
    "pieces",
    [
        [("联系", 100, 100), ("人", 110, 160)],
        [("联系", 100, 100), ("人", 190, 124)],
        [("地", 100, 100), ("址", 100, 124)],
    ],
)
def test_rows_of_a_table_other_columns_and_labels_of_two_characters_stay_apart(
    pieces: list[tuple[str, float, float]],
) -> None:
    assert texts(*pieces) == [text for text, _, _ in pieces]


def test_a_value_of_two_lines_stands_beside_a_label_of_two() -> None:
    form = [
        line("客户信息登记表", 350, 60, 40),
        line("统一社会", 100, 200), line("信用代码", 100, 224), line("91350100M000100Y43", 220, 212),
        line("详细", 110, 300), line("地址", 110, 324), line("福建省福州市鼓楼区五四路8号楼", 220, 301, 18),
        line("301室", 220, 323, 18), line("开户", 620, 300), line("银行", 620, 324), line("云杉银行福州支行", 720, 312),
    ]  # fmt: skip
    fields = read(*form).fields

    assert fields["统一社会信用代码"].value == "91350100M000100Y43"
    assert fields["详细地址"].value == "福建省福州市鼓楼区五四路8号楼301室"
    assert fields["开户银行"].value == "云杉银行福州支行"
