"""Values by the cells of a form."""

from __future__ import annotations

from itertools import pairwise

from ocr import forms
from ocr.templates import form
from records.readings import Line, Mark
from records.terms import MarkKind
from tests.unit.ocr.printed import line, rectangle, segments


def cells(*rows: tuple[float, float], columns: tuple[float, ...]) -> list[Mark]:
    return [
        Mark(kind=MarkKind.CELL, box=rectangle(left, top, right, bottom))
        for top, bottom in rows
        for left, right in pairwise(columns)
    ]


def looks(marks: list[Mark], *lines: Line) -> dict[str, str | None]:
    found = forms.find_by_looks(segments(*lines), marks)
    return {name: value.text if value else None for name, value in found.items()}


def test_both_lines_of_a_narrow_cell() -> None:
    marks = cells((80, 140), columns=(50, 200, 260, 400, 600))
    lines = (
        line("毕业院校", 60, 110),
        line("云杉", 205, 98),
        line("大学", 205, 122),
        line("政治面貌", 270, 110),
        line("团员", 410, 110),
    )

    assert looks(marks, *lines) == {"毕业院校": "云杉大学", "政治面貌": "团员"}


def test_a_value_well_under_its_label_in_one_tall_cell() -> None:
    marks = cells((80, 300), columns=(50, 400, 800))
    found = looks(marks, line("用车事由", 60, 95), line("接客户", 60, 230), line("审批意见", 410, 95))

    assert found == {"用车事由": "接客户", "审批意见": None}


def test_an_empty_cell_takes_nothing_from_another_label() -> None:
    marks = cells((80, 120), (120, 160), columns=(50, 200, 600))
    lines = (line("注册资本", 60, 105), line("地址", 60, 140), line("云台市望舒路1号", 210, 132))

    assert looks(marks, *lines) == {"注册资本": None, "地址": "云台市望舒路1号"}


def test_print_that_runs_on_over_a_fold_is_one_value() -> None:
    marks = cells((80, 140), columns=(50, 200, 300, 600))
    found = looks(marks, line("单位地址", 60, 110), line("云台市", 234, 110), line("望舒路1号", 302, 110))

    assert found == {"单位地址": "云台市 望舒路1号"}


def test_dirt_in_a_cell_is_left_out() -> None:
    marks = cells((80, 140), columns=(50, 200, 600))
    found = looks(marks, line("联系人", 60, 110), line("林木森", 210, 110), line("万", 300, 90, 8, confidence=0.6))

    assert found == {"联系人": "林木森"}


def test_a_template_follows_the_rules_too() -> None:
    template = form("customer_registration_form")
    marks = cells((80, 160), (160, 200), columns=(50, 250, 900))
    lines = (
        line("经营范围", 60, 120),
        line("软件开发；信息系统集成服务；", 260, 100),
        line("计算机零售。", 260, 125),
        line("办公用品零售。", 260, 150),
        line("开户银行", 60, 180),
        line("云台银行望舒支行", 260, 190),
    )
    found = forms.find_by_template(segments(*lines), template, marks)

    assert found["开户银行"][1] is not None
    assert found["开户银行"][1].text == "云台银行望舒支行"
