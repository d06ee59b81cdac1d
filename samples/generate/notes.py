"""A delivery note: a paper of no kind the archive knows, kept as `other` with its full text."""

from __future__ import annotations

import random

from PIL import Image

from records.terms import DocumentKind
from samples.generate import ornament
from samples.generate.customers import Company, invent_name, printed_date
from samples.generate.fonts import Face
from samples.generate.page import Page, Printed
from samples.generate.sheet import Sheet, Type

_GOODS = "签字笔（黑色）/盒 复印纸A4/箱 档案盒（蓝）/个 文件夹/个 订书钉/盒 便利贴/本 标签打印纸/卷 硒鼓/支".split()  # noqa: SIM905
_COLUMNS = (18.0, 32.0, 92.0, 112.0, 132.0, 160.0, 192.0)


def draw(sender: Company, receiver: Company, rng: random.Random, *, dpi: int = 150) -> Page:
    sheet = Sheet(210, 148, dpi)
    body = Type(rng.choice((Face.SONG, Face.HEI, Face.ZEN_HEI)), 3.8)
    number = f"SH{rng.randrange(10**8):08d}"
    sheet.text((105, 20), "送货单", Type(Face.HEI_BOLD, 7.5), anchor="ms")
    sheet.text((18, 31), f"收货单位：{receiver.name}", body)
    sheet.text((192, 31), f"单号：{number}", body, anchor="rs")
    sheet.text((18, 38), f"送货单位：{sender.name}", body)
    sheet.text((192, 38), f"日期：{printed_date(max(sender.issued, receiver.issued))}", body, anchor="rs")
    bottom = _goods(sheet, body, rng)
    sheet.text((18, bottom + 10), f"送货人：{invent_name(rng)}", body)
    sheet.text((92, bottom + 10), "收货人：", body)
    sheet.text((108, bottom + 10.5), receiver.contact, Type(Face.KAI, 5.5, (28, 52, 140)))
    stamp = ornament.seal(sender.name, sheet.px(32), alpha=180).rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC)
    sheet.paste(stamp, 150, bottom - 6)
    sheet.text((105, 142), "样本（内容均为虚构）", Type(Face.HEI, 2.8), anchor="ms")
    other = {"标题": "送货单", "单号": number, "收货单位": receiver.name, "送货单位": sender.name}
    printed = Printed(kind=DocumentKind.OTHER, doc_type="other", fields={}, other=other)
    return Page(image=sheet.pixels(), printed=printed, boxes=sheet.boxes)


def _goods(sheet: Sheet, body: Type, rng: random.Random) -> float:
    """A ruled table of goods; returns its lower edge in mm."""
    rows = [("序号", "品名", "单位", "数量", "单价（元）", "金额（元）")]
    for number, words in enumerate(rng.sample(_GOODS, k=5), start=1):
        goods, unit = words.split("/")
        count, price = rng.randrange(1, 60), rng.randrange(200, 9000) / 100
        rows.append((str(number), goods, unit, str(count), f"{price:.2f}", f"{count * price:.2f}"))
    height, top = 9.5, 43.0
    for line in range(len(rows) + 1):
        sheet.line((_COLUMNS[0], top + line * height), (_COLUMNS[-1], top + line * height))
    for x in _COLUMNS:
        sheet.line((x, top), (x, top + len(rows) * height))
    for line, cells in enumerate(rows):
        for left, right, words in zip(_COLUMNS, _COLUMNS[1:], cells, strict=False):
            sheet.text(((left + right) / 2, top + (line + 0.66) * height), words, body, anchor="ms")
    return top + len(rows) * height
