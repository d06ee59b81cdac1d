"""Invented customers: companies with their heads, and people, with all that their documents print."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, replace
from enum import StrEnum

from samples.generate import codes, names
from samples.generate.names import Area


class LicenceForm(StrEnum):
    """The legal form a licence is made out to; it decides which labels are printed."""

    COMPANY = "company"
    SOLE_TRADER = "sole_trader"
    SOLE_INVESTOR = "sole_investor"
    BRANCH = "branch"


@dataclass(frozen=True, kw_only=True)
class Person:
    name: str
    male: bool
    ethnicity: str
    birth: dt.date
    area: Area
    address: str
    id_number: str
    issuing_authority: str
    valid_from: dt.date
    valid_until: dt.date | None
    """None is printed as 长期."""
    phone: str
    bank: str
    account: str

    @property
    def sex(self) -> str:
        return "男" if self.male else "女"


@dataclass(frozen=True, kw_only=True)
class Company:
    form: LicenceForm
    name: str
    type: str
    credit_code: str
    registration_number: str
    """What licences printed before October 2015."""
    head: Person
    """法定代表人, 经营者, 投资人 or 负责人."""
    capital: str
    established: dt.date
    term: str
    scope: str
    area: Area
    address: str
    issued: dt.date
    contact: str
    phone: str
    bank: str
    account: str

    @property
    def registrar(self) -> str:
        """Market regulators took over from the offices of industry and commerce in late 2018."""
        place = f"{self.area.city if self.area.city != self.area.province else ''}{self.area.district}"
        return place + ("市场监督管理局" if self.issued >= dt.date(2018, 11, 1) else "工商行政管理局")


def invent_person(rng: random.Random, *, area: Area | None = None, reserved: bool = True) -> Person:
    area = area or rng.choice(names.AREAS)
    male = rng.random() < 0.55
    birth = _date_between(rng, dt.date(1956, 1, 1), dt.date(2002, 12, 31))
    valid_from = _date_between(rng, dt.date(2010, 1, 1), dt.date(2023, 12, 31))
    years = 20 if valid_from.year - birth.year < 46 else None
    return Person(
        name=invent_name(rng),
        male=male,
        ethnicity=rng.choice(names.ETHNICITIES),
        birth=birth,
        area=area,
        address=_home(rng, area),
        id_number=codes.id_number(rng, area.code, birth, male=male, reserved=reserved),
        issuing_authority=_police(rng, area),
        valid_from=valid_from,
        valid_until=add_years(valid_from, years) if years else None,
        phone=codes.mobile_number(rng),
        bank=f"{rng.choice(names.BANKS)}{area.short_city}分行",
        account=codes.account_number(rng, personal=True),
    )


def invent_company(rng: random.Random, form: LicenceForm = LicenceForm.COMPANY, *, reserved: bool = True) -> Company:
    area = rng.choice(names.AREAS)
    head = invent_person(rng, area=area if rng.random() < 0.6 else None, reserved=reserved)
    trade = rng.choice(tuple(names.SHOPS if form is LicenceForm.SOLE_TRADER else names.TRADES))
    name = _company_name(rng, form, area, trade)
    established = _date_between(rng, dt.date(2003, 1, 1), dt.date(2021, 12, 31))
    return Company(
        form=form,
        name=name,
        type=_type(rng, form),
        credit_code=codes.credit_code(rng, area.code, sole_trader=form is LicenceForm.SOLE_TRADER),
        registration_number=codes.registration_number(rng, area.code),
        head=head,
        capital=rng.choice(names.CAPITALS),
        established=established,
        term=_term(rng, established),
        scope=_scope(rng, trade),
        area=area,
        address=_premises(rng, area),
        issued=_date_between(rng, max(established, dt.date(2015, 10, 1)), dt.date(2024, 6, 30)),
        contact=invent_name(rng),
        phone=rng.choice((codes.mobile_number(rng), codes.landline_number(rng, area.dialling_code))),
        bank=f"{rng.choice(names.BANKS)}{area.short_city}{area.district.removesuffix('区')}支行",
        account=codes.account_number(rng, personal=False),
    )


def before_credit_codes(company: Company, rng: random.Random) -> Company:
    """The company as it stood when licences still printed a registration number, before October 2015."""
    established = _date_between(rng, dt.date(2003, 1, 1), dt.date(2014, 12, 31))
    issued = _date_between(rng, max(established, dt.date(2014, 3, 1)), dt.date(2015, 9, 30))
    return replace(company, established=established, issued=issued, term=_term(rng, established))


def invent_name(rng: random.Random) -> str:
    return rng.choice(names.SURNAMES) + rng.choice(names.GIVEN_NAMES)


def printed_date(day: dt.date, *, padded: bool = True) -> str:
    return f"{day:%Y年%m月%d日}" if padded else f"{day.year}年{day.month}月{day.day}日"


def add_years(day: dt.date, years: int) -> dt.date:
    """29 February falls on 28 February where the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _date_between(rng: random.Random, first: dt.date, last: dt.date) -> dt.date:
    return first + dt.timedelta(days=rng.randrange((last - first).days + 1))


