"""Which papers a customer file must hold, and which are missing (R2, R3).

A company or a sole trader (个体工商户) keeps its business licence, an individual both sides of the ID card.

>>> missing_papers(CustomerKind.INDIVIDUAL, {RequiredPaper.ID_CARD_FRONT})
[<RequiredPaper.ID_CARD_BACK: 'id_card_back'>]
>>> missing_papers(CustomerKind.COMPANY, {RequiredPaper.BUSINESS_LICENSE})
[]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from records.terms import CustomerKind, DocumentKind


class RequiredPaper(StrEnum):
    """A paper, or a side of one, that a customer file must hold."""

    BUSINESS_LICENSE = "business_license"
    ID_CARD_FRONT = "id_card_front"
    ID_CARD_BACK = "id_card_back"


REQUIRED: Mapping[CustomerKind, tuple[RequiredPaper, ...]] = {
    CustomerKind.COMPANY: (RequiredPaper.BUSINESS_LICENSE,),
    CustomerKind.SOLE_TRADER: (RequiredPaper.BUSINESS_LICENSE,),
    CustomerKind.INDIVIDUAL: (RequiredPaper.ID_CARD_FRONT, RequiredPaper.ID_CARD_BACK),
}
_SIDES = {
    RequiredPaper.ID_CARD_FRONT: frozenset({"name", "sex", "ethnicity", "birth_date", "address", "id_number"}),
    RequiredPaper.ID_CARD_BACK: frozenset({"issuing_authority", "valid_period"}),
}


def papers_in(kind: DocumentKind, printed: Collection[str]) -> set[RequiredPaper]:
    """What parts of a kind count for, by the fields printed on them: a side of an ID card is there with any of its."""
    if kind == DocumentKind.BUSINESS_LICENSE:
        return {RequiredPaper.BUSINESS_LICENSE}
    if kind != DocumentKind.ID_CARD:
        return set()
    return {side for side, names in _SIDES.items() if not names.isdisjoint(printed)}


def missing_papers(kind: CustomerKind, held: Collection[RequiredPaper]) -> list[RequiredPaper]:
    """In the order in which they are asked for."""
    return [paper for paper in REQUIRED[kind] if paper not in held]
