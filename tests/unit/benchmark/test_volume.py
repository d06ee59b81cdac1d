from __future__ import annotations

import json
from pathlib import Path

from tests.benchmark import volume
from tests.benchmark.scoring import Outcome, Score


def line(number: int, *scores: Score) -> dict[str, object]:
    fields = [score.as_json() for score in scores]
    return {"n": number, "kind": "id_front", "noise": 0.3, "kinds_right": True, "cpu_s": 1.0, "fields": fields}


def score(outcome: Outcome, state: str = "sure", field: str = "id_number") -> Score:
    return Score(kind="id_card", field=field, outcome=outcome, state=state, confidence=0.9, wanted="1", value="1")


def cell(lines: list[dict[str, object]], name: str) -> str:
    return next(row[1] for row in volume.tables(lines)[0].rows if row[0] == name)


def test_a_page_is_named_by_its_number_alone() -> None:
    assert [volume.page(n) for n in range(50)] == [volume.page(n) for n in range(50)]
    assert {volume.page(n).kind for n in range(50)} == set(volume.KINDS)
    assert {volume.page(n).noise for n in range(50)} == set(volume.NOISES)


def test_a_run_goes_on_after_a_line_that_was_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "volume.jsonl"
    file.write_text(json.dumps(line(0)) + "\n" + json.dumps(line(1)) + "\n" + '{"n": 2, "fie', "utf-8")

    assert [each["n"] for each in volume.lines_of(file)] == [0, 1]
    volume.mend(file)
    assert file.read_text("utf-8").splitlines() == [json.dumps(line(0)), json.dumps(line(1))]


def test_what_is_read_already_is_not_read_again(tmp_path: Path) -> None:
    file = tmp_path / "volume.jsonl"
    file.write_text("".join(json.dumps(line(n)) + "\n" for n in range(3)), "utf-8")
    before = file.read_bytes()

    volume.run(file, range(3), 1)

    assert file.read_bytes() == before


def test_no_fault_says_how_many_there_may_be_and_a_fault_stands_out() -> None:
    faultless = [line(n, *[score(Outcome.EXACT)] * 10) for n in range(30)]
    faults = "codes and ID numbers sure and wrong, of those sure"

    assert cell(faultless, faults) == "0 of 300 (fewer than 1.000% with 95 % confidence)"
    assert cell([*faultless, line(30, score(Outcome.NEAR))], faults).startswith("1 of 301")
    assert cell([*faultless, line(30, score(Outcome.NEAR, "doubtful"))], faults).startswith("0 of 300")


def test_right_fields_that_wait_for_nothing_are_counted() -> None:
    lines = [line(0, score(Outcome.EXACT, field="name"), score(Outcome.EXACT, "doubtful", "name"))]

    assert cell(lines, "right fields that are sure") == "1 of 2 (50.00%)"
    assert cell(lines, "fields exactly right") == "2 of 2 (100.00%)"


def test_reports_of_a_run_that_read_nothing_are_empty_but_whole() -> None:
    assert cell([], "pages") == "0"
