from __future__ import annotations

import datetime as dt

import pytest

from ocr import forms
from ocr.extraction import extract
from records.readings import Line
from tests.unit.ocr.printed import CODE, line, page, segments

TODAY = dt.date(2026, 1, 1)


def looks(*lines: Line) -> dict[str, str | None]:
    return {name: value.text if value else None for name, value in forms.find_by_looks(segments(*lines)).items()}


def test_a_value_behind_a_colon() -> None:
    assert looks(line("姓名：林木森", 100, 100), line("电话：家中：0591-12345678", 100, 140)) == {
        "姓名": "林木森",
        "电话 家中": "0591-12345678",
    }


def test_two_pairs_in_one_line_of_print() -> None:
    assert looks(line("联系人：林木森 联系电话：13800000000", 100, 100))["联系电话"] == "13800000000"


def test_a_value_in_the_next_cell() -> None:
    found = looks(line("姓名", 100, 100), line("林木森", 250, 100), line("性别", 500, 100), line("女", 650, 100))

    assert found == {"姓名": "林木森", "性别": "女"}


def test_a_value_under_its_label() -> None:
    found = looks(
        line("车牌号", 100, 100), line("司机姓名", 400, 100), line("闽A00001", 100, 150), line("林木森", 400, 150)
    )

    assert found == {"车牌号": "闽A00001", "司机姓名": "林木森"}


def test_a_value_over_two_lines_of_its_cell() -> None:
    found = looks(line("现居住地址", 100, 110), line("福建省福州市鼓楼区", 300, 100), line("五四路8号", 300, 126))

    assert found == {"现居住地址": "福建省福州市鼓楼区五四路8号"}


def test_an_empty_cell_has_no_value() -> None:
    assert looks(line("姓名", 100, 100), line("性别", 400, 100), line("出生日期：____", 100, 150))["姓名"] is None


def test_a_label_printed_twice_is_counted() -> None:
    found = looks(line("联系电话：13800000000", 100, 100), line("联系电话：13900000000", 100, 200))

    assert list(found) == ["联系电话", "联系电话 2"]


def test_the_english_half_of_a_label_is_no_value() -> None:
    found = looks(
        line("Contact", 100, 80, 18),
        line("联系人", 100, 100, 18),
        line("Name", 400, 80, 18),
        line("姓名", 400, 100, 18),
        line("林木森", 550, 96),
    )

    assert found == {"联系人": None, "姓名": "林木森"}


@pytest.mark.parametrize(
    "text", ["林木森", "13800000000", "福州云杉科技有限公司", "2019年3月1日", "本表一式两份，请妥善保管。"]
)
def test_values_are_no_labels(text: str) -> None:
    assert not forms.is_label(text)


def test_the_customer_registration_form() -> None:
    rows = [
        ("客户名称", "福州云杉科技有限公司"),
        ("客户类型", "☑企业 □个体工商户 □个人"),
        ("统一社会信用代码", CODE),
        ("法定代表人/负责人", "林木森"),
        ("联系电话", "13800000000"),
        ("地址", "福建省福州市鼓楼区五四路8号"),
        ("开户银行", "云杉银行福州支行"),
        ("银行账号", "6222 0000 1234 5678"),
        ("填表日期", "2024年5月6日"),
        ("经办人", ""),
    ]
    lines = [line("客户信息登记表", 400, 60, 36)]
    for i, (label, value) in enumerate(rows):
        lines += [line(label, 100, 150 + 60 * i)] + ([line(value, 320, 150 + 60 * i)] if value else [])
    (document,) = extract([page(*lines)], today=TODAY)
    found = {name: field.value for name, field in document.fields.items() if field.value is not None}

    assert found == {
        "客户名称": "福州云杉科技有限公司",
        "客户类型": "企业",
        "统一社会信用代码": CODE,
        "法定代表人/负责人": "林木森",
        "联系电话": "13800000000",
        "地址": "福建省福州市鼓楼区五四路8号",
        "开户银行": "云杉银行福州支行",
        "银行账号": "6222000012345678",
        "填表日期": "2024年5月6日",
    }
    assert document.fields["经办人"].state == "absent"


@pytest.mark.parametrize(("printed", "found"), [("经协人", "林知夏"), ("林木人", None)])
def test_a_label_of_three_characters_with_one_misread(printed: str, found: str | None) -> None:
    labels = {"客户名称": "云杉公司", "地址": "福州市五四路8号", "开户银行": "云杉银行福州支行", printed: "林知夏"}
    lines = [line("客户信息登记表", 400, 60, 36)]
    for i, (label, value) in enumerate(labels.items()):
        lines += [line(label, 100, 150 + 60 * i), line(value, 320, 150 + 60 * i)]
    (document,) = extract([page(*lines)], today=TODAY)

    assert document.fields["经办人"].value == found
    assert document.fields["经办人"].state == ("absent" if found is None else "doubtful")


