from __future__ import annotations

import pytest

from ocr.classify import parts_of
from ocr.kinds.part import Side
from records.readings import Line
from records.terms import DocumentKind
from tests.unit.ocr.printed import ID_NUMBER, id_back, id_front, landscape_licence, line, page, watermark


def kinds(*lines: Line) -> list[DocumentKind]:
    return [part.kind for part in parts_of(page(*lines))]


def test_a_licence_is_told_by_title_and_labels() -> None:
    (part,) = parts_of(page(*landscape_licence()))

    assert part.kind is DocumentKind.BUSINESS_LICENSE
    assert part.confidence > 0.9


def test_a_licence_is_told_without_its_title() -> None:
    assert kinds(*landscape_licence()[1:]) == [DocumentKind.BUSINESS_LICENSE]


def test_a_licence_under_a_watermark_is_told_by_what_is_left_of_it() -> None:
    title, *rest = landscape_licence()
    beside = line("备案、许可、监管信息", 900, 160)
    torn = line("业执照", title.box[0][0], (title.box[0][1] + title.box[3][1]) / 2)

    (part,) = parts_of(page(torn, beside, *rest, *watermark()))

    assert part.kind is DocumentKind.BUSINESS_LICENSE
    assert part.is_watermarked


def test_labels_of_a_form_whose_title_is_lost_do_not_speak_for_other_papers() -> None:
    labels = ["客户名称", "客户类型", "身份证号码", "联系人", "联系电话", "地址", "开户银行", "银行账号"]
    printed = [
        part for n, text in enumerate(labels) for part in (line(text, 60, 200 + 60 * n), line("甲", 260, 200 + 60 * n))
    ]

    assert kinds(*printed) == [DocumentKind.REGISTRATION_FORM]


def test_both_sides_of_a_card_on_one_page() -> None:
    parts = parts_of(page(*id_front(), *id_back(y=600)))

    assert [part.side for part in parts] == [Side.FRONT, Side.BACK]


def test_documents_side_by_side_are_told_from_the_left() -> None:
    parts = parts_of(page(*id_front(x=520, y=100), *id_back(x=40, y=112)))

    assert [part.side for part in parts] == [Side.BACK, Side.FRONT]


def test_a_card_copied_under_a_licence_is_its_own_document() -> None:
    below = [line(text, x, y + 800) for text, x, y in ((o.text, o.box[0][0], o.box[0][1] + 10) for o in id_front())]

    assert kinds(*landscape_licence(), *below) == [DocumentKind.BUSINESS_LICENSE, DocumentKind.ID_CARD]


def test_two_licences_one_below_the_other() -> None:
    second = [
        line(o.text, o.box[0][0], (o.box[0][1] + o.box[3][1]) / 2 + 700, o.box[3][1] - o.box[0][1])
        for o in landscape_licence()
    ]
    parts = parts_of(page(*landscape_licence(), *second))

    assert [part.kind for part in parts] == [DocumentKind.BUSINESS_LICENSE] * 2
    assert len(parts[0].page.lines) == len(parts[1].page.lines)


def contract(x: float, number: str) -> list[Line]:
    texts = [f"合同编号：{number}", "甲方（买方）：福州云杉科技有限公司", "乙方（卖方）：泉州青松商贸有限公司"]
    clauses = ["第一条 甲方向乙方购买货物。", "第二条 乙方于三日内交货。", "签订日期：2021年02月12日"]
    return [line("购销合同", x + 120, 80, 40), *(line(t, x, 180 + 50 * i) for i, t in enumerate(texts + clauses))]


def test_a_sheet_of_two_papers_is_split_at_its_gutter() -> None:
    sheet = [line for pair in zip(contract(40, "A-1"), contract(540, "A-2"), strict=True) for line in pair]
    left, right = parts_of(page(*sheet))

    assert [part.kind for part in (left, right)] == [DocumentKind.CONTRACT] * 2
    assert ("A-1" in left.text, "A-2" in left.text, "A-2" in right.text) == (True, False, True)


def test_a_form_of_two_columns_is_one() -> None:
    labels = ["客户名称", "客户类型", "身份证号码", "联系人", "联系电话", "地址", "开户银行", "银行账号"]
    columns = [line(text, x, 200 + 60 * n) for n, text in enumerate(labels) for x in (60, 600)]

    assert kinds(line("客户登记表", 400, 80, 40), *columns) == [DocumentKind.REGISTRATION_FORM]


def test_a_licence_copied_twice_is_told_by_labels_with_a_character_misread() -> None:
    texts = ["名", "法定代長人林木森", "注册资木伍佰万元", "成认日期2019年03月19日", "貨业期限长期", "位还帆关"]
    worn = [line(text, 100, 200 + 50 * i) for i, text in enumerate(texts)]

    assert kinds(line("营业执照", 350, 80, 60), *worn) == [DocumentKind.BUSINESS_LICENSE]


