"""Sex and ethnicity as an ID card prints them.

Source: GB/T 2261.1 (sex), GB/T 3304 (the 56 nationalities, written without 族 on the card).

>>> import datetime as dt
>>> read_ethnicity("汉族", dt.date(2026, 1, 1)).value
'汉'
>>> read_ethnicity("肯尼亚", dt.date(2026, 1, 1)).passed
False
"""

from __future__ import annotations

import datetime as dt

from ocr.fields.parsed import ABSENT, Parsed, check, fold, squeeze

_NAMES = """
汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇
柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京
塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺
"""
ETHNICITIES = frozenset(_NAMES.split())
ALSO_PRINTED = frozenset({"穿青人", "革家人", "其他"})
"""Groups without a decision of their own, which cards of Guizhou print as 民族."""


def read_sex(text: str, today: dt.date) -> Parsed:
    value = fold(squeeze(text)).strip(".,:、。")
    if not value:
        return ABSENT
    if value[0] in "男女":
        value = value[0] if len(value) <= 2 else value
    return Parsed(value=value, checks=(check("sex", value in ("男", "女")),))


def read_ethnicity(text: str, today: dt.date) -> Parsed:
    value = fold(squeeze(text)).strip(".,:、。")
    if not value:
        return ABSENT
    short = value.removesuffix("族") if len(value) > 1 else value
    return Parsed(value=short, checks=(check("ethnicity", short in ETHNICITIES or short in ALSO_PRINTED),))
