from __future__ import annotations

from dataclasses import replace

import pytest

from ocr.extraction import extract
from ocr.sightings import code_in
from records.readings import Box, DocumentReading, Line, Mark, PageReading
from records.terms import FieldState, MarkKind

from .printed import CODE, landscape_licence, line, page, rectangle

URL = "http://www.gsxt.gov.cn/index.html?uniscid="
CODE_BOX = rectangle(820, 60, 940, 180)
SEAL_BOX = rectangle(640, 520, 820, 700)


def mark(kind: MarkKind, box: Box, value: str | None = None, colour: str | None = None) -> Mark:
    return Mark(kind=kind, box=box, value=value, colour=colour)


def qr(content: str, box: Box = CODE_BOX) -> Mark:
    return mark(MarkKind.QR_CODE, box, content)


def document(reading: PageReading, *marks: Mark) -> DocumentReading:
    return extract([replace(reading, marks=marks)])[0]


def licence(*marks: Mark, **changes: str) -> DocumentReading:
    return document(page(*landscape_licence(**changes)), *marks)


def checks(reading: DocumentReading, name: str) -> dict[str, bool]:
    return {check.name: check.passed for check in reading.fields[name].checks}


# --- the code of a licence ---


def test_the_printed_code_agrees_with_the_one_in_the_qr_code() -> None:
    read = licence(qr(URL + CODE))

    assert checks(read, "unified_social_credit_code")["qr_code"] is True
    assert read.fields["unified_social_credit_code"].state is FieldState.SURE


def test_another_code_in_the_qr_code_raises_doubt_and_is_offered() -> None:
    misread = CODE.replace("M", "N")
    field = licence(qr(URL + CODE), code=misread).fields["unified_social_credit_code"]

    assert (field.value, field.state) == (misread, FieldState.DOUBTFUL)
    assert field.suggestions[0] == CODE
    assert field.confidence <= 0.5


def test_a_right_code_beside_the_code_of_another_company_is_doubtful() -> None:
    field = licence(qr(URL + other_code())).fields["unified_social_credit_code"]

    assert (field.value, field.state) == (CODE, FieldState.DOUBTFUL)


def test_the_content_is_a_field_with_its_place() -> None:
    field = licence(qr(URL + CODE)).fields["qr_code"]

    assert (field.value, field.box, field.page_no, field.state) == (URL + CODE, CODE_BOX, 1, FieldState.SURE)


def test_without_qr_code_nothing_is_compared_and_nothing_stated() -> None:
    read = licence()

    assert "qr_code" not in checks(read, "unified_social_credit_code")
    assert "qr_code" not in read.fields


def test_content_without_a_credit_code_is_compared_with_nothing() -> None:
    read = licence(qr("https://example.org/?id=ZWFnbG9xcXl2cnd1dWd4"))

    assert "qr_code" not in checks(read, "unified_social_credit_code")
    assert "qr_code" in read.fields


def test_of_two_codes_the_one_with_a_credit_code_counts() -> None:
    read = licence(qr("https://example.org/app"), qr(URL + CODE, rectangle(700, 60, 800, 160)))

    assert read.fields["qr_code"].value == URL + CODE


def test_a_code_far_from_the_licence_is_not_of_it() -> None:
    far = page(*landscape_licence(), width=4000, height=1400)

    assert "qr_code" not in document(far, qr(URL + CODE, rectangle(3000, 60, 3100, 160))).fields


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (URL + CODE, CODE),
        (CODE, CODE),
        (f"{URL}{CODE}&x=1", CODE),
        (URL + CODE[:-1] + "4", None),
        (f"{URL}A{CODE}", None),
        ("", None),
    ],
)
def test_the_code_in_a_content(content: str, code: str | None) -> None:
    assert code_in(content) == code


def other_code() -> str:
    from tests.archives import credit_code

    return credit_code(3)


# --- seals ---


def test_seals_are_told_by_colour_and_shape() -> None:
    field = licence(mark(MarkKind.SEAL, SEAL_BOX, "round", "red")).fields["seal"]

    assert (field.value, field.box, field.state) == ("红色圆形", SEAL_BOX, FieldState.SURE)


def test_a_licence_on_which_no_seal_was_found_says_nothing_of_seals() -> None:
    assert "seal" not in licence().fields


# --- forms ---


def form(*more: Line) -> PageReading:
    return page(
        line("客户信息登记表", 350, 80, 40),
        line("客户名称：福州云杉科技有限公司", 60, 200),
        line("联系人：林木森", 60, 240),
        line("联系电话：13800000000", 500, 240),
        line("地址：福建省福州市鼓楼区五四路8号", 60, 280),
        line("填表日期：2024年03月14日", 60, 320),
        *more,
    )


INK = mark(MarkKind.SIGNATURE, rectangle(380, 495, 460, 525), colour="blue")


def test_a_signature_that_cannot_be_read_is_shown_to_a_person() -> None:
    read = document(form(line("客户签字：", 250, 510)), INK)

    assert checks(read, "客户签字") == {"signed": True, "legible": False}
    assert (read.fields["客户签字"].state, read.fields["客户签字"].box) == (FieldState.DOUBTFUL, INK.box)


def test_a_form_that_is_not_signed_is_doubtful_not_absent() -> None:
    read = document(form(line("客户签字：", 250, 510)))

    assert checks(read, "客户签字") == {"signed": False}
    assert read.fields["客户签字"].state is FieldState.DOUBTFUL


def test_a_signature_that_was_read_keeps_its_text() -> None:
    read = document(form(line("客户签字：林木森", 250, 510)), INK)

    assert read.fields["客户签字"].value == "林木森"
    assert checks(read, "客户签字")["signed"] is True


def test_a_form_without_a_line_for_signing_is_not_asked_for_one() -> None:
    assert document(form()).fields["客户签字"].state is FieldState.ABSENT


def test_ink_on_another_line_does_not_sign() -> None:
    elsewhere = mark(MarkKind.SIGNATURE, rectangle(380, 595, 460, 625), colour="blue")

    assert checks(document(form(line("客户签字：", 250, 510)), elsewhere), "客户签字") == {"signed": False}


def test_a_form_that_wants_a_seal_and_has_none_is_asked_about() -> None:
    field = document(form(line("（盖章）", 700, 510))).fields["印章"]

    assert (field.value, field.state) == (None, FieldState.DOUBTFUL)


def test_a_sealed_form() -> None:
    read = document(
        form(line("（盖章）", 700, 510)), mark(MarkKind.SEAL, rectangle(650, 430, 800, 580), "oval", "blue")
    )

    assert read.fields["印章"].value == "蓝色椭圆形"
