"""Second-generation ID cards: one side, or both copied onto one A4 sheet. Every portrait is marked 样本."""

from __future__ import annotations

import random
from collections.abc import Mapping

from records.terms import DocumentKind
from samples.generate import ornament
from samples.generate.customers import Person
from samples.generate.fonts import Face
from samples.generate.page import Page, Printed
from samples.generate.sheet import Colour, Point, Sheet, Type

_LABEL: Colour = (58, 128, 190)
WIDTH_MM, HEIGHT_MM = 85.6, 54.0
FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_date", "address", "id_number")
BACK_FIELDS = ("issuing_authority", "valid_period")


def draw_sheet(person: Person, rng: random.Random, *, dpi: int = 150) -> Page:
    """Front above back on A4, as a copier makes it."""
    sheet = Sheet(210, 297, dpi)
    x, y = rng.uniform(40, 80), rng.uniform(35, 60)
    _front(sheet, person, (x, y), rng)
    _back(sheet, person, (x + rng.uniform(-3, 3), y + HEIGHT_MM + rng.uniform(12, 40)))
    sheet.text((105, 270), "样本：人物与证件均为虚构", Type(Face.HEI, 3.6, colour=(120, 120, 120)), anchor="ms")
    return _page(sheet, person, FRONT_FIELDS + BACK_FIELDS, "id_card_front+id_card_back")


def draw_front(person: Person, rng: random.Random, *, dpi: int = 250) -> Page:
    sheet = _desk(dpi)
    _front(sheet, person, (6, 6), rng)
    return _page(sheet, person, FRONT_FIELDS, "id_card_front")


def draw_back(person: Person, rng: random.Random, *, dpi: int = 250) -> Page:
    sheet = _desk(dpi)
    _back(sheet, person, (6, 6))
    return _page(sheet, person, BACK_FIELDS, "id_card_back")


def printed_values(person: Person) -> dict[str, str]:
    end = f"{person.valid_until:%Y.%m.%d}" if person.valid_until else "长期"
    return {
        "name": person.name,
        "sex": person.sex,
        "ethnicity": person.ethnicity,
        "birth_date": f"{person.birth.year}年{person.birth.month}月{person.birth.day}日",
        "address": person.address,
        "id_number": person.id_number,
        "issuing_authority": person.issuing_authority,
        "valid_period": f"{person.valid_from:%Y.%m.%d}-{end}",
    }


def _desk(dpi: int) -> Sheet:
    return Sheet(WIDTH_MM + 12, HEIGHT_MM + 12, dpi, paper=(250, 250, 248))


def _page(sheet: Sheet, person: Person, names: tuple[str, ...], doc_type: str) -> Page:
    values: Mapping[str, str] = printed_values(person)
    fields: dict[str, str | None] = {name: values[name] for name in names}
    printed = Printed(kind=DocumentKind.ID_CARD, doc_type=doc_type, fields=fields)
    return Page(image=sheet.pixels(), printed=printed, boxes=sheet.boxes)


def _front(sheet: Sheet, person: Person, at: Point, rng: random.Random) -> None:
    x, y = at
    sheet.paste(ornament.card_paper((sheet.px(WIDTH_MM), sheet.px(HEIGHT_MM)), back=False), x, y)
    face = rng.choice((Face.HEI, Face.ZEN_HEI, Face.MICRO_HEI))
    for label, row in (("姓 名", 9.6), ("性 别", 17), ("出 生", 24.2), ("住 址", 31.6)):
        sheet.text((x + 6, y + row), label, Type(Face.HEI, 2.7, colour=_LABEL))
    sheet.text((x + 14.5, y + 9.8), person.name, Type(face, 3.9), field="name")
    sheet.text((x + 14.5, y + 17.1), person.sex, Type(face, 3.3), field="sex")
    sheet.text((x + 26, y + 17), "民 族", Type(Face.HEI, 2.7, colour=_LABEL))
    sheet.text((x + 34, y + 17.1), person.ethnicity, Type(face, 3.3), field="ethnicity")
    _birth(sheet, person, (x + 14.5, y + 24.3), face)
    sheet.wrapped((x + 14.5, y + 31.7), person.address, Type(face, 3.3), width_mm=36.5, field="address")
    sheet.text((x + 6, y + 48), "公民身份号码", Type(Face.HEI, 2.9, colour=_LABEL))
    sheet.text((x + 29, y + 48.2), person.id_number, Type(Face.MONO, 4.3), field="id_number")
    sheet.paste(ornament.portrait((sheet.px(25), sheet.px(30)), male=person.male), x + 55.5, y + 9)


def _birth(sheet: Sheet, person: Person, at: Point, face: Face) -> None:
    x, y = at
    marks = (("年", 9.2), ("月", 17.2), ("日", 25.0))
    numbers = (person.birth.year, person.birth.month, person.birth.day)
    for (mark, offset), number in zip(marks, numbers, strict=True):
        sheet.text((x + offset, y - 0.1), mark, Type(Face.HEI, 2.7, colour=_LABEL))
        sheet.text((x + offset - 0.8, y), str(number), Type(face, 3.3), anchor="rs", field="birth_date")


def _back(sheet: Sheet, person: Person, at: Point) -> None:
    x, y = at
    sheet.paste(ornament.card_paper((sheet.px(WIDTH_MM), sheet.px(HEIGHT_MM)), back=True), x, y)
    sheet.paste(ornament.medallion(sheet.px(15), (212, 60, 70)), x + 5, y + 5)
    sheet.spread((x + 27, y + 12.3), "中华人民共和国", Type(Face.SONG_BLACK, 5.2), 46)
    sheet.spread((x + 24, y + 22.5), "居民身份证", Type(Face.SONG_BLACK, 7.4), 53)
    values = printed_values(person)
    sheet.text((x + 15.5, y + 41), "签发机关", Type(Face.HEI, 2.9))
    sheet.text((x + 30, y + 41), values["issuing_authority"], Type(Face.HEI, 3.1), field="issuing_authority")
    sheet.text((x + 15.5, y + 48.3), "有效期限", Type(Face.HEI, 2.9))
    sheet.text((x + 30, y + 48.3), values["valid_period"], Type(Face.HEI, 3.1), field="valid_period")
    sheet.text((x + 80, y + 33), "样本", Type(Face.HEI_BOLD, 4, colour=(190, 175, 180)), anchor="rs")
