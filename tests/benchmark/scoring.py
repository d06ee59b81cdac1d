"""How a read value is held against the true one, after the foldings under which both mean the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONG_FIELDS = frozenset({"business_scope", "address", "经营范围", "地址"})
"""Scored by character error as well: one wrong character in three hundred is not a wrong scope."""
NEAR_SHARE = 0.1

_DATE = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_ENDLESS = re.compile(r"不约定期限|无固定期限|永久|长期有效")
_BETWEEN = re.compile(r"[至~—–-]+")
_PUNCTUATION = str.maketrans({"【": "(", "】": ")", "〔": "(", "〕": ")", "。": ".", "、": ",", "·": "."})


class Outcome(StrEnum):
    EXACT = "exact"
    NEAR = "near"
    WRONG = "wrong"
    MISSED = "missed"
    INVENTED = "invented"
    """A value was read where the page carries none."""
    ABSENT = "absent"
    """Rightly nothing."""


@dataclass(frozen=True, kw_only=True)
class Score:
    kind: str
    field: str
    outcome: Outcome
    sure: bool
    errors: int = 0
    characters: int = 0

    @property
    def wrong_but_sure(self) -> bool:
        return self.sure and self.outcome in (Outcome.NEAR, Outcome.WRONG, Outcome.INVENTED)


def normal(value: str) -> str:
    """Width, spaces, forms of date and of endless terms folded away.

    >>> normal("２０１５年8月19日 至 不约定期限")
    '2015-08-19~长期'
    """
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", value)).translate(_PUNCTUATION)
    dated = _DATE.sub(lambda date: f"{date[1]}{int(date[2]):02}{int(date[3]):02}D", _ENDLESS.sub("长期", folded))
    joined = _BETWEEN.sub("~", dated) if "D" in dated else dated
    return re.sub(r"(\d{4})(\d{2})(\d{2})D", r"\1-\2-\3", joined).casefold()


def distance(a: str, b: str) -> int:
    """Characters to change, add or drop (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, wanted in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, found in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (wanted != found))
    return row[-1]


def score_document(truth: Mapping[str, Any], read: Mapping[str, Any] | None, skip: frozenset[str]) -> Iterator[Score]:
    """One score for each field of the truth that can be scored; `read` is a document of the reading format."""
    found = read["fields"] if read else {}
    for name, wanted in truth["fields"].items():
        if name in skip or "?" in str(wanted or ""):
            continue
        yield _score(truth["kind"], name, wanted, found.get(name, {}))


def _score(kind: str, name: str, wanted: str | None, field: Mapping[str, Any]) -> Score:
    value, sure = field.get("value"), field.get("state") == "sure"
    if wanted is None:
        outcome = Outcome.ABSENT if value is None else Outcome.INVENTED
        return Score(kind=kind, field=name, outcome=outcome, sure=sure)
    true = normal(wanted)
    errors = distance(true, normal(value or ""))
    outcome = _outcome(errors, len(true)) if value is not None else Outcome.MISSED
    long = name in LONG_FIELDS
    return Score(
        kind=kind,
        field=name,
        outcome=outcome,
        sure=sure,
        errors=min(errors, len(true)) if long else 0,
        characters=len(true) if long else 0,
    )


def _outcome(errors: int, length: int) -> Outcome:
    if errors == 0:
        return Outcome.EXACT
    return Outcome.NEAR if errors <= max(1, NEAR_SHARE * length) else Outcome.WRONG
