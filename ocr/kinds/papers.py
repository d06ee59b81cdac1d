"""Permits, contracts, forms and the rest, known by a title, by many labels, or by nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ocr import bank_permit, contract
from ocr.fields.parsed import fold
from ocr.forms import is_label
from ocr.kinds.part import Part, only
from ocr.kinds.titles import is_form_title, is_other_title
from ocr.labels import finder_of, one_wrong
from ocr.layout import Segment, rows_of
from ocr.stacked import joined
from ocr.templates import Template, forms, own_forms
from records.readings import PageReading
from records.terms import DocumentKind


def papers_on(page: PageReading, segments: Sequence[Segment]) -> list[Part]:
    """The permit or the contract that a page is, or begins."""
    permit = bank_permit.title_of(segments)
    if permit is not None:
        return [Part(kind=DocumentKind.BANK_PERMIT, page=page, confidence=0.95, title=permit.line)]
    contract_title = contract.title_of(segments, page.height_px)
    if contract_title is not None:
        return [Part(kind=DocumentKind.CONTRACT, page=page, confidence=0.9, title=contract_title.line)]
    return []


def forms_on(page: PageReading, segments: Sequence[Segment]) -> list[Part]:
    """The forms of a page; two printed one above the other (with its counterfoil) are two."""
    titles = [s for s in segments if is_form_title(s, segments, page)]
    if not titles and not _is_untitled_form(segments) and _template_of(segments, own_forms()) is None:
        return []
    cuts = [0.0, *(t.middle - t.height for t in titles[1:]), float("inf")]
    parts = []
    for i, (top, bottom) in enumerate(pairwise(cuts)):
        own = [s for s in segments if top <= s.middle < bottom]
        template = _template_of(own, forms())
        parts.append(
            Part(
                kind=DocumentKind.REGISTRATION_FORM,
                page=page if len(cuts) == 2 else only(page, [s.line for s in own]),
                confidence=0.97 if template else 0.85 if titles else 0.6,
                template=template,
                title=titles[i].line if titles else None,
            )
        )
    return parts


def _is_untitled_form(segments: Sequence[Segment]) -> bool:
    if any(is_other_title(s.text) and len(s.text) <= 14 and not is_label(s.text) for s in segments):
        return False
    labels = sum(is_label(s.text) for s in segments)
    return labels >= 7 and labels > 0.2 * len(segments)


def _template_of(segments: Sequence[Segment], templates: Sequence[Template]) -> str | None:
    """The template whose title stands at the head and at least three of whose labels are printed."""
    head = "".join(s.text for s in segments[:8])
    for template in templates:
        if any(re.search(one_wrong(fold(title)), head) for title in template.titles):
            rows = rows_of(joined(segments, template.labels()))
            found = {a.field for a in finder_of(template).find(rows)} - {None}
            if len(found) >= 3:
                return template.name
    return None


def other(page: PageReading) -> Part:
    return Part(kind=DocumentKind.OTHER, page=page, confidence=0.7 if page.lines else 0.3)
