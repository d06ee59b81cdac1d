"""A page of a supply contract: running text of the kind that is filed and searched, with its parties and its date."""

from __future__ import annotations

import random

from PIL import Image

from records.terms import DocumentKind
from samples.generate import ornament
from samples.generate.customers import Company, printed_date
from samples.generate.fonts import Face
from samples.generate.page import Page, Printed
from samples.generate.sheet import Sheet, Type

_CLAUSES = (
    "第一条　甲方向乙方订购本合同附件所列货物，品名、规格、数量及单价以附件《订货清单》为准，附件与本合同同等有效。",
    "第二条　乙方应当于本合同生效之日起{days}日内将货物运至甲方指定的仓库，运输费用由乙方承担，"
    "货物毁损、灭失的风险自甲方签收时转移。",
    "第三条　合同总价为人民币{amount}元。甲方于验收合格后三十日内以银行转账方式一次性支付，"
    "乙方应当先行开具增值税专用发票。",
    "第四条　任何一方逾期履行的，每逾期一日应当按照未履行部分价款的万分之五向对方支付违约金，"
    "违约金总额不超过合同总价的百分之十。",
    "第五条　双方对在履行本合同过程中知悉的对方商业秘密负有保密义务，保密期限为本合同终止后三年。",
    "第六条　因本合同引起的争议，双方应当协商解决；协商不成的，向甲方所在地有管辖权的人民法院提起诉讼。",
)


def draw(buyer: Company, seller: Company, rng: random.Random, *, dpi: int = 150) -> Page:
    sheet = Sheet(210, 297, dpi)
    body = Type(rng.choice((Face.SONG, Face.MING)), 4.2)
    day = max(buyer.issued, seller.issued)
    number = f"YB-{day:%Y}-{rng.randrange(10000):04d}"
    sheet.text((105, 38), "购销合同", Type(Face.SONG_BLACK, 8.5), anchor="ms")
    sheet.text((188, 50), f"合同编号：{number}", body, anchor="rs")
    y = 62.0
    for party, company in (("甲方（买方）", buyer), ("乙方（卖方）", seller)):
        sheet.text((24, y), f"{party}：{company.name}", body)
        sheet.text((24, y + 8), f"统一社会信用代码：{company.credit_code}", body)
        y += 18
    amount, days = f"{rng.randrange(20, 900) * 1000:,}.00", rng.choice((10, 15, 30))
    for clause in _CLAUSES:
        y = sheet.wrapped((24, y), clause.format(amount=amount, days=days), body, width_mm=160) + 3.5
    _sign(sheet, buyer, seller, y + 6, body, rng)
    sheet.text((105, 283), "样本（内容均为虚构）　第 1 页 共 1 页", Type(Face.HEI, 3), anchor="ms")
    fields = {
        "title": "购销合同", "contract_number": number, "party_a": buyer.name, "party_b": seller.name,
        "signed_on": printed_date(day),
    }  # fmt: skip
    printed = Printed(kind=DocumentKind.CONTRACT, doc_type="contract", fields=fields)
    return Page(image=sheet.pixels(), printed=printed, boxes=sheet.boxes)


def _sign(sheet: Sheet, buyer: Company, seller: Company, y: float, body: Type, rng: random.Random) -> None:
    signed = printed_date(max(buyer.issued, seller.issued))
    for x, party, company in ((24, "甲方（盖章）：", buyer), (110, "乙方（盖章）：", seller)):
        sheet.text((x, y), party, body)
        sheet.text((x, y + 10), f"签字：{'':6}", body)
        sheet.text((x + 15, y + 10.5), company.contact, Type(Face.KAI, 6, (28, 52, 140)))
        sheet.text((x, y + 20), f"日期：{signed}", body)
        stamp = ornament.seal(company.name, sheet.px(38), alpha=rng.randrange(140, 210))
        stamp = stamp.rotate(rng.uniform(-15, 15), Image.Resampling.BICUBIC)
        sheet.paste(stamp, x + 30, y - 12)
