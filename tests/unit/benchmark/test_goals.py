from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocr.models import DETECTION, QUICK_RECOGNITION
from tests.benchmark import goals, reading
from tests.benchmark.engines import OURS, RAPIDOCR, Tally
from tests.benchmark.floor import Spent
from tests.benchmark.goals import BEGIN, END, PAGE, Taken, put
from tests.benchmark.scoring import Outcome, Score

SCORES = [
    Score(kind="id_card", field="id_number", outcome=Outcome.EXACT, state="sure", confidence=1, wanted="1", value="1"),
    Score(kind="id_card", field="name", outcome=Outcome.NEAR, state="doubtful", wanted="李桂枝", value="李桂校"),
]  # fmt: skip


def taken() -> Taken:
    masked = [{"file": "file 1"} | reading._masked(score) for score in SCORES]
    one_set: dict[str, Any] = {
        "set": "reading", "files": 1, "pages": 1, "load": 1.5, "pages_a_minute": 30.0, "cpu_s_a_page": 1.5,
        "peak_mib": 500, "kinds_right": 1, "scores": masked,
    }  # fmt: skip
    line = {"n": 0, "kind": "id_front", "noise": 0.0, "kinds_right": True, "cpu_s": 2.0,
            "fields": [score.as_json() for score in SCORES]}  # fmt: skip
    spent = Spent(pages=1, noise=0.0, whole_s=3.0, by_model_s={DETECTION: 1.0, QUICK_RECOGNITION: 1.0})
    tally = Tally(pages=1, cpu_s=1, wall_s=1, found=1, values=2, errors=1, characters=4)
    slower = Tally(pages=1, cpu_s=4, wall_s=1, found=1, values=2, errors=2, characters=4)
    return Taken(
        sets=[one_set],
        lines=[line],
        spent=spent,
        tallies={"reading": {OURS: tally, RAPIDOCR: slower}},
        sources={"the floor": "abc"},
    )


def test_each_goal_has_what_was_measured_on_every_set() -> None:
    rows = {row[0]: row[1:] for row in goals.goals(taken()).rows}

    assert rows["fields exactly right after normalisation"] == ("≥ 95 %", "1 of 2 (50.00%)", "1 of 2 (50.00%)")
    assert rows["kind right"] == ("", "1 of 1", "1 of 1")
    assert rows["pages a minute that two idle cores would make of the CPU-s"] == ("≥ 60", "80", "60")
    assert rows["file to fields over the inference of the cheap models, clean pages"] == ("≤ 1.6×", "", "1.50×")
    assert rows["CPU-s of RapidOCR, times ours"] == ("≥ 5", "4.00", "")
    assert rows["character error of RapidOCR, times ours"] == ("≥ 1", "2.00", "")


def test_no_value_and_no_name_of_a_foreign_file_is_written() -> None:
    written = goals.markdown(taken(), "command")

    assert "file 1 name" in written
    assert "李桂" not in written


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    assert put(f"a\n{BEGIN}\nold\n{END}\nb\n", "new") == f"a\n{BEGIN}\n\nnew\n{END}\nb\n"
    with pytest.raises(ValueError, match="no marks"):
        put("a page without", "new")


def test_the_page_of_reading_has_its_marks() -> None:
    assert put(PAGE.read_text("utf-8"), "x")


def test_what_was_measured_with_the_same_sources_is_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(goals, "ROOT", tmp_path)
    taken_times: list[int] = []

    def measure() -> int:
        taken_times.append(1)
        return len(taken_times)

    monkeypatch.setattr(goals.volume, "version", lambda: "one")
    assert goals._kept("x", measure, as_kept=False) == goals._kept("x", measure, as_kept=False)
    monkeypatch.setattr(goals.volume, "version", lambda: "two")
    assert goals._kept("x", measure, as_kept=True) == {"sources": "one", "measured": 1}
    assert goals._kept("x", measure, as_kept=False) == {"sources": "two", "measured": 2}
