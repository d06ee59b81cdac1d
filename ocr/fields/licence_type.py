"""The type of a business as its licence prints it.

Source: GB/T 12402 and the registrars' list of entity types. A type outside the known stems is doubted, not refused:
the list grows.

>>> import datetime as dt
>>> read("有限责任公司(自然人投资或控股)", dt.date(2026, 1, 1)).value
'有限责任公司（自然人投资或控股）'
>>> read("有厢资任公司", dt.date(2026, 1, 1)).passed, read("个体工商户市场监督", dt.date(2026, 1, 1)).passed
(False, False)
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields.parsed import ABSENT, Parsed, check, chinese_punctuation

_STEM = (
    r"(?:一人|其他|内资|外商投资|台港澳|港澳台|国有独资)?(?:有限责任公司|股份有限公司|有限公司|责任公司)|个体工商户|个体|个人独资企业|"
    r"(?:普通|有限|特殊的?普通|外商投资)?合伙企业|全民所有制|集体所有制|股份合作制|股份合作|农民专业合作社|专业合作社|联营|外国|"
    r"代表机构|分公司|分支机构|中外合资|中外合作|外商独资|外商投资|外资|内资|国有|集体|非公司|个人经营|家庭经营"
)
_DETAILS = r"[(（][^()（）]*(?:[(（][^()（）]*[)）])?[^()（）]*[)）]"
_TAIL = rf"(?:企业|法人|分支机构|分公司|公司|办事处|常驻|代表机构|经营|联合社|{_DETAILS})*"
_COMMON = frozenset(
    f"{stem}（{detail}）"
    for stem in ("有限责任公司", "股份有限公司", "有限责任公司分公司", "其他有限责任公司", "一人有限责任公司")
    for detail in (
        "自然人投资或控股",
        "自然人独资",
        "法人独资",
        "自然人投资或控股的法人独资",
        "非自然人投资或控股的法人独资",
        "国有独资",
        "国有控股",
        "外商投资企业法人独资",
        "台港澳法人独资",
        "外国法人独资",
        "非上市、自然人投资或控股",
    )
) | {"个体工商户", "个人独资企业", "普通合伙企业", "有限合伙企业", "其他有限责任公司", "有限责任公司", "股份有限公司"}
"""Types that most licences print: a misreading is never another of them."""
_TYPE = re.compile(rf"(?:{_STEM}){_TAIL}")
_DETAIL = re.compile(
    r"自然人|法人|独资|投资|控股|国有|上市|分公司|分支|外商|台港澳|港澳台|合资|合作|非上市|境内|合伙|个人|家庭|全资|私营|企业|其他|外国|"
    r"参股|未上市|外资|集体|1人|一人|中方|合营"
)


def read(text: str, today: dt.date) -> Parsed:
    value = chinese_punctuation(text).strip("：，。*")
    if not value:
        return ABSENT
    details = re.findall(r"（([^（）]*)", value)
    checks = (
        check("known_type", bool(_TYPE.fullmatch(value))),
        check("details", all(_DETAIL.search(detail) for detail in details)),
        check("brackets", value.count("（") == value.count("）")),
    )
    return Parsed(value=value, checks=checks, proven=value in _COMMON)
