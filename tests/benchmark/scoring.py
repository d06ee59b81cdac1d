"""How a read value is held against the true one, after the foldings under which both mean the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
    """`state` and `confidence` are the reader's; `failed` names the checks that doubt the value."""

    kind: str
    field: str
    outcome: Outcome
    state: str
    confidence: float = 0.0
    wanted: str | None = None
    value: str | None = None
    failed: tuple[str, ...] = ()
    answered: bool = True
    """Some read document answers to the true one."""
    errors: int = 0
    characters: int = 0

    @property
    def sure(self) -> bool:
        return self.state == "sure"

    @property
    def wrong_but_sure(self) -> bool:
        return self.sure and self.outcome in (Outcome.NEAR, Outcome.WRONG, Outcome.INVENTED)

    @property
    def silently_missed(self) -> bool:
        """Printed, but called absent: nobody is asked to look."""
        return self.outcome is Outcome.MISSED and self.state != "doubtful"

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {"outcome": self.outcome.value, "failed": list(self.failed)}

    @staticmethod
    def from_json(given: Mapping[str, Any]) -> Score:
        return Score(**dict(given) | {"outcome": Outcome(given["outcome"]), "failed": tuple(given["failed"])})


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
        yield replace(_score(truth["kind"], name, wanted, found.get(name, {})), answered=read is not None)


def _score(kind: str, name: str, wanted: str | None, field: Mapping[str, Any]) -> Score:
    value = field.get("value")
    true = normal(wanted or "")
    errors = distance(true, normal(value or ""))
    long = wanted is not None and name in LONG_FIELDS
    return Score(
        kind=kind,
        field=name,
        outcome=_outcome(wanted, value, errors),
        state=field.get("state", "absent"),
        confidence=field.get("confidence", 0.0),
        wanted=wanted,
        value=value,
        failed=tuple(check["name"] for check in field.get("checks", []) if not check["passed"]),
        errors=min(errors, len(true)) if long else 0,
        characters=len(true) if long else 0,
    )


def _outcome(wanted: str | None, value: str | None, errors: int) -> Outcome:
    if wanted is None:
        return Outcome.ABSENT if value is None else Outcome.INVENTED
    if value is None:
        return Outcome.MISSED
    if errors == 0:
        return Outcome.EXACT
    return Outcome.NEAR if errors <= max(1, NEAR_SHARE * len(normal(wanted))) else Outcome.WRONG
