"""The customer registration form: a ruled table whose labels are the field names, filled in by printer or by pen."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from PIL import Image

from records.terms import DocumentKind
from samples.generate import fonts, ornament
from samples.generate.customers import Company, LicenceForm, Person, invent_name, printed_date
from samples.generate.fonts import Face
from samples.generate.page import Page, Printed
from samples.generate.sheet import BLACK, Colour, Point, Sheet, Type

TITLE = "客户信息登记表"
KINDS = ("企业", "个体工商户", "个人")
_BLUE_INK: Colour = (28, 52, 140)
_LEFT, _RIGHT = 18.0, 192.0
REGIONS = {
    "11 12 13 14 15": "华北",
    "21 22 23": "东北",
    "31 32 33 34 35 36 37": "华东",
    "41 42 43": "华中",
    "44 45 46 81 82 71": "华南",
    "50 51 52 53 54": "西南",
    "61 62 63 64 65": "西北",
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    label: str
    value: str | None
    lines: int = 1
    options: tuple[str, ...] = ()
    """Tick boxes; the value is the one ticked."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """Rows of one or two cells, and what stands under the table."""

    rows: tuple[tuple[Cell, ...], ...]
    signed_by: str
    seal: str | None

    @property
    def fields(self) -> dict[str, str | None]:
        return {cell.label: cell.value for row in self.rows for cell in row}


def region_of(area_code: str) -> str:
    return next(name for prefixes, name in REGIONS.items() if area_code[:2] in prefixes.split())


def company_form(company: Company, rng: random.Random) -> Form:
    trader = company.form is LicenceForm.SOLE_TRADER
    head = {LicenceForm.SOLE_TRADER: "经营者"}.get(company.form, "法定代表人")
    rows = (
        (Cell(label="客户名称", value=company.name),),
        (Cell(label="客户类型", value=KINDS[1] if trader else KINDS[0], options=KINDS),),
        (Cell(label="统一社会信用代码", value=company.credit_code),),
        (Cell(label=head, value=company.head.name), Cell(label="身份证号码", value=company.head.id_number)),
        (Cell(label="联系人", value=company.contact), Cell(label="联系电话", value=company.phone)),
        (
            Cell(label="区域", value=region_of(company.area.code)),
            Cell(label="注册资本", value=None if trader else company.capital),
        ),
        (Cell(label="地址", value=company.address),),
        (Cell(label="经营范围", value=company.scope, lines=4),),
        (Cell(label="开户银行", value=company.bank),),
        (Cell(label="银行账号", value=company.account),),
        _filled(rng, company.issued),
    )
    return Form(rows=rows, signed_by=company.contact, seal=company.name)


def personal_form(person: Person, rng: random.Random) -> Form:
    rows = (
        (Cell(label="客户名称", value=person.name),),
        (Cell(label="客户类型", value=KINDS[2], options=KINDS),),
        (Cell(label="身份证号码", value=person.id_number),),
        (Cell(label="性别", value=person.sex), Cell(label="民族", value=person.ethnicity)),
        (Cell(label="联系人", value=person.name), Cell(label="联系电话", value=person.phone)),
        (Cell(label="区域", value=region_of(person.area.code)), Cell(label="电子邮箱", value=None)),
        (Cell(label="地址", value=person.address),),
        (Cell(label="开户银行", value=person.bank),),
        (Cell(label="银行账号", value=person.account),),
        _filled(rng, dt.date(2024, 1, 2)),
    )
    return Form(rows=rows, signed_by=person.name, seal=None)


def _filled(rng: random.Random, after: dt.date) -> tuple[Cell, ...]:
    day = after + dt.timedelta(days=rng.randrange(3, 90))
    return (Cell(label="填表日期", value=printed_date(day)), Cell(label="经办人", value=invent_name(rng)))


def printed(form: Form) -> Printed:
    return Printed(
        kind=DocumentKind.REGISTRATION_FORM,
        doc_type="registration_form",
        fields=form.fields | {"客户签字": form.signed_by},
        other={"标题": TITLE},
    )


@dataclass(frozen=True, kw_only=True)
class Hand:
    """What labels are printed in and what values are filled in with; a pen makes the lines stand unevenly."""

    labels: Face
    values: Type
    pen: random.Random | None
    label_mm: float = 36.0
    """How wide the cells of the labels are; a longer label stands in several lines."""

    @property
    def label(self) -> Type:
        return Type(self.labels, 4.0)


def draw(form: Form, rng: random.Random, *, by_hand: bool, narrow: bool = False, dpi: int = 150) -> Page:
    """`narrow` sets labels over several lines, and long values over two lines of half a row."""
    sheet = Sheet(210, 297, dpi)
    hand = Hand(
        labels=rng.choice((Face.SONG, Face.HEI, Face.ZEN_HEI)),
        values=Type(Face.KAI, 4.6, _BLUE_INK) if by_hand else Type(fonts.body_face(rng), 3.4 if narrow else 4.1),
        pen=rng if by_hand else None,
        label_mm=rng.uniform(10.0, 18.0) if narrow else 36.0,
    )
    sheet.text((105, 32), TITLE, Type(rng.choice((Face.SONG_BLACK, Face.HEI_BOLD)), 7.5), anchor="ms")
    sheet.text((_LEFT, 42), "样本（内容均为虚构）", Type(Face.HEI, 3.2))
    sheet.text((_RIGHT, 42), f"编号：YB-{rng.randrange(10**6):06d}", Type(Face.HEI, 3.2), anchor="rs")
    y = 46.0
    for row in _paired(form.rows) if narrow else form.rows:
        y = _draw_row(sheet, row, y, hand)
    sheet.line((_LEFT, y), (_RIGHT, y), width_mm=0.4)
    _sign(sheet, form, y, hand.labels, rng)
    return Page(image=sheet.pixels(), printed=printed(form), boxes=sheet.boxes)


def _paired(rows: tuple[tuple[Cell, ...], ...]) -> list[tuple[Cell, ...]]:
    """Cells that have a row of their own, two and two; boxes to tick and long texts keep theirs."""
    alone = [row[0] for row in rows if len(row) == 1 and row[0].lines == 1 and not row[0].options]
    pairs = [tuple(alone[at : at + 2]) for at in range(0, len(alone), 2)]
    return [*pairs, *(row for row in rows if row[0] not in alone)]


def _draw_row(sheet: Sheet, row: tuple[Cell, ...], y: float, hand: Hand) -> float:
    """Returns the lower edge."""
    stacked = max(len(_label_lines(sheet, cell.label, hand)) for cell in row)
    height = max(11.5, 6.0 * max(cell.lines for cell in row) + 5, hand.label.leading_mm * stacked + 1)
    width = (_RIGHT - _LEFT) / len(row)
    sheet.line((_LEFT, y), (_RIGHT, y), width_mm=0.3)
    for place, cell in enumerate(row):
        x = _LEFT + place * width
        for edge in (x, x + hand.label_mm, x + width):
            sheet.line((edge, y), (edge, y + height), width_mm=0.3)
        middle = y + height / 2 + 1.5
        _label(sheet, cell.label, (x + hand.label_mm / 2, middle), hand)
        left = x + hand.label_mm + 2.5
        if cell.options:
            _tick(sheet, cell, (left, middle), hand.values.colour)
        elif cell.value is not None:
            _fill(sheet, cell.label, cell.value, (left, middle), (width - hand.label_mm - 5, height), hand)
    return y + height


def _label(sheet: Sheet, words: str, at: Point, hand: Hand) -> None:
    """In the middle of its cell."""
    lines = _label_lines(sheet, words, hand)
    for place, line in enumerate(lines):
        y = at[1] + (place - (len(lines) - 1) / 2) * hand.label.leading_mm
        sheet.text((at[0], y), line, hand.label, anchor="ms")


def _label_lines(sheet: Sheet, words: str, hand: Hand) -> list[str]:
    """Of about one length, where it is too long for its cell."""
    count = len(sheet.lines(words, hand.label, hand.label_mm - 0.5))
    most = -(-len(words) // count)
    return [words[at : at + most] for at in range(0, len(words), most)]


def _fill(sheet: Sheet, label: str, value: str, at: Point, room: tuple[float, float], hand: Hand) -> None:
    width, height = room
    type = sheet.fitted(value, hand.values, width_mm=width, height_mm=max(height - 1, hand.values.leading_mm))
    count = len(sheet.lines(value, type, width))
    x, y = at[0], at[1] - (count - 1) * type.leading_mm / 2
    if hand.pen:
        x, y = x + (hand.pen.uniform(0, 4) if count == 1 else 0), y + hand.pen.uniform(-0.8, 1.0)
    sheet.wrapped((x, y), value, type, width_mm=width, field=label)


def _tick(sheet: Sheet, cell: Cell, at: Point, ink: Colour) -> None:
    x, y = at
    for option in cell.options:
        corners = [(sheet.px(x), sheet.px(y - 3.4)), (sheet.px(x + 3.6), sheet.px(y + 0.2))]
        sheet.pen.rectangle([*corners[0], *corners[1]], outline=BLACK, width=max(sheet.px(0.3), 1))
        if option == cell.value:
            stroke = [(x + 0.6, y - 1.8), (x + 1.5, y - 0.5), (x + 4.2, y - 4.2)]
            sheet.pen.line([(sheet.px(a), sheet.px(b)) for a, b in stroke], fill=ink, width=max(sheet.px(0.6), 1))
        x = sheet.text((x + 5, y), option, Type(Face.SONG, 4.0)) + 8


def _sign(sheet: Sheet, form: Form, y: float, label_face: Face, rng: random.Random) -> None:
    sheet.text(
        (_LEFT + 2, y + 10), "本人（单位）声明以上内容真实、准确、完整，如有变更将及时告知。", Type(label_face, 3.6)
    )
    end = sheet.text((_LEFT + 70, y + 24), "客户签字：", Type(label_face, 4.2))
    sheet.text((end + 2, y + 24.5), form.signed_by, Type(Face.KAI, 6, colour=_BLUE_INK), field="客户签字")
    if form.seal is not None:
        stamp = ornament.seal(form.seal, sheet.px(38), alpha=rng.randrange(150, 215))
        stamp = stamp.rotate(rng.uniform(-18, 18), Image.Resampling.BICUBIC)
        sheet.text((_RIGHT - 26, y + 33), "（盖章）", Type(label_face, 4.2), anchor="ms")
        sheet.paste(stamp, _RIGHT - 44, y + 5)
