"""Names of companies, traders, authorities and persons.

Nothing proves a name; what can be told is that a reading is *not* a name: foreign characters, a company that does not
end as one, a person's name of one or of ten characters. Source: the Provisions on the registration of enterprise names
(2024), art. 6-8: region, trade name, trade, form of organisation; GB/T 2261.1 and the household rules for persons.

>>> import datetime as dt
>>> read_company("北京 清远(上海)有限公司", dt.date(2026, 1, 1)).value
'北京清远（上海）有限公司'
>>> read_person("张三;", dt.date(2026, 1, 1)).passed
False
>>> [read_person(name, dt.date(2026, 1, 1)).passed for name in ("欧阳青山", "买买提·艾力", "林木森用章业")]
[True, True, False]
>>> [read_authority(name, dt.date(2026, 1, 1)).passed for name in ("中山市市场监督管理局", "市场监督管理局")]
[True, False]
>>> read_authority("中山市三市场监督管理局", dt.date(2026, 1, 1)).passed
False
>>> misread = read_authority("中山市市场监督营理局", dt.date(2026, 1, 1))
>>> misread.passed, misread.suggestions
(False, ('中山市市场监督管理局',))
>>> cut = ("西安墨鱼岛科技有", "区墨鱼岛书店", "墨鱼岛西安）科技有限公司")
>>> [read_party(name, dt.date(2026, 1, 1)).passed for name in cut]
[False, False, False]
>>> [read_authority(f"{place}市市南区市场监督管理局", dt.date(2026, 1, 1)).passed for place in ("青岛", "岛", "机岛")]
[True, False, False]
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields import region
from ocr.fields.address import region_names
from ocr.fields.parsed import ABSENT, RULED, Parsed, check, chinese_punctuation, fold, is_current, squeeze, without_fill

_ENDS_A_PLACE = "省市区县"
"""What a name begins with of which the place was lost."""
_COMPANY = re.compile(r"[\w（）·、“”&.\-—《》]+")
_ENDING = re.compile(
    r"(公司|企业|合伙\）?|（[^）]*）|厂|店|部|中心|行|社|所|院|馆|场|站|室|坊|铺|屋|吧|楼|城|园|庄|堂|阁|轩|会|校|队|户|摊|房|处|库|园区|工作室|联合体|集团)$"
)
_PERSON = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}|[\u3400-\u9fff]{1,10}(?:[·•][\u3400-\u9fff]{1,10}){1,4}|"
    r"[A-Z][A-Z .,'\-]{2,50}",
    re.IGNORECASE,
)
_AUTHORITY = re.compile(r"(公安|分|总|管理|市场监督|监督|行政审批|审批服务|审批)*(局|厅|委员会|派出所|大队|支队|处)$")

_NO_PLACE = re.compile(r"(?:[省市区县]|市场监督|监督管理|工商行政|行政审批|行政管理|质量技术|公安|管理|分局)")
"""An authority is that of a place; without one, or with its end alone, the line it stands on was cut off."""
_OFFICES = ("市场监督管理", "工商行政管理", "行政审批")
_PROPERLY = re.compile("|".join(("公安", "行政服务", "工商局", "分局$", "(?<!市场)监督管理", *_OFFICES)))
_NEARLY = {
    office: re.compile("|".join(f"{office[:at]}[\u4e00-\u9fff]?{office[at + 1 :]}" for at in range(len(office))))
    for office in _OFFICES
}
OFFICE_AS_READ = "|".join((_PROPERLY.pattern, *(nearly.pattern for nearly in _NEARLY.values())))
"""What an office that registers or issues is called, or that with a character misread or lost."""
_IS_PLACE = re.compile(r"[省市区县旗盟州团]$")
_OFFICE = re.compile(r"公安|工商|市场监督|监督管理|行政|审批")


def read_company(text: str, today: dt.date) -> Parsed:
    value = chinese_punctuation(without_fill(text)).strip("*：。，")
    if not value:
        return ABSENT
    checks = (
        check("characters", bool(_COMPANY.fullmatch(value))),
        check("current_forms", is_current(value)),
        check("length", 4 <= len(value) <= 80),
        check("ending", bool(_ENDING.search(value))),
        check("beginning", value[0] not in _ENDS_A_PLACE),
        check("brackets", value.count("（") == value.count("）")),
    )
    return Parsed(value=value, checks=checks, is_name=True)


def read_person(text: str, today: dt.date) -> Parsed:
    printed = fold(text).strip(RULED + " *:。，,.、")
    value = squeeze(printed).replace("•", "·") if re.search(r"[\u3400-\u9fff]", printed) else printed
    if not value:
        return ABSENT
    return Parsed(value=value, checks=(check("person_name", bool(_PERSON.fullmatch(value))),), is_name=True)


def read_representative(text: str, today: dt.date) -> Parsed:
    """Who stands for a business: a person, or for a partnership a company with or without its delegate."""
    person = read_person(text, today)
    if person.passed or len(person.value or "") < 6:
        return person
    return Parsed(
        value=chinese_punctuation(text),
        checks=(check("person_or_company", "公司" in text or "合伙" in text),),
        is_name=True,
    )


def read_party(text: str, today: dt.date) -> Parsed:
    """A customer: a person or a company."""
    person = read_person(text, today)
    return person if person.passed else read_company(text, today)


def read_authority(text: str, today: dt.date) -> Parsed:
    value = chinese_punctuation(text).strip("：。，")
    if not value:
        return ABSENT
    whole = len(value) >= 4 and bool(_COMPANY.fullmatch(value)) and not _NO_PLACE.match(value)
    place = _OFFICE.split(value)[0]
    places = region_names(place)
    checks = (
        check("authority", whole and bool(_AUTHORITY.search(value))),
        check("office", bool(_PROPERLY.search(value))),
        check("place", place == value or bool(_IS_PLACE.search(place))),
        check("region", all(name in region.names() for name in places)),
    )
    return Parsed(value=value, checks=checks, suggestions=_with_its_office(value))


def _with_its_office(authority: str) -> tuple[str, ...]:
    """The authority with the name of its office put right, where it is nearly that of one."""
    if _PROPERLY.search(authority):
        return ()
    mended = (nearly.sub(office, authority, count=1) for office, nearly in _NEARLY.items())
    return tuple(dict.fromkeys(each for each in mended if each != authority))[:1]
