from __future__ import annotations

from pathlib import Path

import pytest

from ocr import templates
from ocr.template_check import problems_in
from ocr.template_trial import try_template
from ocr.templates import load
from records.terms import FieldState

from .printed import line, page

GOOD = """\
kind: registration_form
titles: [供应商登记表]
fields:
  - { name: 供应商, labels: [供应商名称, 供应商], rule: company, lines: 2 }
  - { name: 电话, labels: [联系电话], rule: phone }
stops: [备注]
"""


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in problems_in(text)]


def test_a_good_template_has_no_problems() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize("name", sorted(templates.shipped()))
def test_the_shipped_templates_have_no_problems(name: str) -> None:
    assert problems((templates.FOLDER / f"{name}.yaml").read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "line_no", "says"),
    [
        ("kind: registration_form", "kind: invoice", 1, "This kind does not exist"),
        ("kind: registration_form\n", "", 1, "`kind` is missing"),
        ("titles: [供应商登记表]\n", "", 1, "`titles` is missing"),
        ("titles: [供应商登记表]", "titles: 供应商登记表", 2, "`titles` is a list"),
        ("titles: [供应商登记表]", "titles: [供应商登记表", 3, "This is not YAML"),
        ("titles:", "title:", 2, "This means nothing here"),
        ("rule: phone", "rule: telephone", 5, "This rule does not exist"),
        (", rule: phone", "", 5, "`rule` is missing"),
        ("rule: phone", "rule: phone, line: 2", 5, "This means nothing here"),
        ("rule: phone", "rule: phone, lines: none", 5, "`lines` is a whole number"),
        ("lines: 2", "lines: 0", 4, "`lines` is a whole number"),
        ("lines: 2", "lines: true", 4, "`lines` is a whole number"),
        ("name: 电话", "name: 12", 5, "`name` is a text"),
        ("name: 电话", "name: 供应商", 5, "The name stands on line 4 already"),
        ("[联系电话]", "[供应商]", 5, "The label stands on line 4 already"),
        ("[联系电话]", "[备注]", 5, "The label stands on line 6 already"),
        ("[联系电话]", "联系电话", 5, "`labels` is a list"),
        ("[联系电话]", "[1]", 5, "Each of `labels` is a text"),
        ("  - { name: 电话, labels: [联系电话], rule: phone }", "  - 电话", 5, "A field has"),
        ("stops: [备注]", "stops: [备注]\nstops: [审核]", 7, "This is given twice"),
    ],
)
def test_a_problem_is_named_with_its_line(old: str, new: str, line_no: int, says: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new))

    assert [(no, message[: len(says)]) for no, message in found if message.startswith(says)] == [(line_no, says)]


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "- a\n", "just a text\n", "kind: registration_form\ntitles: [表]\nfields: []\n", "\x07"]
)
def test_what_is_no_template_at_all_has_a_problem(text: str) -> None:
    assert problems(text)


def test_all_problems_are_named_at_once_in_the_order_of_their_lines() -> None:
    bad = GOOD.replace("registration_form", "invoice").replace("company", "firm").replace("phone", "fax")

    assert [no for no, _ in problems(bad)] == [1, 4, 5]


def test_a_template_without_problems_loads(tmp_path: Path) -> None:
    file = tmp_path / "supplier.yaml"
    file.write_text(GOOD, "utf-8")

    assert [field.name for field in load(file).fields] == ["供应商", "电话"]


def test_trying_a_template_reads_a_form_whatever_its_title(tmp_path: Path) -> None:
    file = tmp_path / "supplier.yaml"
    file.write_text(GOOD, "utf-8")
    form = page(line("某表", 400, 80, 40), line("供应商名称：", 60, 200), line("福州云杉科技有限公司", 220, 200))

    read = try_template(load(file), [form])

    assert read.fields["供应商名称"].value == "福州云杉科技有限公司"
    assert read.fields["电话"].state is FieldState.ABSENT
    assert read.confidence == 0.5


OPTIONS = """\
kind: registration_form
titles: [供应商登记表]
fields:
  - { name: 供应商, labels: [供应商名称], rule: company }
  - { name: 性质, labels: [企业性质], rule: text, options: [国有, 民营] }
  - { name: 电话, labels: [联系电话], rule: phone }
"""


@pytest.mark.parametrize(
    ("printed", "value", "state"),
    [
        ("☑国有 □民营", "国有", FieldState.SURE),
        ("国有 民营", "国有民营", FieldState.DOUBTFUL),
        ("民营", "民营", FieldState.SURE),
        ("☑国有 ☑民营", "国有; 民营", FieldState.SURE),
    ],
)
def test_a_choice_is_one_of_the_options(printed: str, value: str, state: FieldState, tmp_path: Path) -> None:
    file = tmp_path / "supplier.yaml"
    file.write_text(OPTIONS, "utf-8")
    head = [line("供应商登记表", 400, 60, 36), line("供应商名称", 60, 150), line("福州云杉科技有限公司", 260, 150)]
    lines = [*head, line("企业性质", 60, 210), line(printed, 260, 210), line("联系电话", 60, 270)]
    field = try_template(load(file), [page(*lines)]).fields["企业性质"]

    assert (field.value, field.state) == (value, state)


def test_options_that_are_no_list_are_named() -> None:
    wrong = OPTIONS.replace("[国有, 民营]", "国有")

    assert problems(wrong) == [(5, "`options` is a list of texts, such as [客户名称, 单位名称].")]
