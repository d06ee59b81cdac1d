"""Documents by the thousand, each from its seed, for measuring the reading."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from samples.generate import contracts, damage, forms, id_cards, licences, notes, optics, permits
from samples.generate.customers import LicenceForm, before_credit_codes, invent_company, invent_person
from samples.generate.damage import Damage
from samples.generate.hard import HARD, SIDE_BY_SIDE
from samples.generate.licences import Layout
from samples.generate.page import Page, Printed, truth
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


def _narrow_form(rng: random.Random) -> Page:
    company = invent_company(rng, rng.choice((LicenceForm.COMPANY, LicenceForm.SOLE_TRADER)), reserved=False)
    return forms.draw(forms.company_form(company, rng), rng, by_hand=False, narrow=True)


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
    "narrow_form": _narrow_form,
    "bank_permit": lambda rng: permits.draw(invent_company(rng), rng),
    "contract": lambda rng: contracts.draw(invent_company(rng), invent_company(rng), rng),
    "note": lambda rng: notes.draw(invent_company(rng), invent_company(rng), rng),
}


def generate(kind: str, seed: int, noise: float | str | Damage = 0.0) -> tuple[Pixels, dict[str, Any]]:
    """Make one page.

    Args:
        kind: one of `KINDS`, or the beginning of some (`licence`, `id`, `form`), of which the seed picks one.
        seed: the same seed makes the same page.
        noise: a dial from 0 (clean) to 1 (a mix of damages), the name of one of the hard cases in `HARD`, or the
            damage itself.

    Returns:
        (H, W, 3) uint8, BGR, and its line of truth (without `file`).

    Raises:
        ValueError: no kind begins so, or no hard case is called so.
    """
    rng = random.Random(f"{kind} {seed}")
    name = rng.choice(_kinds(kind))
    page = KINDS[name](rng)
    documents = [(page.printed, [1])]
    if noise == SIDE_BY_SIDE:
        page, other = _spread(page, kind, rng)
        documents.append((other, [1]))
    stages = _stages(noise, rng, list(page.boxes))
    image = page.image
    for stage in stages:
        image = damage.apply(image, stage, rng, page.boxes)
    words = "; ".join(stage.words() for stage in stages)
    quality = f"{noise}: {words}" if isinstance(noise, str) else words
    return image, truth(documents, quality=quality, note=f"{name}, seed {seed}")


def _kinds(beginning: str) -> list[str]:
    kinds = [name for name in KINDS if name == beginning] or [name for name in KINDS if name.startswith(beginning)]
    if not kinds:
        raise ValueError(f"no kind of sample begins with {beginning!r}; there are {', '.join(KINDS)}")
    return kinds


def _stages(noise: float | str | Damage, rng: random.Random, fields: list[str]) -> tuple[Damage, ...]:
    if isinstance(noise, Damage):
        return (noise,)
    if not isinstance(noise, str):
        return (damage.draw_damage(noise, rng, fields),)
    if noise not in HARD:
        raise ValueError(f"no hard case is called {noise!r}; there are {', '.join(HARD)}")
    return HARD[noise](rng, fields)


def _spread(page: Page, kind: str, rng: random.Random) -> tuple[Page, Printed]:
    """The page with another of the same beginning on its right, and what that one prints."""
    other = KINDS[rng.choice(_kinds(kind))](rng)
    both = optics.side_by_side(page.image, other.image)
    return Page(image=both, printed=page.printed, boxes=page.boxes), other.printed
