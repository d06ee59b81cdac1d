"""Business licences as market regulators print them.

Landscape since 2019, portrait since 2014, the electronic one with its watermark, and the portrait with a 15-digit
number that was printed until October 2015.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from records.terms import DocumentKind
from samples.generate import fonts, ornament
from samples.generate.customers import Company, LicenceForm, printed_date
from samples.generate.fonts import Face
from samples.generate.page import Page, Printed
from samples.generate.sheet import Colour, Point, Sheet, Type

_GOLD: Colour = (150, 108, 30)
_CREAM: Colour = (253, 248, 238)
_ROSE: Colour = (254, 243, 236)
_HEADS = {
    LicenceForm.COMPANY: "法定代表人",
    LicenceForm.SOLE_TRADER: "经营者",
    LicenceForm.SOLE_INVESTOR: "投资人",
    LicenceForm.BRANCH: "负责人",
}
_PORTRAIT_ORDER = """
    name type 组成形式 address legal_representative registered_capital established_on business_term business_scope
""".split()  # noqa: SIM905 - one line reads better than nine
_PREMISES = {LicenceForm.COMPANY: "住所", LicenceForm.SOLE_INVESTOR: "住所"}


class Layout(StrEnum):
    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    ELECTRONIC = "electronic"
    NUMBERED = "numbered"
    """Portrait with 注册号, before the credit code."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    label: str
    value: str
    field: str | None


def draw(company: Company, layout: Layout, rng: random.Random, *, dpi: int = 150, term: bool = True) -> Page:
    """`term=False` leaves out 营业期限, as landscape licences do since 2022."""
    entries = {entry.field or entry.label: entry for entry in _entries(company, term=term)}
    if layout in (Layout.LANDSCAPE, Layout.ELECTRONIC):
        sheet = _landscape(company, entries, rng, dpi, electronic=layout is Layout.ELECTRONIC)
    else:
        sheet = _portrait(company, entries, rng, dpi, numbered=layout is Layout.NUMBERED)
    return Page(image=sheet.pixels(), printed=_printed(company, entries, layout), boxes=sheet.boxes)


def _entries(company: Company, *, term: bool) -> list[Entry]:
    trader = company.form is LicenceForm.SOLE_TRADER
    rows = [
        Entry(label="名称", value=company.name, field="name"),
        Entry(label="类型", value=company.type, field="type"),
        Entry(label=_HEADS[company.form], value=company.head.name, field="legal_representative"),
        Entry(label="经营范围", value=company.scope, field="business_scope"),
    ]
    if trader:
        rows.append(Entry(label="组成形式", value="个人经营", field=None))
    elif company.form is not LicenceForm.BRANCH:
        label = "出资额" if company.form is LicenceForm.SOLE_INVESTOR else "注册资本"
        rows.append(Entry(label=label, value=company.capital, field="registered_capital"))
    established = printed_date(company.established)
    rows.append(Entry(label="注册日期" if trader else "成立日期", value=established, field="established_on"))
    if term and company.form in (LicenceForm.COMPANY, LicenceForm.BRANCH):
        rows.append(Entry(label="营业期限", value=company.term, field="business_term"))
    premises = _PREMISES.get(company.form, "经营场所" if trader else "营业场所")
    return [*rows, Entry(label=premises, value=company.address, field="address")]


def _printed(company: Company, entries: dict[str, Entry], layout: Layout) -> Printed:
    numbered = layout is Layout.NUMBERED
    names = ("name", "type", "legal_representative", "registered_capital", "established_on", "business_term")
    fields: dict[str, str | None] = {
        "unified_social_credit_code": None if numbered else company.credit_code,
        "registration_number": company.registration_number if numbered else None,
    }
    fields |= {name: entries[name].value if name in entries else None for name in names}
    fields |= {"business_scope": company.scope, "address": company.address, "issued_on": printed_date(company.issued)}
    if layout is Layout.ELECTRONIC:
        fields["registration_authority"] = company.registrar
    other = {entry.label: entry.value for entry in entries.values() if entry.field is None}
    return Printed(kind=DocumentKind.BUSINESS_LICENSE, doc_type="business_license", fields=fields, other=other)


