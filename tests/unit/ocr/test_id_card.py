"""The fields of identity cards."""

from __future__ import annotations

from dataclasses import replace

from ocr.extraction import extract
from records.terms import DocumentKind, FieldState
from tests.unit.ocr.printed import (
    ID_NUMBER,
    TODAY,
    failed,
    id_back,
    id_front,
    line,
    page,
    read,
    values,
)


def test_both_sides_of_a_card_are_one_document() -> None:
    document = read(*id_front(), *id_back(y=600))

    assert document.kind is DocumentKind.ID_CARD
    assert values(document) == {
        "name": "林木森",
        "sex": "女",
        "ethnicity": "汉",
        "birth_date": "1949年12月31日",
        "address": "北京市朝阳区云杉路8号院2楼301",
        "id_number": ID_NUMBER,
        "issuing_authority": "北京市公安局朝阳分局",
        "valid_period": "2013.03.05-2033.03.05",
    }
    assert {field.state for field in document.fields.values()} == {FieldState.SURE}


def test_front_and_back_on_two_pages_are_one_document() -> None:
    (document,) = extract([page(*id_front()), page(*id_back(), no=2)], today=TODAY)

    assert document.page_nos == (1, 2)
    assert document.fields["issuing_authority"].page_no == 2


def test_two_cards_stay_two() -> None:
    first, second = extract([page(*id_front()), page(*id_front(), no=2), page(*id_back(), no=3)], today=TODAY)

    assert first.page_nos == (1,)
    assert second.page_nos == (2, 3)
    assert first.fields["valid_period"].state is FieldState.ABSENT


def test_a_number_that_contradicts_the_print_is_doubted_with_it() -> None:
    lines = [replace(o, text=o.text.replace("女", "男")) for o in id_front()]
    fields = read(*lines).fields

    assert failed(fields["id_number"]) == failed(fields["sex"]) == ["number_and_sex"]
    assert fields["id_number"].state is FieldState.DOUBTFUL
    assert fields["id_number"].value == ID_NUMBER


def test_a_proven_number_vouches_for_the_birth_date_it_repeats() -> None:
    lines = [replace(o, confidence=0.9) if o.text.startswith(("出生", "住址")) else o for o in id_front()]
    fields = read(*lines).fields

    assert fields["birth_date"].state is FieldState.SURE
    assert fields["address"].state is FieldState.DOUBTFUL


def test_labels_lost_on_a_photocopy_are_not_needed() -> None:
    fields = read(
        line("林木森", 140, 100),
        line("性别女", 100, 145),
        line("1949年12月31日", 140, 190),
        line("住址北京市朝阳区云杉路8号", 100, 235),
        line("公民身份号码", 100, 340),
        line(ID_NUMBER, 250, 340),
    ).fields

    assert fields["name"].value == "林木森"
    assert fields["birth_date"].value == "1949年12月31日"


def test_labels_without_gaps_on_a_card() -> None:
    lines = [o for o in id_front() if not o.text.startswith(("姓名", "性别", "民族"))]
    fields = read(line("姓名林木森性别女民族汉", 100, 100), *lines).fields

    assert (fields["name"].value, fields["sex"].value, fields["ethnicity"].value) == ("林木森", "女", "汉")


def test_sides_copied_side_by_side_are_one_card() -> None:
    document = read(*id_front(x=40), *id_back(x=700, y=140))

    assert document.kind is DocumentKind.ID_CARD
    assert document.fields["id_number"].value == ID_NUMBER
    assert document.fields["valid_period"].value == "2013.03.05-2033.03.05"


def test_values_of_a_card_whose_labels_are_half_misread() -> None:
    torn = {"姓名 林木森": "姓书林木森", "性别女": "住别女", "民族汉": "国族汉"}
    worn = [replace(o, text=torn.get(o.text, o.text)) for o in id_front() if not o.text.startswith("住址")]
    worn.append(line("北京市朝阳区云杉路8号", 140, 235))
    found = values(read(*worn))

    assert {name: found[name] for name in ("name", "sex", "ethnicity", "address")} == {
        "name": "林木森",
        "sex": "女",
        "ethnicity": "汉",
        "address": "北京市朝阳区云杉路8号院2楼301",
    }


def test_backs_belong_to_the_fronts_above_them_also_where_they_are_seen_in_another_order() -> None:
    left, right = id_front(100, 100), id_front(1100, 118, number="110105195001010018")
    own, other = id_back(100, 520), id_back(1100, 500)
    right = [replace(o, text=o.text.replace("朝阳", "海淀")) for o in right]
    other = [replace(o, text=o.text.replace("朝阳", "海淀")) for o in other]
    documents = extract([page(*left, *right, *other, *own, width=2000)], today=TODAY)

    pairs = {d.fields["id_number"].value: d.fields["issuing_authority"].value for d in documents}
    assert pairs == {ID_NUMBER: "北京市公安局朝阳分局", "110105195001010018": "北京市公安局海淀分局"}


def test_a_side_of_which_traces_are_left_is_not_absent() -> None:
    traces = [line("三名林木森", 100, 700), line("性别女", 100, 730)]

    assert read(*id_back()).fields["sex"].state is FieldState.ABSENT
    assert failed(read(*id_back(), *traces).fields["sex"]) == ["found"]
