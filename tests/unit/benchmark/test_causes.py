from __future__ import annotations

import pytest

from tests.benchmark.causes import Cause, cause_of, listed, table
from tests.benchmark.scoring import Outcome, Score


def score(wanted: str | None, value: str | None, outcome: Outcome, state: str = "doubtful", **more: object) -> Score:
    given = {"kind": "k", "field": "name", "outcome": outcome, "state": state, "wanted": wanted, "value": value}
    return Score(**given | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "value", "outcome", "cause"),
    [
        ("云杉纸业有限公司", "云杉纸业有限公司", Outcome.EXACT, None),
        (None, None, Outcome.ABSENT, None),
        ("云杉纸业有限公司", None, Outcome.MISSED, Cause.NOT_FOUND),
        (None, "云杉", Outcome.INVENTED, Cause.INVENTED),
        ("云杉纸业有限公司", "杉纸业有限公司", Outcome.NEAR, Cause.CUT),
        ("云杉纸业有限公司", "云杉纸业有限公司类型", Outcome.WRONG, Cause.RUN_ON),
        ("云杉纸业有限公司", "云彬纸业有限公司", Outcome.NEAR, Cause.MISREAD),
        ("云杉纸业有限公司", "成立日期", Outcome.WRONG, Cause.ANOTHER),
    ],
)
def test_each_miss_has_a_cause(wanted: str | None, value: str | None, outcome: Outcome, cause: Cause | None) -> None:
    assert cause_of(score(wanted, value, outcome)) is cause


def test_a_document_that_was_not_found_is_the_cause_of_all_its_misses() -> None:
    assert cause_of(score("x", None, Outcome.MISSED, "absent", answered=False)) is Cause.NO_DOCUMENT


def test_what_nobody_is_asked_to_look_at_stands_out() -> None:
    scores = [
        score("云杉", "云彬", Outcome.NEAR, "sure"), score("云杉", "云彬", Outcome.NEAR),
        score("云杉", None, Outcome.MISSED, "absent"),
    ]  # fmt: skip

    assert table("t", scores).rows == [
        (Cause.MISREAD.value, "2", "1", "1", "name 2"), (Cause.NOT_FOUND.value, "1", "0", "1", "name 1"),
    ]  # fmt: skip


def test_labels_of_foreign_forms_are_not_told() -> None:
    scores = [
        {"file": file, "kind": kind, "field": "学校", "state": state, "cause": Cause.NOT_FOUND.value}
        for file, kind, state in (
            ("file 3", "registration_form", "absent"), ("form.jpg", "registration_form", "doubtful"),
            ("file 4", "id_card", "doubtful"),
        )
    ]  # fmt: skip

    (row,) = listed("t", scores).rows
    assert row[2] == "file 3 form field (taken for certain); form.jpg 学校; file 4 学校"
