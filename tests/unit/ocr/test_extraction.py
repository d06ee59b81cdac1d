"""Documents and their fields out of pages: licences, files, and what holds for any page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.extraction import extract
from records.readings import Line
from records.terms import DocumentKind, FieldState
from tests.unit.ocr.printed import (
    CODE,
    TODAY,
    BetterLook,
    failed,
    id_back,
    id_front,
    landscape_licence,
    line,
    page,
    read,
    rectangle,
    values,
    watermark,
)


def test_under_a_watermark_only_what_is_proven_is_sure() -> None:
    fields = read(*landscape_licence(), *watermark()).fields

    assert fields["unified_social_credit_code"].state is FieldState.SURE
    assert {fields[name].state for name in ("name", "address", "legal_representative")} == {FieldState.DOUBTFUL}
    assert "free_of_watermark" in failed(fields["name"])
    assert fields["registration_number"].state is FieldState.ABSENT


def test_every_field_of_a_landscape_licence() -> None:
    assert values(read(*landscape_licence())) == {
        "unified_social_credit_code": CODE,
        "registration_number": None,
        "name": "福州云杉科技有限公司",
        "type": "有限责任公司（自然人独资）",
        "legal_representative": "林木森",
        "registered_capital": "伍佰万元整",
        "established_on": "2019年03月19日",
        "business_term": "2019年03月19日至长期",
        "business_scope": "软件开发；信息系统集成服务；计算机零售（二手除外）。",
        "address": "福建省福州市鼓楼区五四路8号楼301室",
        "issued_on": "2020年06月01日",
        "registration_authority": None,
        "copy_number": None,
    }


def test_a_clear_field_is_sure_and_an_unprinted_one_absent() -> None:
    fields = read(*landscape_licence()).fields

    assert fields["unified_social_credit_code"].state is FieldState.SURE
    assert fields["registration_number"].state is FieldState.ABSENT
    assert fields["registration_number"].text is None


def test_the_box_covers_the_value_and_not_its_label() -> None:
    field = read(*landscape_licence()).fields["legal_representative"]

    assert field.box is not None
    assert field.page_no == 1
    assert field.box[0][0] == pytest.approx(160, abs=12)
    assert field.box[1][0] == pytest.approx(220, abs=12)


def test_a_wrapped_value_is_covered_by_one_box() -> None:
    box = read(*landscape_licence()).fields["business_scope"].box

    assert box is not None
    assert (box[0][1], box[2][1]) == (362, 400)


def test_a_code_that_fails_its_check_digit_is_kept_in_doubt_with_a_suggestion() -> None:
    wrong = CODE.replace("Y43", "Y48")
    field = read(*landscape_licence(code=wrong)).fields["unified_social_credit_code"]

    assert field.value == wrong
    assert field.state is FieldState.DOUBTFUL
    assert field.confidence <= 0.5
    assert CODE in field.suggestions


def test_a_trader_with_the_code_of_a_company_is_doubted() -> None:
    field = read(*landscape_licence(type="个体工商户")).fields["type"]

    assert failed(field) == ["code_and_type"]


def test_a_label_without_value_gives_nothing_and_is_left_to_a_person() -> None:
    lines = [line("称", 120, 250) if o.text.startswith("称") else o for o in landscape_licence()]
    field = read(*lines).fields["name"]

    assert field.value is None
    assert field.state is FieldState.DOUBTFUL


def test_a_side_of_a_card_has_all_its_fields_whether_they_are_found_or_not() -> None:
    fields = read(*(o for o in id_front() if not o.text.startswith("民族"))).fields

    assert fields["ethnicity"].state is FieldState.DOUBTFUL
    assert fields["issuing_authority"].state is FieldState.ABSENT


def test_a_date_hidden_by_the_seal_is_in_doubt_and_not_absent() -> None:
    lines = [o for o in landscape_licence() if o.text not in ("2020", "年", "06", "月", "01", "日")]
    field = read(*lines).fields["issued_on"]

    assert field.value is None
    assert field.state is FieldState.DOUBTFUL


def test_a_misread_label_still_introduces_its_value() -> None:
    lines = [replace(o, text=o.text.replace("注册资本", "注朋资本")) for o in landscape_licence()]

    assert read(*lines).fields["registered_capital"].value == "伍佰万元整"


def test_an_old_licence_has_a_registration_number() -> None:
    lines = [o for o in landscape_licence() if o.text not in ("统一社会信用代码", CODE)]
    fields = read(line("注册号110108000000016", 60, 150), *lines).fields

    assert fields["registration_number"].value == "110108000000016"
    assert fields["registration_number"].state is FieldState.SURE
    assert fields["unified_social_credit_code"].value is None


def test_the_fields_of_a_sole_trader() -> None:
    document = read(
        line("营业执照", 350, 80, 60),
        line("统一社会信用代码", 60, 120),
        line("92350100MA2XN2K21C", 60, 150),
        line("名称 福州云杉小吃店", 60, 250),
        line("类型 个体工商户", 60, 290),
        line("经营者 林木森", 60, 330),
        line("经营范围 餐饮服务。", 60, 370),
        line("组成形式 个人经营", 560, 250),
        line("注册日期 2019年03月19日", 560, 290),
        line("经营场所 福州市鼓楼区五四路8号", 560, 330),
        line("登记机关", 560, 560),
    )

    assert values(document) | {"issued_on": None} == {
        "unified_social_credit_code": "92350100MA2XN2K21C",
        "registration_number": None,
        "name": "福州云杉小吃店",
        "type": "个体工商户",
        "legal_representative": "林木森",
        "registered_capital": None,
        "established_on": "2019年03月19日",
        "business_term": None,
        "business_scope": "餐饮服务。",
        "address": "福州市鼓楼区五四路8号",
        "issued_on": None,
        "registration_authority": None,
        "copy_number": None,
    }


def test_running_pages_of_other_text_are_one_document() -> None:
    documents = extract([page(line("第一页", 100, 100)), page(line("第二页", 100, 100), no=2)], today=TODAY)

    assert [document.page_nos for document in documents] == [(1, 2)]
    assert documents[0].text == "第一页\n第二页"
    assert documents[0].fields == {}


def test_an_empty_page_is_a_document_without_text() -> None:
    (document,) = extract([page()], today=TODAY)

    assert document.kind is DocumentKind.OTHER
    assert document.text == ""


WORDS = [
    "营业执照",
    "名称",
    "类",
    "型",
    "公民身份号码",
    "姓名",
    "签发机关",
    "登记机关",
    "2020",
    "年",
    "客户信息登记表",
    "：",
    "☑",
    CODE,
    "A",
    "经营范围",
    "住所",
]


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("".join),
            st.floats(0, 900),
            st.floats(20, 1300),
            st.floats(5, 90),
            st.floats(0, 1),
        ),
        max_size=25,
    )
)
@settings(deadline=None, max_examples=60)
def test_whatever_the_page_says_every_line_stays_in_the_text(
    prints: list[tuple[str, float, float, float, float]],
) -> None:
    lines = [line(*printed) for printed in prints]
    documents = extract([page(*lines)], BetterLook({}, lines), today=TODAY)
    texts = [text for document in documents for text in document.text.split("\n")]

    assert documents
    assert all(document.as_json()["pages"] == [1] for document in documents)
    assert sorted(text for text in texts if text) == sorted(o.text for o in lines)


def test_a_value_goes_on_under_itself_though_its_spread_label_hides_where_it_began() -> None:
    """Label and value are one box: where the value begins in it is reckoned too far left."""
    glued = Line(text="经营场所福建省福州市鼓楼区五四路8号4号楼", confidence=0.999, box=rectangle(500, 480, 1116, 506))
    lines = [o for o in landscape_licence() if "住" not in o.text and "所" not in o.text and "号" not in o.text]
    fields = read(*lines, glued, line("15层1973室", 702, 526)).fields

    assert fields["address"].value == "福建省福州市鼓楼区五四路8号4号楼15层1973室"


def test_a_letter_of_a_seal_under_a_value_is_no_line_of_it() -> None:
    lines = [*landscape_licence(), line("执", 560, 442, size=62)]

    assert read(*lines).fields["address"].value == "福建省福州市鼓楼区五四路8号楼301室"


def test_the_box_of_a_year_may_lie_askew() -> None:
    year = Line(text="2020年", confidence=0.99, box=((560, 600), (630, 586), (633, 606), (563, 620)))
    lines = [year if o.text == "2020" else o for o in landscape_licence() if o.text != "年"]

    assert read(*lines).fields["issued_on"].value == "2020年06月01日"


@pytest.mark.parametrize(
    "printed",
    [
        [line("(副本)", 400, 140, 26), line("(3-1)", 500, 142, 16)],
        [line("（副 本）(3-1)", 400, 140, 26)],
        [line("（副本）", 400, 140, 26), line("3-1", 420, 172, 16)],
        [line("副本编号：3-1", 400, 140)],
    ],
)
def test_the_number_of_the_copy(printed: list[Line]) -> None:
    field = read(*landscape_licence(), *printed).fields["copy_number"]

    assert (field.value, field.state) == ("3-1", FieldState.SURE)


def test_a_number_elsewhere_is_not_that_of_the_copy() -> None:
    lines = [*landscape_licence(), line("(副本)", 400, 140, 26), line("8-1", 900, 600)]

    assert read(*lines).fields["copy_number"].state is FieldState.ABSENT


@pytest.mark.parametrize("pieces", [["福州市鼓楼区市场监督管理局"], ["福州市", "鼓楼区市场监督管理局"]])
def test_the_office_behind_its_label_is_read_whole(pieces: list[str]) -> None:
    places = [(text, 660 + sum(22 * len(before) for before in pieces[:i])) for i, text in enumerate(pieces)]
    office = [line(text, x, 560) for text, x in places]

    assert read(*landscape_licence(), *office).fields["registration_authority"].value == "福州市鼓楼区市场监督管理局"


def test_an_office_of_a_place_that_there_is_not_is_doubted() -> None:
    fields = read(*landscape_licence(), line("州市鼓楼区市场监督管理局", 660, 560)).fields

    assert failed(fields["registration_authority"]) == ["region"]


@pytest.mark.parametrize("beside", ["福州市鼓楼区市场监督管埋", None])
def test_an_office_that_may_be_printed_is_not_absent(beside: str | None) -> None:
    """Print that is none stands beside its label, or the label itself was not read."""
    licence = landscape_licence()
    worn = [*licence, line(beside, 660, 560)] if beside else [o for o in licence if o.text != "登记机关"]

    assert failed(read(*worn).fields["registration_authority"]) == ["found"]


@pytest.mark.parametrize(
    ("others", "own", "state"),
    [(0.999, 0.99, FieldState.SURE), (0.93, 0.99, FieldState.DOUBTFUL), (0.93, 0.999, FieldState.SURE)],
)
def test_a_name_on_a_page_of_broken_print_is_doubted_unless_it_is_clear(
    others: float, own: float, state: FieldState
) -> None:
    head = "法定代表人 林木森"
    lines = [replace(o, confidence=own if o.text == head else others) for o in landscape_licence()]
    field = read(*lines).fields["legal_representative"]

    assert field.state is state
    assert (field.confidence <= 0.8) is (state is FieldState.DOUBTFUL)


def test_a_scope_whose_lines_are_not_filled_is_doubted() -> None:
    cut = {"软件开发；信息系统集成服务；": "软件开发；", "计算机零售（二手除外）。": "计算机零售"}
    middle = line("信息系统集成", 150, 392, 16)
    whole = line("机械设备销售、金属制品销售、", 150, 414, 16)
    lines = [
        replace(o, text=cut.get(o.text, o.text)) for o in landscape_licence() if o.text != "计算机零售（二手除外）。"
    ]

    field = read(*lines, middle, whole, line("仪器零售。", 150, 436, 16)).fields["business_scope"]

    assert failed(field) == ["lines_filled"]


def test_what_every_licence_prints_is_never_called_absent() -> None:
    worn = [o for o in landscape_licence() if o.text not in ("经营范围", CODE, "统一社会信用代码", "登记机关")]
    fields = read(*worn).fields

    assert {n for n in ("business_scope", "unified_social_credit_code") if failed(fields[n]) == ["found"]} == {
        "business_scope",
        "unified_social_credit_code",
    }
    assert fields["registered_capital"].state is not FieldState.ABSENT
    assert fields["registration_number"].state is FieldState.ABSENT


def test_a_double_page_licence_of_before_the_credit_code() -> None:
    left = [
        line("企业法人营业执照", 100, 120, 40),
        line("（副 本）", 200, 180, 24),
        line("注册号350100100012345", 120, 240),
    ]
    texts = [
        "名    称 福州云杉科技有限公司",
        "住    所 福州市鼓楼区五四路8号",
        "法定代表人姓名 林木森",
        "注册资本 伍佰万元人民币",
        "实收资本 伍佰万元人民币",
        "公司类型 有限责任公司",
        "经营范围 软件开发。",
        "成立日期 2008年03月19日",
        "营业期限 2008年03月19日至2028年03月18日",
    ]
    right = [line(text, 560, 120 + 45 * i) for i, text in enumerate(texts)]
    document = read(*left, *right)
    found = values(document)

    assert document.kind is DocumentKind.BUSINESS_LICENSE
    assert found["registration_number"] == "350100100012345"
    assert found["name"] == "福州云杉科技有限公司"
    assert found["legal_representative"] == "林木森"
    assert found["registered_capital"] == "伍佰万元人民币"
    assert found["type"] == "有限责任公司"
    assert found["business_term"] == "2008年03月19日至2028年03月18日"
    assert found["unified_social_credit_code"] is None


def test_a_file_of_several_kinds_is_taken_apart() -> None:
    form = [
        line("客户信息登记表", 400, 60, 36),
        *(line(t, 100, 150 + 60 * i) for i, t in enumerate(("客户名称", "联系人", "联系电话"))),
    ]
    pages = [
        page(*landscape_licence(), no=1),
        page(*id_front(), no=2),
        page(*id_back(), no=3),
        page(*form, no=4),
        page(line("情况说明", 300, 100), no=5),
    ]
    found = [(document.kind, document.page_nos) for document in extract(pages, today=TODAY)]

    assert found == [
        (DocumentKind.BUSINESS_LICENSE, (1,)),
        (DocumentKind.ID_CARD, (2, 3)),
        (DocumentKind.REGISTRATION_FORM, (4,)),
        (DocumentKind.OTHER, (5,)),
    ]


def test_a_line_that_two_cards_may_hold_is_on_one_of_them() -> None:
    labels = [line("公民身份号码", 100, 300), line("公民身份号码", 140, 330)]
    lines = [line("姓名", 100, 100), line("性别男", 100, 150), *labels]
    texts = [text for document in extract([page(*lines)], today=TODAY) for text in document.text.split("\n")]

    assert sorted(texts) == sorted(o.text for o in lines)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_back_of_another_place_is_not_joined_to_a_front_whose_own_comes_later(is_reversed: bool) -> None:
    stranger = [replace(o, text=o.text.replace("北京市公安局朝阳分局", "天津市公安局和平分局")) for o in id_back()]
    files = [page(*id_front(), no=1), page(*stranger, no=2), page(*id_back(), no=3)]
    pages = [replace(each, page_no=no) for no, each in enumerate(reversed(files) if is_reversed else files, 1)]
    read = extract(pages, today=TODAY)

    assert sorted(
        (document.fields["name"].value or "", document.fields["issuing_authority"].value) for document in read
    ) == [("", "天津市公安局和平分局"), ("林木森", "北京市公安局朝阳分局")]


def test_a_front_and_a_back_of_different_places_are_two_cards() -> None:
    stranger = [replace(o, text=o.text.replace("北京市公安局朝阳分局", "昆明市公安局")) for o in id_back(x=700)]
    front, back = extract([page(*id_front(), *stranger)], today=TODAY)

    assert front.fields["name"].value == "林木森"
    assert back.fields["issuing_authority"].value == "昆明市公安局"


def test_a_back_whose_place_was_misread_stays_with_its_front() -> None:
    misread = [replace(o, text=o.text.replace("北京市公安局朝阳分局", "比京市公安局")) for o in id_back(x=700)]
    (card,) = extract([page(*id_front(), *misread)], today=TODAY)

    assert card.fields["issuing_authority"].state is FieldState.DOUBTFUL
