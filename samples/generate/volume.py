"""Documents by the thousand, each from its seed, for measuring the reading."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from samples.generate import contracts, damage, forms, id_cards, licences, notes
from samples.generate.customers import LicenceForm, before_credit_codes, invent_company, invent_person
from samples.generate.damage import Damage
from samples.generate.licences import Layout
from samples.generate.page import Page, truth
from samples.generate.sheet import Pixels


def _licence(layout: Layout, form: LicenceForm) -> Callable[[random.Random], Page]:
    def draw(rng: random.Random) -> Page:
        company = invent_company(rng, form, reserved=False)
        if layout is Layout.NUMBERED:
            company = before_credit_codes(company, rng)
        return licences.draw(company, layout, rng, term=rng.random() < 0.8)

    return draw


def _company_form(rng: random.Random) -> Page:
    company = invent_company(rng, rng.choice((LicenceForm.COMPANY, LicenceForm.SOLE_TRADER)), reserved=False)
    return forms.draw(forms.company_form(company, rng), rng, by_hand=rng.random() < 0.4)


def _personal_form(rng: random.Random) -> Page:
    person = invent_person(rng, reserved=False)
    return forms.draw(forms.personal_form(person, rng), rng, by_hand=rng.random() < 0.4)


KINDS: dict[str, Callable[[random.Random], Page]] = {
    "licence_landscape": _licence(Layout.LANDSCAPE, LicenceForm.COMPANY),
    "licence_portrait": _licence(Layout.PORTRAIT, LicenceForm.COMPANY),
    "licence_electronic": _licence(Layout.ELECTRONIC, LicenceForm.COMPANY),
    "licence_numbered": _licence(Layout.NUMBERED, LicenceForm.COMPANY),
    "licence_sole_trader": _licence(Layout.LANDSCAPE, LicenceForm.SOLE_TRADER),
    "licence_sole_investor": _licence(Layout.PORTRAIT, LicenceForm.SOLE_INVESTOR),
    "licence_branch": _licence(Layout.LANDSCAPE, LicenceForm.BRANCH),
    "id_sheet": lambda rng: id_cards.draw_sheet(invent_person(rng, reserved=False), rng),
    "id_front": lambda rng: id_cards.draw_front(invent_person(rng, reserved=False), rng),
    "id_back": lambda rng: id_cards.draw_back(invent_person(rng, reserved=False), rng),
    "form_company": _company_form,
    "form_individual": _personal_form,
    "contract": lambda rng: contracts.draw(invent_company(rng), invent_company(rng), rng),
    "note": lambda rng: notes.draw(invent_company(rng), invent_company(rng), rng),
}


def generate(kind: str, seed: int, noise: float | Damage = 0.0) -> tuple[Pixels, dict[str, Any]]:
    """Make one page.

    Args:
        kind: one of `KINDS`, or the beginning of some (`licence`, `id`, `form`), of which the seed picks one.
        seed: the same seed makes the same page.
        noise: a dial from 0 (clean) to 1 (hard cases), or the damage itself.

    Returns:
        (H, W, 3) uint8, BGR, and its line of truth (without `file`).

    Raises:
        ValueError: no kind begins so.
    """
    rng = random.Random(f"{kind} {seed}")
    kinds = [name for name in KINDS if name == kind] or [name for name in KINDS if name.startswith(kind)]
    if not kinds:
        raise ValueError(f"no kind of sample begins with {kind!r}; there are {', '.join(KINDS)}")
    name = rng.choice(kinds)
    page = KINDS[name](rng)
    wanted = noise if isinstance(noise, Damage) else damage.draw_damage(noise, rng, list(page.boxes))
    image = damage.apply(page.image, wanted, rng, page.boxes)
    return image, truth([(page.printed, [1])], quality=wanted.words(), note=f"{name}, seed {seed}")
