"""What a file truly holds, and which document that was read answers to which of them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmark.scoring import Outcome, Score, score_document

_KINDS = {"id_card_front": "id_card", "id_card_back": "id_card", "id_card_front+id_card_back": "id_card"}
_NUMBERED = re.compile(r"(?:(\d)\.)?(.*)", re.DOTALL)
"""Fields of the first and the second form on one page: `1.姓名`, `2.姓名`, and their titles `标题1`, `标题2`."""
_NUMBERED_TITLE = re.compile(r"(标题)(\d)")
_CONTRACT = re.compile(r"合同|协议")


def load(directory: Path) -> list[dict[str, Any]]:
    """The lines of `truth.jsonl`, each with `documents`: what the file holds, kind, pages and fields."""
    lines = (directory / "truth.jsonl").read_text("utf-8").splitlines()
    return [_with_documents(json.loads(line)) for line in lines if line.strip()]


def _with_documents(truth: dict[str, Any]) -> dict[str, Any]:
    if truth.get("documents"):
        return truth
    kind = _KINDS.get(truth["doc_type"], truth["doc_type"])
    if kind == "other":
        return truth | {"documents": [_other(truth["fields"])]}
    forms: dict[str, dict[str, str | None]] = defaultdict(dict)
    for name, value in truth["fields"].items():
        number, label = _numbered(name)
        forms[number][label] = value
    return truth | {"documents": [{"kind": kind, "pages": [1], "fields": fields} for fields in forms.values()]}


def _other(fields: dict[str, str | None]) -> dict[str, Any]:
    """A paper without fields that a reader is to find. One whose title names a contract may be read as a contract."""
    kinds = ["other", "contract"] if _CONTRACT.search(fields.get("title") or "") else ["other"]
    return {"kind": "other", "kinds": kinds, "pages": [1], "fields": {}}


def _numbered(name: str) -> tuple[str, str]:
    if title := _NUMBERED_TITLE.fullmatch(name):
        return title[2], title[1]
    number, label = _NUMBERED.fullmatch(name).groups()  # type: ignore[union-attr]
    return number or "", label


def score_file(truth: dict[str, Any], reading: dict[str, Any]) -> list[Score]:
    """The scores of every true document against the read one that answers to it, or against nothing."""
    skip = frozenset(truth.get("partial", []))
    left = list(reading["documents"])
    scores: list[Score] = []
    for wanted in truth["documents"]:
        match = max((read for read in left if _kind_answers(read, wanted)), key=_likeness(wanted, skip), default=None)
        if match is not None:
            left.remove(match)
        scores += score_document(wanted, match, skip)
    return scores


def _likeness(wanted: dict[str, Any], skip: frozenset[str]) -> Callable[[dict[str, Any]], tuple[int, int, int]]:
    """Pages in common first; of documents on one page the one with more values right, then near."""

    def likeness(read: dict[str, Any]) -> tuple[int, int, int]:
        outcomes = [score.outcome for score in score_document(wanted, read, skip)]
        shared = len(set(read["pages"]) & set(wanted["pages"]))
        return shared, outcomes.count(Outcome.EXACT), outcomes.count(Outcome.NEAR)

    return likeness


def _kind_answers(read: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return read["kind"] in wanted.get("kinds", [wanted["kind"]])


def kinds_right(truth: dict[str, Any], reading: dict[str, Any]) -> bool:
    """As many documents as there are, each of a kind that answers."""
    left = list(reading["documents"])
    for wanted in truth["documents"]:
        match = next((read for read in left if _kind_answers(read, wanted)), None)
        if match is None:
            return False
        left.remove(match)
    return not left