def _police(rng: random.Random, area: Area) -> str:
    if area.city == area.province:
        return f"{area.city}公安局{area.district.removesuffix('区')}分局"
    return rng.choice((f"{area.city}公安局{area.district.removesuffix('区')}分局", f"{area.city}公安局"))


def _home(rng: random.Random, area: Area) -> str:
    estate, street = rng.choice(names.ESTATES), rng.choice(names.STREETS)
    flat = f"{rng.randrange(1, 30)}幢{rng.randrange(1, 5)}单元{rng.randrange(1, 33)}0{rng.randrange(1, 5)}室"
    return f"{area.full}{rng.choice((f'{street}{rng.randrange(1, 900)}号', estate))}{flat}"


def _premises(rng: random.Random, area: Area) -> str:
    room = f"{rng.randrange(1, 30)}层{rng.randrange(100, 3300)}室"
    tower = rng.choice((rng.choice(names.TOWERS), f"{rng.randrange(1, 20)}号楼", f"{rng.choice('ABC')}座"))
    return f"{area.full}{rng.choice(names.STREETS)}{rng.randrange(1, 999)}号{tower}{room}"


def _company_name(rng: random.Random, form: LicenceForm, area: Area, trade: str) -> str:
    brand = rng.choice(names.BRANDS)
    if form is LicenceForm.SOLE_TRADER:
        return f"{area.city}{area.district}{brand}{trade}"
    if form is LicenceForm.SOLE_INVESTOR:
        return f"{area.short_city}{brand}{trade}{rng.choice(('服务部', '工作室', '中心'))}"
    company = rng.choice((f"{area.short_city}{brand}{trade}有限公司", f"{brand}（{area.short_city}）{trade}有限公司"))
    if form is LicenceForm.BRANCH:
        seat = rng.choice(names.AREAS).short_city
        return f"{seat}{brand}{trade}有限公司{area.short_city}分公司"
    return company


def _type(rng: random.Random, form: LicenceForm) -> str:
    return rng.choice({
        LicenceForm.COMPANY: (
            "有限责任公司(自然人投资或控股)", "有限责任公司（自然人独资）", "其他有限责任公司",
            "股份有限公司（非上市）",
            "有限责任公司(自然人投资或控股的法人独资)",
        ),
        LicenceForm.SOLE_TRADER: ("个体工商户",),
        LicenceForm.SOLE_INVESTOR: ("个人独资企业",),
        LicenceForm.BRANCH: ("有限责任公司分公司(自然人投资或控股)", "其他有限责任公司分公司"),
    }[form])  # fmt: skip


def _term(rng: random.Random, established: dt.date) -> str:
    start = printed_date(established)
    years = rng.choice([years for years in (10, 20, 30, 50) if established.year + years > 2026])
    end = printed_date(add_years(established, years) - dt.timedelta(days=1))
    return rng.choice((f"{start}至长期", f"{start} 至 {end}", "长期", f"{start} 至 长期"))


def _scope(rng: random.Random, trade: str) -> str:
    own = (names.SHOPS | names.TRADES)[trade]
    items = list(own)
    for other in rng.sample(tuple(names.TRADES), k=rng.randrange(0, 4)):
        items += rng.sample(names.TRADES[other], k=2)
    opening = rng.choice(("一般项目：", "", "许可项目："))
    return opening + rng.choice(("；", "、", "，")).join(dict.fromkeys(items)) + "。" + rng.choice(names.SCOPE_TAILS)
