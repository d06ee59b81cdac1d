"""Which files the sample set holds. Each is made from a seed of its own, so adding one changes no other."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samples.generate import files, forms, id_cards, licences
from samples.generate.customers import Company, LicenceForm, Person, invent_company, invent_person
from samples.generate.licences import Layout
from samples.generate.page import Page, truth


@dataclass(frozen=True, kw_only=True)
class Sample:
    file: str
    purpose: str
    pages: Callable[[random.Random], Sequence[Page]]
    seed: int
    quality: str = "clean scan, upright"
    note: str = ""
    dpi: int = 150
    jpeg: int = 80
    bilevel: bool = False


def _company(seed: int, form: LicenceForm = LicenceForm.COMPANY) -> Company:
    return invent_company(random.Random(seed), form)


def _person(seed: int) -> Person:
    return invent_person(random.Random(seed))


TEA = _company(101)

SAMPLES: tuple[Sample, ...] = (
    Sample(
        file="licence-landscape.jpg",
        purpose="business licence in the landscape layout of 2019",
        pages=lambda rng: [licences.draw(TEA, Layout.LANDSCAPE, rng)],
        seed=1,
    ),
    Sample(
        file="id-sheet-colour.jpg",
        purpose="both sides of an ID card on one A4 sheet, colour copy",
        pages=lambda rng: [id_cards.draw_sheet(TEA.head, rng)],
        seed=2,
    ),
    Sample(
        file="form-company.jpg",
        purpose="customer registration form of a company, printed",
        pages=lambda rng: [forms.draw(forms.company_form(TEA, rng), rng, by_hand=False)],
        seed=3,
    ),
)


def write(folder: Path) -> Iterator[Sample]:
    """Write every file and `truth.jsonl`; yields each sample as it is done."""
    lines = []
    for sample in SAMPLES:
        lines.append(json.dumps(_write(sample, folder), ensure_ascii=False))
        yield sample
    (folder / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write(sample: Sample, folder: Path) -> dict[str, Any]:
    pages = sample.pages(random.Random(sample.seed))
    images = [page.image for page in pages]
    files.write(folder / sample.file, images, dpi=sample.dpi, quality=sample.jpeg, bilevel=sample.bilevel)
    documents = [(page.printed, [page_no]) for page_no, page in enumerate(pages, start=1)]
    return {"file": sample.file} | truth(documents, quality=sample.quality, note=sample.note)
