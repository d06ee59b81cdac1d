from __future__ import annotations

from ocr.extraction import extract
from records.readings import DocumentReading, Line
from records.terms import DocumentKind, FieldState

from .printed import line, page


def permit(number: str = "J3910000000001") -> list[Line]:
    return [
        line("开户许可证", 360, 90, 50),
        line(f"核准号：{number}", 60, 180),
        line("编号：3910-00000001", 640, 180),
        line("经审核，福州云杉科技有限公司符合开户条件，准予", 100, 260),
        line("开立基本存款账户。", 60, 300),
        line("法定代表人（单位负责人） 林木森", 60, 380),
        line("开户银行 星槎商业银行福州五四支行", 480, 380),
        line("账号 1000 3908 9274 0711 67", 60, 440),
        line("发证机关（盖章）", 640, 560),
        line("2019年03月20日", 640, 610),
    ]


def only(lines: list[Line]) -> DocumentReading:
    (document,) = extract([page(*lines)])
    return document


def test_the_fields_of_a_permit() -> None:
    read = only(permit())
    values = {name: field.value for name, field in read.fields.items()}

    assert read.kind is DocumentKind.BANK_PERMIT
    assert values["approval_number"] == "J3910000000001"
    assert values["account_name"] == "福州云杉科技有限公司"
    assert values["legal_representative"] == "林木森"
    assert values["bank"] == "星槎商业银行福州五四支行"
    assert values["account_number"] == "100039089274071167"


def test_a_holder_whose_sentence_runs_on_over_the_line() -> None:
    wrapped = [
        line("经审核，福州云杉科技有限公司符合", 100, 260) if o.text.startswith("经审核") else o for o in permit()
    ]

    assert only(wrapped).fields["account_name"].value == "福州云杉科技有限公司"


def test_the_date_of_a_permit_stands_under_its_office() -> None:
    assert only(permit()).fields["issued_on"].value == "2019年03月20日"


def test_the_sheet_that_replaced_the_permit() -> None:
    read = only(
        [
            line("基本存款账户信息", 360, 90, 40),
            line("账户名称：福州云杉科技有限公司", 60, 180),
            line("账户号码：100039089274071167", 60, 230),
            line("开户银行：星槎商业银行福州五四支行", 60, 280),
            line("法定代表人（单位负责人）：林木森", 60, 330),
            line("基本存款账户编号：J3910000000001", 60, 380),
        ]
    )

    assert read.kind is DocumentKind.BANK_PERMIT
    assert read.fields["account_name"].value == "福州云杉科技有限公司"
    assert read.fields["approval_number"].value == "J3910000000001"
    assert read.fields["account_number"].value == "100039089274071167"


def test_an_approval_number_of_another_form_is_doubtful() -> None:
    field = only(permit("391000000001")).fields["approval_number"]

    assert {check.name: check.passed for check in field.checks}["form"] is False
    assert field.state is FieldState.DOUBTFUL


def test_a_form_that_asks_for_a_permit_is_none() -> None:
    read = only([line("所需材料", 400, 80, 40), line("开户许可证", 60, 200), line("营业范围说明", 60, 240)])

    assert read.kind is DocumentKind.OTHER