def _landscape(company: Company, entries: dict[str, Entry], rng: random.Random, dpi: int, *, electronic: bool) -> Sheet:
    sheet = Sheet(297, 210, dpi)
    sheet.lay(ornament.licence_paper(sheet.image.size, dpi, _ROSE if electronic else _CREAM, (9, 16, 9, 16)))
    sheet.paste(ornament.medallion(sheet.px(30)), 133.5, 2)
    if electronic:
        _electronic_mark(sheet)
    values = _values(rng)
    _landscape_head(sheet, company, values.type.face, electronic=electronic)
    left_fields = ("name", "type", "legal_representative", "business_scope")
    left = [entry for entry in entries.values() if entry.field in left_fields]
    right = [entry for entry in entries.values() if entry.field not in left_fields]
    _column(sheet, left, (32, 104), values, width_mm=92, floor_mm=184)
    _column(sheet, right, (165, 104), values, width_mm=74)
    _registrar(sheet, company, rng, values.type.face, (172, 168), named=electronic)
    sheet.text((10, 201.5), "国家企业信用信息公示系统网址：http://www.gsxt.gov.cn", Type(Face.HEI, 3.1))
    sheet.text((118, 200), "市场主体应当于每年1月1日至6月30日通过", Type(Face.HEI, 2.6))
    sheet.text((118, 203.5), "国家企业信用信息公示系统报送公示年度报告。", Type(Face.HEI, 2.6))
    sheet.text((287, 201.5), "样本 · 非有效证照", Type(Face.SONG_BLACK, 3.3), anchor="rs")
    return sheet


def _landscape_head(sheet: Sheet, company: Company, face: Face, *, electronic: bool) -> None:
    sheet.spread((32, 55), "统一社会信用代码", Type(Face.SONG_BLACK, 4.4), 48)
    code = Type(Face.ZEN_HEI if face is Face.KAI else face, 4.6)
    sheet.text((32, 62), company.credit_code, code, field="unified_social_credit_code")
    sheet.spread((104, 66), "营业执照", Type(Face.SONG_BLACK, 20, _GOLD), 96)
    if not electronic:
        sheet.text((148.5, 78), "（副 本）", Type(Face.SONG_BLACK, 5.6, _GOLD), anchor="ms")
    sheet.paste(ornament.qr_code(_qr(company), sheet.px(21)), 228, 45)
    advice = "扫描二维码登录“国 家企业信用信息公示 系统”了解更多登记、 备案、许可、监管信息。"
    for row, words in enumerate(advice.split()):
        sheet.text((251.5, 48.5 + row * 4.2), words, Type(Face.SONG, 2.8))


def _electronic_mark(sheet: Sheet) -> None:
    for place, char in enumerate("电子营业执照"):
        sheet.text((108 + place * 18, 92 + place * 16), char, Type(Face.KAI, 17, (206, 200, 200)), anchor="mm")


