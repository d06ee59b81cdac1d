from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmark.reading import summary
from tests.benchmark.scoring import Outcome, Score, distance, normal
from tests.benchmark.truth import kinds_right, load, score_file


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("２０１５年8月19日 至 不约定期限", "2015年08月19日至长期"),
        ("2014.06.11-2034.06.11", "2014年6月11日 至 2034年6月11日"),
        ("有限责任公司（自然人独资）", "有限责任公司(自然人独资)"),
        ("ab 12", "AB12"),
    ],
)
def test_what_means_the_same_is_the_same(a: str, b: str) -> None:
    assert normal(a) == normal(b)


@pytest.mark.parametrize(("a", "b"), [("2015年8月19日", "2015年8月18日"), ("3132-43室", "313243室")])
def test_what_differs_stays_different(a: str, b: str) -> None:
    assert normal(a) != normal(b)


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_distance_is_a_distance(a: str, b: str, c: str) -> None:
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, b) == distance(b, a)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


def field(value: str | None, state: str) -> dict[str, Any]:
    return {"value": value, "state": state}


def test_each_outcome_is_counted_and_false_certainty_stands_out() -> None:
    wanted = {
        "name": "云杉纸业有限公司",
        "type": "独资",
        "issued_on": None,
        "address": "福州市鼓楼区",
        "capital": "一万",
    }
    read = {
        "name": field("云杉纸业有限公同", "sure"),
        "type": field("独资", "doubtful"),
        "issued_on": field("2019年1月1日", "doubtful"),
        "address": field("福州市鼓楼", "doubtful"),
    }
    truth = {"documents": [{"kind": "k", "pages": [1], "fields": wanted}]}
    scores = score_file(truth, {"documents": [{"kind": "k", "pages": [1], "fields": read}]})

    assert [score.outcome for score in scores] == [
        Outcome.NEAR, Outcome.EXACT, Outcome.INVENTED, Outcome.NEAR, Outcome.MISSED,
    ]  # fmt: skip
    figures = summary(scores)
    assert (figures["fields"], figures["wrong_but_sure"], figures["exact_but_doubtful"]) == (4, 1, 1)
    assert figures["character_error"] == pytest.approx(1 / 6, abs=1e-4)


def test_documents_are_matched_by_kind_and_pages() -> None:
    truth = {"documents": [{"kind": "k", "pages": [page], "fields": {"n": str(page)}} for page in (1, 2)]}
    read = {"documents": [{"kind": "k", "pages": [page], "fields": {"n": field(str(page), "sure")}} for page in (2, 1)]}

    assert [score.outcome for score in score_file(truth, read)] == [Outcome.EXACT, Outcome.EXACT]


def test_what_cannot_be_read_by_anyone_is_not_scored() -> None:
    truth = {"partial": ["a"], "documents": [{"kind": "k", "pages": [1], "fields": {"a": "x", "b": "y?", "c": "z"}}]}

    assert [score.field for score in score_file(truth, {"documents": []})] == ["c"]


def test_two_forms_on_a_page_are_two_documents_and_other_papers_have_no_fields(tmp_path: Path) -> None:
    lines = [
        {"file": "a", "doc_type": "registration_form",
         "fields": {"标题1": "子", "1.姓名": "甲", "标题2": "丑", "2.姓名": "乙"}},
        {"file": "b", "doc_type": "other", "fields": {"title": "社会保障卡"}},
    ]  # fmt: skip
    (tmp_path / "truth.jsonl").write_text("\n".join(json.dumps(line) for line in lines), "utf-8")

    forms, other = load(tmp_path)

    assert [document["fields"] for document in forms["documents"]] == [
        {"标题": "子", "姓名": "甲"}, {"标题": "丑", "姓名": "乙"},
    ]  # fmt: skip
    assert [(document["kind"], document["fields"]) for document in other["documents"]] == [("other", {})]


def test_of_two_documents_on_one_page_each_is_held_against_its_own() -> None:
    truth = {"documents": [{"kind": "k", "pages": [1], "fields": {"n": n, "m": m}} for n, m in ("甲一", "乙二")]}
    reads = [
        {"kind": "k", "pages": [1], "fields": {"n": field(n, "sure"), "m": field(m, "sure")}}
        for n, m in ("乙二", "甲三")
    ]

    assert [score.outcome for score in score_file(truth, {"documents": reads})] == [
        Outcome.EXACT, Outcome.NEAR, Outcome.EXACT, Outcome.EXACT,
    ]  # fmt: skip


@pytest.mark.parametrize(("title", "kind", "right"), [
    ("委托合同", "contract", True), ("委托合同", "other", True), ("委托合同", "id_card", False),
    ("社会保障卡", "contract", False), ("社会保障卡", "other", True),
])  # fmt: skip
def test_a_paper_titled_as_a_contract_may_be_read_as_one(tmp_path: Path, title: str, kind: str, right: bool) -> None:
    line = {"file": "a", "doc_type": "other", "fields": {"title": title}}
    (tmp_path / "truth.jsonl").write_text(json.dumps(line), "utf-8")
    (truth,) = load(tmp_path)

    assert kinds_right(truth, {"documents": [{"kind": kind, "pages": [1], "fields": {}}]}) == right


def test_a_document_too_many_is_a_wrong_kind() -> None:
    one = {"kind": "other", "pages": [1], "fields": {}}

    assert not kinds_right({"documents": [one]}, {"documents": [one, one]})


@pytest.mark.parametrize(("state", "silent"), [("doubtful", False), ("absent", True)])
def test_a_printed_value_called_absent_is_missed_silently(state: str, silent: bool) -> None:
    truth = {"documents": [{"kind": "k", "pages": [1], "fields": {"n": "x"}}]}
    (score,) = score_file(truth, {"documents": [{"kind": "k", "pages": [1], "fields": {"n": field(None, state)}}]})

    assert score.silently_missed == silent
    assert Score.from_json(json.loads(json.dumps(score.as_json()))) == score
