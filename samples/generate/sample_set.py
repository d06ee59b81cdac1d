"""Which files the sample set holds. Each is made from a seed of its own, so adding one changes no other."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samples.generate import born_digital, contracts, damage, files, forms, id_cards, licences, notes
from samples.generate.customers import Company, LicenceForm, Person, before_credit_codes, invent_company, invent_person
from samples.generate.damage import Damage
from samples.generate.forms import Form
from samples.generate.licences import Layout
from samples.generate.page import Page, Printed, truth


@dataclass(frozen=True, kw_only=True)
class Sample:
    file: str
    purpose: str
    expected: str
    seed: int
    pages: Callable[[random.Random], list[Page]]
    damage: Damage = Damage()  # noqa: RUF009 - frozen
    note: str = ""
    jpeg: int = 80
    bilevel: bool = False

    @property
    def quality(self) -> str:
        return "clean, upright" if self.damage == Damage() else self.damage.words()


def _company(seed: int, form: LicenceForm = LicenceForm.COMPANY) -> Company:
    return invent_company(random.Random(seed), form)


def _person(seed: int) -> Person:
    return invent_person(random.Random(seed))


def _licence(company: Company, layout: Layout, *, term: bool = True) -> Callable[[random.Random], list[Page]]:
    return lambda rng: [licences.draw(company, layout, rng, term=term)]


def _form(customer: Company | Person, *, by_hand: bool) -> Callable[[random.Random], list[Page]]:
    def draw(rng: random.Random) -> list[Page]:
        if isinstance(customer, Person):
            return [forms.draw(forms.personal_form(customer, rng), rng, by_hand=by_hand)]
        return [forms.draw(forms.company_form(customer, rng), rng, by_hand=by_hand)]

    return draw


def _ids(person: Person) -> Callable[[random.Random], list[Page]]:
    return lambda rng: [id_cards.draw_sheet(person, rng)]


def _together(*parts: Callable[[random.Random], list[Page]]) -> Callable[[random.Random], list[Page]]:
    return lambda rng: [page for part in parts for page in part(rng)]


COMPANY, PARTNER, TRADER, PERSON = _company(101), _company(102), _company(104, LicenceForm.SOLE_TRADER), _person(201)
FILED, WALK_IN, OFFICE = _company(108), _person(202), _company(109)
OLD = before_credit_codes(_company(107), random.Random(107))
SURE = "kind and all fields right"
DOUBT = "kind right; what cannot be read waits for a person, nothing wrong is taken as sure"

SAMPLES: tuple[Sample, ...] = (
    Sample(
        file="licence-landscape.jpg", purpose="licence, landscape layout of 2019", expected=SURE,
        seed=1, pages=_licence(COMPANY, Layout.LANDSCAPE),
    ),
    Sample(
        file="id-sheet-colour.jpg", purpose="both sides of the representative's ID card on A4", expected=SURE,
        seed=2, pages=_ids(COMPANY.head),
    ),
    Sample(
        file="form-company.jpg", purpose="registration form of the same company, printed", expected=SURE,
        seed=3, pages=_form(COMPANY, by_hand=False),
    ),
    Sample(
        file="licence-portrait.jpg", purpose="licence, portrait layout", expected=SURE,
        seed=4, pages=_licence(PARTNER, Layout.PORTRAIT),
    ),
    Sample(
        file="form-company-handwritten.jpg", purpose="registration form of the same company, filled in by pen",
        expected=SURE, seed=5, pages=_form(PARTNER, by_hand=True),
    ),
    Sample(
        file="licence-electronic.jpg", purpose="electronic licence with its watermark, without 营业期限",
        expected=f"{SURE}; business_term absent", seed=6, pages=_licence(_company(103), Layout.ELECTRONIC, term=False),
    ),
    Sample(
        file="licence-sole-trader.jpg", purpose="个体工商户: 经营者, 组成形式, 经营场所, 注册日期", expected=SURE,
        seed=7, pages=_licence(TRADER, Layout.LANDSCAPE),
    ),
    Sample(
        file="id-sheet-grey.jpg", purpose="black-and-white copy of the trader's ID card", expected=SURE,
        seed=8, pages=_ids(TRADER.head), damage=Damage(grey=True, grain=5.0, blur_px=0.5),
    ),
    Sample(
        file="form-sole-trader.png", purpose="registration form of the same trader, PNG", expected=SURE,
        seed=9, pages=_form(TRADER, by_hand=False), damage=Damage(grey=True),
    ),
    Sample(
        file="licence-sole-investor.jpg", purpose="个人独资企业: 投资人, 出资额", expected=SURE,
        seed=10, pages=_licence(_company(105, LicenceForm.SOLE_INVESTOR), Layout.LANDSCAPE),
    ),
    Sample(
        file="licence-branch.jpg", purpose="branch: 负责人, 营业场所, no capital",
        expected=f"{SURE}; registered_capital absent", seed=11,
        pages=_licence(_company(106, LicenceForm.BRANCH), Layout.PORTRAIT),
    ),
    Sample(
        file="licence-numbered.jpg", purpose="licence before October 2015 with 注册号", seed=12,
        expected=f"{SURE}; unified_social_credit_code absent", pages=_licence(OLD, Layout.NUMBERED),
    ),
    Sample(
        file="id-front.jpg", purpose="ID card of an individual customer, front alone", expected=SURE,
        seed=13, pages=lambda rng: [id_cards.draw_front(PERSON, rng)],
    ),
    Sample(
        file="id-back.jpg", purpose="the same card, back alone", expected=SURE,
        seed=14, pages=lambda rng: [id_cards.draw_back(PERSON, rng)],
    ),
    Sample(
        file="form-individual.jpg", purpose="registration form of the same individual, filled in by pen", expected=SURE,
        seed=15, pages=_form(PERSON, by_hand=True),
    ),
    Sample(
        file="customer-file.pdf", purpose="three scans in one PDF: licence, ID card, form of one company",
        expected="three documents of one customer, all fields right", seed=16, jpeg=72,
        pages=_together(_licence(FILED, Layout.PORTRAIT), _ids(FILED.head), _form(FILED, by_hand=False)),
    ),
    Sample(
        file="customer-file.tif", purpose="two pages in one TIFF, one bit a pixel, CCITT G4: ID card and form",
        expected="two documents of one customer, all fields right", seed=17, bilevel=True,
        pages=_together(_ids(WALK_IN), _form(WALK_IN, by_hand=False)), damage=Damage(photocopy=42),
    ),
    Sample(
        file="contract.jpg", purpose="a contract between two of the companies", seed=19,
        expected=SURE, pages=lambda rng: [contracts.draw(OFFICE, COMPANY, rng)],
    ),
    Sample(
        file="delivery-note.jpg", purpose="a paper of no known kind", seed=31,
        expected="kind `other`, found by its text", pages=lambda rng: [notes.draw(COMPANY, PARTNER, rng)],
    ),
    Sample(
        file="licence-rotated-90.jpg", purpose="page laid sideways", expected=SURE, seed=20,
        pages=_licence(_company(110), Layout.LANDSCAPE), damage=Damage(rotation_deg=90),
    ),
    Sample(
        file="licence-upside-down.jpg", purpose="page laid upside down", expected=SURE, seed=21,
        pages=_licence(_company(111, LicenceForm.SOLE_TRADER), Layout.PORTRAIT), damage=Damage(rotation_deg=180),
    ),
    Sample(
        file="form-skewed.jpg", purpose="page fed askew by 3°", expected=SURE, seed=22,
        pages=_form(_company(118), by_hand=False), damage=Damage(skew_deg=3.0, grain=4.0),
    ),
    Sample(
        file="licence-blurred.jpg", purpose="glass not clean: blurred at 150 dpi", expected=DOUBT, seed=23,
        pages=_licence(_company(112), Layout.LANDSCAPE), damage=Damage(blur_px=1.7, grain=5.0),
    ),
    Sample(
        file="licence-seal-over-code.jpg", purpose="a red seal stamped over the credit code", expected=DOUBT, seed=24,
        pages=_licence(_company(113), Layout.LANDSCAPE), damage=Damage(seal_over="unified_social_credit_code"),
    ),
    Sample(
        file="form-stained-folded.jpg", purpose="coffee and two folds", expected=DOUBT, seed=40,
        pages=_form(_person(203), by_hand=False), damage=Damage(folds=2, stain=0.7, show_through=0.12, skew_deg=-0.8),
    ),
    Sample(
        file="licence-phone-photo.jpg", purpose="dim photograph on a desk, from the side", expected=DOUBT, seed=26,
        pages=_licence(_company(114), Layout.PORTRAIT), jpeg=70,
        damage=Damage(perspective=0.045, dimness=0.55, blur_px=0.8, grain=7.0),
    ),
    Sample(
        file="licence-photocopy.png", purpose="photocopy of a photocopy, one bit a pixel", expected=DOUBT, seed=27,
        pages=_licence(_company(115), Layout.LANDSCAPE), damage=Damage(photocopy=38, skew_deg=0.9), bilevel=True,
    ),
    Sample(
        file="licence-thumbnail.jpg", purpose="a licence of 400 × 566 pixels", seed=28,
        expected="kind right; small print waits for a person", pages=_licence(_company(116), Layout.PORTRAIT),
        damage=Damage(scale=0.3226),
    ),
    Sample(
        file="licence-watermarked.jpg", purpose="copy watermark over the whole page", expected=DOUBT, seed=29,
        pages=_licence(_company(117), Layout.LANDSCAPE), damage=Damage(watermark="仅供客户建档使用"),
    ),
    Sample(
        file="id-front-artefacts.jpg", purpose="sent through a messenger: small, JPEG quality 22", expected=DOUBT,
        seed=30, pages=lambda rng: [id_cards.draw_front(_person(204), rng)], jpeg=90,
        damage=Damage(scale=0.62, jpeg_quality=22),
    ),
)  # fmt: skip
BORN_DIGITAL = "form-born-digital.pdf"
BORN_DIGITAL_PURPOSE = "registration form saved by an office program, with a text layer"


def write(folder: Path) -> Iterator[str]:
    """Write every file, then `truth.jsonl`; yields each file's name as it is done."""
    lines = []
    for sample in SAMPLES:
        rng = random.Random(sample.seed)
        pages = sample.pages(rng)
        images = [damage.apply(page.image, sample.damage, rng, page.boxes) for page in pages]
        files.write(folder / sample.file, images, dpi=_dpi(sample), quality=sample.jpeg, bilevel=sample.bilevel)
        lines.append(line_of(sample, pages))
        yield sample.file
    form = born_digital_form()
    born_digital.write(folder / BORN_DIGITAL, form)
    lines.append(line_of_born_digital(form))
    yield BORN_DIGITAL
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in sorted(lines, key=lambda line: line["file"]))
    (folder / "truth.jsonl").write_text(text, encoding="utf-8")


def line_of(sample: Sample, pages: list[Page]) -> dict[str, Any]:
    documents: list[tuple[Printed, list[int]]] = [(page.printed, [number]) for number, page in enumerate(pages, 1)]
    return {"file": sample.file} | truth(documents, quality=sample.quality, note=sample.note or sample.purpose)


def born_digital_form() -> Form:
    return forms.company_form(OFFICE, random.Random(18))


def line_of_born_digital(form: Form) -> dict[str, Any]:
    documents = [(forms.printed(form), [1])]
    return {"file": BORN_DIGITAL} | truth(documents, quality="text layer", note=BORN_DIGITAL_PURPOSE)


def _dpi(sample: Sample) -> int:
    """Cards alone are scanned finer than sheets."""
    alone = sample.file.startswith(("id-front", "id-back"))
    return round((250 if alone else 150) * sample.damage.scale)
