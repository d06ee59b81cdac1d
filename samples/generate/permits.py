"""Account-opening permits of the central bank, and the sheets of account information that came after them in 2019."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

from records.terms import DocumentKind
from samples.generate import fonts, ornament
from samples.generate.customers import Company, printed_date
from samples.generate.fonts import Face
from samples.generate.page import Page, Printed
from samples.generate.sheet import Point, Sheet, Type


def draw(company: Company, rng: random.Random, *, dpi: int = 150) -> Page:
    number = f"J{rng.randrange(10**13):013d}"
    sheet = rng.choice((_permit, _account_sheet))(company, number, rng, dpi)
    sheet.text((12, 141), "样本（内容均为虚构）", Type(Face.HEI, 2.8))
    fields = {
        "approval_number": number, "account_name": company.name, "legal_representative": company.head.name,
        "bank": company.bank, "account_number": company.account, "issued_on": printed_date(company.issued),
    }  # fmt: skip
    printed = Printed(kind=DocumentKind.BANK_PERMIT, doc_type="bank_permit", fields=fields)
    return Page(image=sheet.pixels(), printed=printed, boxes=sheet.boxes)


def _permit(company: Company, number: str, rng: random.Random, dpi: int) -> Sheet:
    sheet = Sheet(210, 148, dpi, paper=(246, 250, 246))
    body = Type(rng.choice((Face.SONG, Face.MING)), 4.6)
    value = Type(fonts.body_face(rng), 4.6)
    sheet.text((105, 32), "开户许可证", Type(Face.SONG_BLACK, 10), anchor="ms")
    types = Print(labels=body, values=value)
    _labelled(sheet, (22, 48), "核准号：", number, types, field="approval_number")
    _labelled(sheet, (140, 48), "编号：", f"{rng.randrange(10**4):04d}-{rng.randrange(10**8):08d}", types)
    end = sheet.text((30, 64), "经审核，", body)
    end = sheet.text((end + 1, 64), company.name, value, field="account_name")
    sheet.text((end + 1, 64), "符合", body)
    sheet.text((22, 73), "开户条件，准予开立基本存款账户。", body)
    rows = (
        ("法定代表人（单位负责人）", company.head.name, "legal_representative"),
        ("开户银行", company.bank, "bank"),
        ("账　　号", company.account, "account_number"),
    )
    for place, (label, words, field) in enumerate(rows):
        end = sheet.text((22, 86 + place * 11), label, body)
        sheet.text((max(end + 4, 62), 86 + place * 11), words, value, field=field)
    sheet.text((116, 120), "发证机关（盖章）", body)
    sheet.text((128, 131), printed_date(company.issued), value, field="issued_on")
    _stamp(sheet, f"{company.area.short_city}账户管理专用章", (140, 98), rng)
    return sheet


def _account_sheet(company: Company, number: str, rng: random.Random, dpi: int) -> Sheet:
    sheet = Sheet(210, 148, dpi)
    types = Print(labels=Type(rng.choice((Face.SONG, Face.HEI)), 4.4), values=Type(fonts.body_face(rng), 4.4))
    sheet.text((105, 30), "基本存款账户信息", Type(Face.SONG_BLACK, 8.5), anchor="ms")
    rows = (
        ("账户名称：", company.name, "account_name"),
        ("账户号码：", company.account, "account_number"),
        ("开户银行：", company.bank, "bank"),
        ("法定代表人（单位负责人）：", company.head.name, "legal_representative"),
        ("基本存款账户编号：", number, "approval_number"),
    )
    for place, (label, words, field) in enumerate(rows):
        _labelled(sheet, (24, 50 + place * 13), label, words, types, field=field)
    _labelled(sheet, (120, 126), "打印日期：", printed_date(company.issued), types, field="issued_on")
    _stamp(sheet, company.bank, (150, 92), rng)
    return sheet


@dataclass(frozen=True, kw_only=True)
class Print:
    labels: Type
    values: Type


def _labelled(sheet: Sheet, at: Point, label: str, words: str, types: Print, *, field: str | None = None) -> None:
    end = sheet.text(at, label, types.labels)
    sheet.text((end + 1, at[1]), words, types.values, field=field)


def _stamp(sheet: Sheet, words: str, at: tuple[float, float], rng: random.Random) -> None:
    stamp = ornament.seal(words, sheet.px(36), alpha=rng.randrange(120, 200))
    sheet.paste(stamp.rotate(rng.uniform(-15, 15), Image.Resampling.BICUBIC), at[0], at[1])
