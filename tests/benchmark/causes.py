"""Why fields were missed, told from what was printed and what was read: by cause, without the values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from tests.benchmark.report import Table
from tests.benchmark.scoring import LONG_FIELDS, Outcome, Score, distance, normal

FEW = 2
"""Characters: so many misread is what recognition does, more is another text."""


class Cause(StrEnum):
    NO_DOCUMENT = "the document was not found: kind wrong, or pages not parted"
    NOT_FOUND = "the value was not found on the page"
    CUT = "a part is missing at an end of the value"
    RUN_ON = "print from beside was taken into the value"
    MISREAD = "one or two characters misread"
    LONG_MISREAD = "more characters of a long text misread, or lines missing"
    ANOTHER = "another text, or unreadable print"
    INVENTED = "a value where the page carries none"


def cause_of(score: Score) -> Cause | None:
    """None where nothing was missed."""
    if score.outcome in (Outcome.EXACT, Outcome.ABSENT):
        return None
    if not score.answered:
        return Cause.NO_DOCUMENT
    if score.outcome is Outcome.MISSED:
        return Cause.NOT_FOUND
    if score.outcome is Outcome.INVENTED:
        return Cause.INVENTED
    return _of_values(normal(score.wanted or ""), normal(score.value or ""), long=score.field in LONG_FIELDS)


def _of_values(wanted: str, value: str, *, long: bool) -> Cause:
    if wanted.startswith(value) or wanted.endswith(value):
        return Cause.CUT
    if wanted in value:
        return Cause.RUN_ON
    if distance(wanted, value) <= FEW:
        return Cause.MISREAD
    return Cause.LONG_MISREAD if long else Cause.ANOTHER


def table(title: str, scores: Iterable[Score]) -> Table:
    """The most frequent first, with the fields it most often befalls and how many of them were taken for certain."""
    found: dict[Cause, list[Score]] = defaultdict(list)
    for score in scores:
        cause = cause_of(score)
        if cause is not None:
            found[cause].append(score)
    head = ("cause", "fields", "doubted", "taken for certain", "most often")
    rows = [(cause.value, *_figures(each)) for cause, each in sorted(found.items(), key=lambda item: -len(item[1]))]
    made = Table(title, head)
    made.rows.extend(rows)
    return made


def _figures(scores: list[Score]) -> tuple[str, str, str, str]:
    often = Counter(score.field for score in scores).most_common(3)
    return (
        f"{len(scores):,}",
        f"{sum(score.state == 'doubtful' for score in scores):,}",
        f"{sum(score.wrong_but_sure or score.silently_missed for score in scores):,}",
        ", ".join(f"{field} {count}" for field, count in often),
    )


def listed(title: str, scores: Iterable[Mapping[str, Any]]) -> Table:
    """Each miss by its cause, as file and field; `scores` are those of `reading.measure`."""
    found: dict[str, list[str]] = defaultdict(list)
    for score in scores:
        if score["cause"] is not None:
            certain = " (taken for certain)" if score["state"] != "doubtful" else ""
            found[score["cause"]].append(f"{score['file']} {_field_of(score)}{certain}")
    made = Table(title, ("cause", "fields", "which"))
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    made.rows.extend((cause, str(len(which)), "; ".join(which)) for cause, which in ordered)
    return made


def _field_of(score: Mapping[str, Any]) -> str:
    """The labels of a form that is not the project's own are not told either; the reader's own field names are."""
    foreign_form = score["kind"] == "registration_form" and score["file"].startswith("file ")
    return "form field" if foreign_form else str(score["field"])
