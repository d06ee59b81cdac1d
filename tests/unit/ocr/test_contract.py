from __future__ import annotations

import pytest

from ocr.extraction import extract
from records.readings import DocumentReading, Line, PageReading
from records.terms import DocumentKind, FieldState

from .printed import line, page


def contract(
    *, a: str = "甲方（买方）：福州云杉科技有限公司", b: str = "乙方（卖方）：厦门青禾贸易有限公司"
) -> list[Line]:
    return [
        line("购销合同", 420, 90, 40),
        line("合同编号：YB-2023-0042", 650, 150),
        line(a, 60, 200),
        line("统一社会信用代码：91350100M000100Y43", 60, 240),
        line(b, 60, 280),
        line("第一条 甲方向乙方订购本合同附件所列货物。", 60, 330),
        line("第二条 乙方应当于本合同生效之日起三十日内交货。", 60, 370),
        line("甲方（盖章）：", 60, 900),
        line("乙方（盖章）：", 520, 900),
        line("日期：2023年12月06日", 60, 960),
        line("日期：2023年12月06日", 520, 960),
    ]


def only(*pages: PageReading) -> DocumentReading:
    (document,) = extract(list(pages))
    return document


def test_the_fields_of_a_contract() -> None:
    read = only(page(*contract()))

    assert read.kind is DocumentKind.CONTRACT
    assert {name: field.value for name, field in read.fields.items()} == {
        "title": "购销合同",
        "contract_number": "YB-2023-0042",
        "party_a": "福州云杉科技有限公司",
        "party_b": "厦门青禾贸易有限公司",
        "signed_on": "2023年12月06日",
    }


@pytest.mark.parametrize(
    "printed",
    [
        "甲方：福州云杉科技有限公司",
        "甲方(委托人):福州云杉科技有限公司",
        "出租方（甲方）：福州云杉科技有限公司",
        "甲方：福州云杉科技有限公司（以下简称甲方）",
        "甲方（买方）；福州云杉科技有限公司",
        "甲方（买方）福州云杉科技有限公司",
        "甲方：福州云杉科技有限公司 统一社会信用代码：91350100M000100Y43",
    ],
)
def test_a_party_however_it_is_introduced(printed: str) -> None:
    assert only(page(*contract(a=printed))).fields["party_a"].value == "福州云杉科技有限公司"


def test_parties_side_by_side() -> None:
    lines = [ln for ln in contract() if not ln.text.startswith(("甲方（买", "乙方（卖"))]
    beside = [line("甲方：福州云杉科技有限公司", 60, 200), line("乙方：厦门青禾贸易有限公司", 520, 200)]
    fields = only(page(*lines, *beside)).fields

    assert (fields["party_a"].value, fields["party_b"].value) == ("福州云杉科技有限公司", "厦门青禾贸易有限公司")


def test_a_blank_party_is_absent() -> None:
    field = only(page(*contract(a="甲方：__________"))).fields["party_a"]

    assert (field.value, field.state) == (None, FieldState.ABSENT)


def test_the_place_for_the_seal_names_no_party() -> None:
    lines = [ln for ln in contract() if not ln.text.startswith("甲方（买")]
    field = only(page(*lines)).fields["party_a"]

    assert (field.value, field.state) == (None, FieldState.DOUBTFUL)


@pytest.mark.parametrize("printed", ["日期：2023年12月日", "日期：2023年12月"])
def test_a_date_of_which_a_part_was_read_is_doubted(printed: str) -> None:
    lines = [ln for ln in contract() if not ln.text.startswith("日期")]
    beside = [line(printed, 60, 960), line(printed, 520, 960)]
    field = only(page(*lines, *beside)).fields["signed_on"]

    assert (field.value, field.state) == (printed.removeprefix("日期："), FieldState.DOUBTFUL)


@pytest.mark.parametrize(("printed", "state"), [("日期：", FieldState.ABSENT), ("", FieldState.DOUBTFUL)])
def test_a_date_is_absent_only_where_its_place_is_blank(printed: str, state: FieldState) -> None:
    lines = [ln for ln in contract() if not ln.text.startswith("日期")]
    blank = [line(printed, 60, 960)] if printed else []

    assert only(page(*lines, *blank)).fields["signed_on"].state is state


def test_a_page_of_clauses_goes_on_with_the_contract() -> None:
    first, last = contract()[:7], contract()[7:]
    read = only(page(*first), page(line("第三条 争议由双方协商解决。", 60, 100), *last, no=2))

    assert read.page_nos == (1, 2)
    assert read.fields["signed_on"].page_no == 2


def test_another_paper_behind_a_contract_is_its_own() -> None:
    note = page(line("送货单", 420, 90, 40), line("硒鼓 3 个", 60, 200), no=2)

    assert [read.kind for read in extract([page(*contract()), note])] == [DocumentKind.CONTRACT, DocumentKind.OTHER]


@pytest.mark.parametrize(
    "lines",
    [
        [line("本合同一式两份，甲方执一份。", 60, 200), line("乙方执一份。", 60, 240)],
        [line("购销合同", 420, 90, 40), line("送货清单见附件。", 60, 200)],
        [line("购销合同", 420, 90), line("甲方见附件。", 60, 200), line("乙方同上。", 60, 240)],
    ],
)
def test_speaking_of_contracts_makes_none(lines: list[Line]) -> None:
    assert only(page(*lines)).kind is DocumentKind.OTHER