def _portrait(company: Company, entries: dict[str, Entry], rng: random.Random, dpi: int, *, numbered: bool) -> Sheet:
    sheet = Sheet(210, 297, dpi)
    sheet.lay(ornament.licence_paper(sheet.image.size, dpi, _CREAM, (9, 14, 9, 16)))
    sheet.paste(ornament.medallion(sheet.px(36)), 87, 28)
    sheet.spread((44, 92), "营业执照", Type(Face.SONG_BLACK, 23, _GOLD), 122)
    sheet.text((105, 105), "（副 本）", Type(Face.SONG_BLACK, 6.6, _GOLD), anchor="ms")
    values = _values(rng)
    _portrait_code(sheet, company, values.type.face, numbered=numbered)
    rows = sorted(entries.values(), key=lambda entry: _PORTRAIT_ORDER.index(entry.field or entry.label))
    _column(sheet, rows, (32, 133), values, width_mm=112, floor_mm=241)
    sheet.paste(ornament.qr_code(_qr(company), sheet.px(28)), 34, 243)
    _registrar(sheet, company, rng, values.type.face, (112, 254), named=False)
    sheet.text((10, 287), "企业信用信息公示系统网址：http://www.gsxt.gov.cn", Type(Face.HEI, 3.1))
    sheet.text((200, 287), "样本 · 非有效证照", Type(Face.SONG_BLACK, 3.3), anchor="rs")
    return sheet


def _portrait_code(sheet: Sheet, company: Company, face: Face, *, numbered: bool) -> None:
    end = sheet.text((99, 120), "注册号" if numbered else "统一社会信用代码", Type(Face.SONG_BLACK, 4.4))
    code = company.registration_number if numbered else company.credit_code
    field = "registration_number" if numbered else "unified_social_credit_code"
    sheet.text((end + 2.5, 120), code, Type(Face.ZEN_HEI if face is Face.KAI else face, 4.6), field=field)


@dataclass(frozen=True, kw_only=True)
class Values:
    """How values are printed: in a second pass, so a little higher or lower than the labels."""

    type: Type
    drop_mm: float
    indent_mm: float
    """From where a label begins to where its value does."""


def _values(rng: random.Random) -> Values:
    return Values(type=Type(fonts.body_face(rng), rng.uniform(4.0, 4.7)), drop_mm=rng.uniform(-0.6, 1.4), indent_mm=30)


def _column(
    sheet: Sheet,
    rows: list[Entry],
    at: Point,
    values: Values,
    *,
    width_mm: float,
    floor_mm: float = 297,
) -> None:
    """Labels and values one under another; the scope of business shrinks until it ends above the floor."""
    x, y = at
    for row in rows:
        sheet.spread((x, y), row.label, Type(Face.SONG_BLACK, 4.5), 25.5)
        type = values.type
        if row.field == "business_scope":
            type = sheet.fitted(row.value, type, width_mm=width_mm, height_mm=floor_mm - y)
        start = (x + values.indent_mm, y + values.drop_mm)
        end = sheet.wrapped(start, row.value, type, width_mm=width_mm, field=row.field)
        y = max(y + 10.2, end - values.drop_mm + 5)


def _registrar(sheet: Sheet, company: Company, rng: random.Random, face: Face, at: Point, *, named: bool) -> None:
    """登记机关 and the date below it: digits between 年 月 日, printed apart from them, under the seal."""
    x, y = at
    sheet.spread((x, y), "登记机关", Type(Face.SONG_BLACK, 4.6), 28)
    if named:
        sheet.text((x + 33, y), company.registrar, Type(face, 4.0))
    drop = 0.0 if named else rng.uniform(-0.8, 2.6)
    day = company.issued
    for offset, digits, mark in ((12, f"{day:%Y}", "年"), (34, f"{day:%m}", "月"), (52, f"{day:%d}", "日")):
        sheet.text((x + offset, y + 13), mark, Type(Face.SONG_BLACK, 4.6))
        sheet.text((x + offset - 1, y + 13 + drop), digits, Type(face, 4.8), anchor="rs", field="issued_on")
    if named and rng.random() < 0.4:
        return
    stamp = ornament.seal(company.registrar, sheet.px(40), alpha=rng.randrange(130, 215))
    stamp = stamp.rotate(rng.uniform(-14, 14), Image.Resampling.BICUBIC)
    sheet.paste(stamp, x + rng.uniform(18, 30), y - 21 + rng.uniform(-4, 5))


def _qr(company: Company) -> str:
    return f"http://www.gsxt.gov.cn/index.html?uniscid={company.credit_code}"
