"""Addresses: region names, then street and number.

Source: GB/T 23705 for the order of the parts, GB/T 2260 for the regions. An address is doubted when a region it begins
with has never existed (a misread character, or a development zone that the table does not have), when it names no place
at all, when a floor or a flat has no number, and when characters or numbers occur that no address has.

>>> import datetime as dt
>>> read("上海市杨浦区控江路1142号 23幢", dt.date(2026, 1, 1)).passed
True
>>> region_names("安徽省宿州市埇桥区朱仙庄镇"), region_names("中山市三角镇旭日路")
(['安徽省', '宿州市', '埇桥区'], ['中山市'])
>>> read("安徽省宿州市诵桥区朱仙庄镇", dt.date(2026, 1, 1)).passed
False
>>> read("安徽省宿州市埔桥区朱仙庄镇", dt.date(2026, 1, 1)).suggestions
('安徽省宿州市埇桥区朱仙庄镇',)
>>> read("广东省广州市天河区", dt.date(2026, 1, 1)).passed
False
>>> [read(f"西安市雁塔区听雨路416号C座{floor}1726室", dt.date(2026, 1, 1)).passed for floor in ("1层", "层", "8层室内")]
[True, False, True]
>>> joined = ("云杉银行深圳分行6200002119117926838", "星技园282163室")
>>> [read(f"深圳市南山区橘灯街510号{number}", dt.date(2026, 1, 1)).passed for number in joined]
[False, False]
>>> read("C门r厂", dt.date(2026, 1, 1)).passed
False
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields import region
from ocr.fields.parsed import ABSENT, Parsed, check, chinese_punctuation, is_current, without_fill

_PLACE = re.compile(r"[省市区县旗州盟镇乡村街路道巷弄里]")
_REGION = re.compile(
    r"(?P<a>[\u4e00-\u9fff]{2,7}?(?:省|自治区))?"
    r"(?P<b>[\u4e00-\u9fff]{2,10}?(?:自治州|地区|盟|市))?"
    r"(?P<c>(?:(?![镇乡街路道村号巷弄])[\u4e00-\u9fff]){1,10}?(?:新区|区|自治县|县|市|旗))?"
)
_CHARACTERS = re.compile(r"[\w（）·、，；：。“”#\-—－/~～&.+]+")

_LONG_NUMBER = re.compile(r"\d{6}")
"""An account, a telephone, or two numbers run together: no part of an address is counted so far."""
_UNCOUNTED = re.compile(r"(?:[座栋幢号层]|单元)(?:[层栋幢号]|单元|室(?!内))")
"""A floor, a flat or a house without its number."""


def region_names(address: str) -> list[str]:
    """The names of province, prefecture and county that an address begins with, as far as it gives them."""
    match = _REGION.match(address)
    return [name for name in match.groups() if name] if match else []


def read(text: str, today: dt.date) -> Parsed:
    value = chinese_punctuation(without_fill(text)).strip("：，。；*")
    if not value:
        return ABSENT
    regions = region_names(value)
    checks = (
        check("characters", bool(_CHARACTERS.fullmatch(value)) and not _LONG_NUMBER.search(value)),
        check("whole", not _UNCOUNTED.search(value)),
        check("current_forms", is_current(value)),
        check("place", len(value) >= 3 and bool(_PLACE.search(value)) and value != "".join(regions)),
        check("region", all(name in region.names() for name in regions)),
        check("brackets", value.count("（") == value.count("）")),
    )
    return Parsed(value=value, checks=checks, suggestions=_suggest(value, regions))


def _suggest(address: str, regions: list[str], most: int = 3) -> tuple[str, ...]:
    """The address with the one region that does not exist read otherwise in one character, where its neighbours do."""
    unknown = [i for i, name in enumerate(regions) if name not in region.names()]
    if len(unknown) != 1:
        return ()
    i = unknown[0]
    before, rest = "".join(regions[:i]), address[len("".join(regions[: i + 1])) :]
    return tuple(before + name + rest for name in region.one_off(regions[i], regions[:i])[:most])