def test_the_front_of_a_sheet_whose_labels_are_lost_is_told_by_its_number() -> None:
    labels = ("姓名", "性别", "民族", "住址", "公民身份号码")
    front = [o for o in id_front() if not o.text.startswith(labels)]

    assert [part.side for part in parts_of(page(*front, *id_back(y=600)))] == [Side.FRONT, Side.BACK]


def test_a_back_whose_first_label_is_lost_is_told_by_the_other() -> None:
    lines = [line("复印无发机关", *_at(o)) if o.text.startswith("签发机关") else o for o in id_back()]

    assert [part.side for part in parts_of(page(*lines))] == [Side.BACK]


def _at(o: Line) -> tuple[float, float]:
    return o.box[0][0], (o.box[0][1] + o.box[3][1]) / 2


@pytest.mark.parametrize("label", ["公民身份号码", "公民身分号码", "公民务份号码", "公民身份证号码"])
def test_a_misread_number_label_still_tells_a_card(label: str) -> None:
    lines = [line(label, 100, 340) if o.text == "公民身份号码" else o for o in id_front()]

    assert kinds(*lines) == [DocumentKind.ID_CARD]


def test_a_number_behind_a_misread_label_on_its_line_tells_a_card() -> None:
    lines = [o for o in id_front() if o.text not in ("公民身份号码", ID_NUMBER)]

    assert kinds(*lines, line("公民公码码" + ID_NUMBER, 100, 340)) == [DocumentKind.ID_CARD]


def test_a_card_whose_labels_are_all_misread_is_told_by_title_and_number() -> None:
    front = [line("住=林木森", 100, 100), line("日生1949年12月31日", 100, 180), line("生址北京市东城区", 100, 220)]
    number = line(ID_NUMBER, 300, 340)
    back = [
        line("中华人民共和国", 300, 460, 30),
        line("居民身份证", 300, 500, 40),
        line("2013.02.12-2033.02.12", 300, 640),
    ]

    assert [part.side for part in parts_of(page(*front, number, *back))] == [Side.FRONT, Side.BACK]


def test_a_number_alone_makes_no_card() -> None:
    lines = [line("收件单", 100, 100), line("签收人林木森", 100, 180), line(ID_NUMBER, 300, 340)]

    assert DocumentKind.ID_CARD not in kinds(*lines)


def test_a_card_is_told_without_the_label_of_its_number() -> None:
    assert kinds(*(o for o in id_front() if o.text != "公民身份号码")) == [DocumentKind.ID_CARD]


@pytest.mark.parametrize("title", ["中华人民共和国居住证", "机动车驾驶证", "社会保障卡"])
def test_look_alikes_of_a_card_are_none(title: str) -> None:
    assert kinds(line(title, 150, 40, 30), *id_front()) == [DocumentKind.OTHER]


def test_a_form_that_asks_for_what_a_licence_prints_is_a_form() -> None:
    labels = ["客户名称", "统一社会信用代码", "法定代表人/负责人", "经营范围", "注册资本", "联系电话"]
    lines = [line("客户信息登记表", 400, 60, 36), *(line(label, 100, 150 + 60 * i) for i, label in enumerate(labels))]
    (part,) = parts_of(page(*lines))

    assert part.kind is DocumentKind.REGISTRATION_FORM
    assert part.template == "customer_registration_form"


def test_two_forms_on_one_sheet_are_two() -> None:
    form = [("健在确认表（存根）", 380, 60, 36), ("姓名", 100, 140, 20), ("李秀", 200, 140, 20)]
    lines = [line(t, x, y, s) for t, x, y, s in form] + [line(t, x, y + 600, s) for t, x, y, s in form]

    assert kinds(*lines) == [DocumentKind.REGISTRATION_FORM] * 2


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["购销合同", "甲方：云杉公司", "乙方：青松公司", "第一条 甲方向乙方购买货物"],
        ["社会保障卡", "姓名 林木森", "社会保障号码 1234567890987654", "发卡日期 2019年11月", "有效期限 10年"],
        ["开户许可证", "核准号：J1234567890", "法定代表人（单位负责人）林木森", "开户银行 云杉银行"],
        ["关于放假的通知", "各部门：", "现将放假安排通知如下"],
    ],
)
def test_everything_else_is_other(lines: list[str]) -> None:
    assert kinds(*(line(text, 100, 100 + 50 * i) for i, text in enumerate(lines))) == [DocumentKind.OTHER]
