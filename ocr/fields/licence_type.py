"""The type of a business as its licence prints it.

Source: GB/T 12402 and the registrars' list of entity types. A type outside the known stems is doubted, not refused:
the list grows.

>>> import datetime as dt
>>> read("有限责任公司(自然人投资或控股)", dt.date(2026, 1, 1)).value
'有限责任公司（自然人投资或控股）'
>>> read("有厢资任公司", dt.date(2026, 1, 1)).passed
False
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields.parsed import ABSENT, Parsed, check, chinese_punctuation

_STEM = re.compile(
    r"(一人|其他|内资|外商投资|台港澳|港澳台)?(有限责任公司|股份有限公司|有限公司|责任公司)|个体工商户|个人独资企业|"
    r"(普通|有限|特殊普通|外商投资)?合伙企业|全民所有制|集体所有制|股份合作制|农民专业合作社|联营|外国|代表机构|分公司|分支机构|"
    r"中外合资|中外合作|外商独资|外资|内资企业|国有|个体|非公司"
)
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
        check("known_type", bool(_STEM.match(value))),
        check("details", all(_DETAIL.search(detail) for detail in details)),
        check("brackets", value.count("（") == value.count("）")),
    )
    return Parsed(value=value, checks=checks)
