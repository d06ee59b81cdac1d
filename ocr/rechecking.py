"""The rules of a field once more, for what a person types or confirms: the checks that its reading had to stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache

from ocr import contract, crosschecks, forms
from ocr.fields import id_number
from ocr.fields.dates import parse
from ocr.fields.parsed import Parsed, check
from ocr.fields.rules import RULES
from ocr.sightings import CREDIT_CODE, QR_CODE, code_in
from ocr.templates import shipped
from records.readings import Check, Rechecked
from records.terms import DocumentKind


def recheck(kind: DocumentKind, name: str, text: str, others: Mapping[str, str], *, today: dt.date) -> Rechecked:
    """What the rules say of a text that somebody puts into a field.

    Checks of the reading itself (covered by a seal, read twice differently) are not among them: a person has looked.

    Args:
        others: the values of the other fields of the same part, by name.
    """
    parsed = RULES[rule_of(kind, name)](text, today)
    values = {field: value for field, value in others.items() if field != name}
    if parsed.value is not None:
        values[name] = parsed.value
    checks = (*parsed.checks, *crosschecks.of(kind, values).get(name, ()), *_of_kind(kind, name, values))
    return Rechecked(value=parsed.value, checks=checks, suggestions=_suggestions(name, parsed, values))


def rule_of(kind: DocumentKind, name: str) -> str:
    """The rule that reads a field; of a form, by its printed label."""
    known = _rules().get((kind, name))
    return known or (forms.rule_of(name) if kind is DocumentKind.REGISTRATION_FORM else "text")


@cache
def _rules() -> dict[tuple[DocumentKind, str], str]:
    rules = {(DocumentKind.CONTRACT, name): rule for name, rule in contract.RULES.items()}
    for template in shipped().values():
        for field in template.fields:
            is_form = template.kind is DocumentKind.REGISTRATION_FORM
            names = (field.name, *field.labels) if is_form else (field.name,)
            rules |= {(template.kind, each): field.rule for each in names}
    return rules


def _of_kind(kind: DocumentKind, name: str, values: Mapping[str, str]) -> list[Check]:
    value, said = values.get(name), code_in(values.get(QR_CODE, ""))
    compared = kind is DocumentKind.BUSINESS_LICENSE and name == CREDIT_CODE and None not in (value, said)
    return [check(QR_CODE, value == said)] if compared else []


def _suggestions(name: str, parsed: Parsed, values: Mapping[str, str]) -> tuple[str, ...]:
    if name == "id_number" and parsed.value is not None and not parsed.proven:
        return id_number.suggest(parsed.value, parse(values.get("birth_date", "")), values.get("sex"))
    return parsed.suggestions