def test_a_label_at_half_the_height_of_its_cell() -> None:
    scope = ["软件开发；信息系统集成服务；", "计算机零售（二手除外）；", "技术咨询。"]
    lines = [line("客户信息登记表", 400, 60, 36), line("客户名称", 100, 150), line("云杉公司", 320, 150)]
    lines += [line("地址", 100, 210), line("福州市五四路8号", 320, 210), line("经营范围", 100, 300)]
    lines += [line(text, 320, 274 + 26 * i, 18) for i, text in enumerate(scope)]
    lines += [line("开户银行", 100, 390), line("云杉银行", 320, 390)]
    (document,) = extract([page(*lines)], today=TODAY)

    assert document.fields["经营范围"].value == "".join(scope)
    assert document.fields["地址"].value == "福州市五四路8号"
    assert document.fields["开户银行"].value == "云杉银行"


def test_a_field_is_called_by_the_label_that_is_printed() -> None:
    lines = [
        line("客户信息登记表", 400, 60, 36),
        line("客户名称", 100, 150),
        line("经营者", 100, 210),
        line("地址", 100, 270),
    ]
    (document,) = extract([page(*lines, line("林木森", 320, 210))], today=TODAY)

    assert document.fields["经营者"].value == "林木森"
    assert "法定代表人/负责人" not in document.fields


@pytest.mark.parametrize("printed", ["法定代表人（负责人）", "法定代表人(负责人)"])
def test_brackets_of_either_width_are_one_label(printed: str) -> None:
    lines = [line("客户信息登记表", 400, 60, 36), line("客户名称", 100, 150), line("地址", 100, 270)]
    lines += [line(printed, 100, 210), line("林木森", 340, 210)]
    (document,) = extract([page(*lines)], today=TODAY)

    assert document.fields["法定代表人（负责人）"].value == "林木森"


def test_a_title_with_one_character_misread_still_names_its_template() -> None:
    lines = [line("客户信息發记表", 400, 60, 36), line("客户名称", 100, 150), line("经营者", 100, 210)]
    (document,) = extract([page(*lines, line("地址", 100, 270))], today=TODAY)

    assert "银行账号" in document.fields


def test_the_password_on_a_dealer_card_is_read_into_no_field() -> None:
    rows = [
        ("经销商企业全称", "福州云杉科技有限公司"),
        ("手机", "13800000000"),
        ("客户编码", "FJ-001"),
        ("密码", "geheim99"),
    ]
    lines = [line("经销商客户档案卡", 400, 60, 36)]
    for i, (label, value) in enumerate(rows):
        lines += [line(label, 100, 150 + 60 * i), line(value, 320, 150 + 60 * i)]
    (document,) = extract([page(*lines)], today=TODAY)

    assert document.fields["客户编码"].value == "FJ-001"
    assert "geheim99" not in {field.value for field in document.fields.values()}


def test_a_password_on_an_unknown_form_is_read_into_no_field() -> None:
    assert list(looks(line("专区账号：FJ001", 100, 100), line("专区密码：geheim99", 100, 150))) == ["专区账号"]


def test_a_form_nobody_described_keeps_its_title() -> None:
    lines = [
        line("来访人员登记表", 400, 60, 36),
        line("姓名：林木森", 100, 150),
        line("联系电话：13800000000", 100, 200),
    ]
    (document,) = extract([page(*lines)], today=TODAY)

    assert {name: field.value for name, field in document.fields.items()} == {
        "标题": "来访人员登记表",
        "姓名": "林木森",
        "联系电话": "13800000000",
    }


@pytest.mark.parametrize(
    ("label", "value", "check"),
    [
        ("电子邮箱", "69号14幢2单元404室", "email"),
        ("开户银行", "砚石湾村镇银行广", "ending"),
        ("地址", "广东省广州市天河区", "place"),
    ],
)
def test_a_value_that_glare_cut_short_is_doubted(label: str, value: str, check: str) -> None:
    labels = ["客户名称", "联系人", "联系电话", label]
    lines = [line("客户信息登记表", 400, 60, 36), *(line(t, 100, 150 + 60 * i) for i, t in enumerate(labels))]
    (document,) = extract([page(*lines, line(value, 300, 330))], today=TODAY)
    field = document.fields[label]

    assert field.value == value
    assert {each.name for each in field.checks if not each.passed} == {check}
