"""What a recognition model's answer says: against answers built character by character."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.decoding import LineDecoder, Steps

CHARACTERS = ["(", "（", "，", ",", "3", "公", "司", " ", "\u3000"]
BLANK: dict[str, float] = {}


def steps_of(*said: dict[str, float]) -> Steps:
    """One step for each: chances by character, the rest of it blank."""
    rows = [[1.0 - sum(chances.values()), *(chances.get(c, 0.0) for c in CHARACTERS)] for chances in said]
    return np.array(rows, dtype=np.float32).reshape(len(rows), 1 + len(CHARACTERS))


def decode(*said: dict[str, float]) -> tuple[str, float]:
    return LineDecoder(CHARACTERS).decode(steps_of(*said))


def test_a_character_runs_until_a_blank_or_another() -> None:
    text, confidence = decode({"公": 0.9}, {"公": 0.8}, {"司": 0.7}, BLANK, {"司": 0.6})

    assert text == "公司司"
    assert confidence == pytest.approx((0.9 + 0.7 + 0.6) / 3)


def test_a_character_that_a_blank_outweighs_is_a_doubt() -> None:
    assert decode({"公": 1.0}, {"，": 0.3}, {"司": 1.0}) == ("公司", pytest.approx(1 - 0.3 / 2))
    assert decode({"公": 1.0}, BLANK, {",": 0.1, "，": 0.3})[1] == pytest.approx(0.6)


def test_a_character_may_fade_into_the_blank_beside_it() -> None:
    assert decode({"公": 1.0}, {"公": 0.3}, {"司": 0.4}, {"司": 1.0}) == ("公司", pytest.approx(1.0))


def test_a_character_is_as_sure_as_its_best_step() -> None:
    assert decode({"3": 0.52}, {"3": 0.99}, BLANK)[1] == pytest.approx(0.99)


def test_the_widths_of_a_mark_count_together_and_the_likelier_is_written() -> None:
    assert decode({"(": 0.55, "（": 0.44}) == ("(", pytest.approx(0.99))
    assert decode({"(": 0.44, "（": 0.55}) == ("（", pytest.approx(0.99))


def test_a_mark_that_changes_its_width_between_steps_is_one_mark() -> None:
    assert decode({"(": 0.6, "（": 0.3}, {"(": 0.3, "（": 0.6})[0] in ("(", "（")


def test_two_widths_outvote_another_character() -> None:
    assert decode({"，": 0.3, ",": 0.3, "3": 0.4})[0] == "，"


def test_spaces_are_written_and_have_no_voice() -> None:
    text, confidence = decode({"公": 0.98}, {" ": 0.52}, {"司": 0.98})

    assert (text, confidence) == ("公 司", pytest.approx(0.98))


@pytest.mark.parametrize("said", [(), (BLANK, BLANK), ({" ": 0.9},)])
def test_nothing_legible_is_trusted_not_at_all(said: Sequence[dict[str, float]]) -> None:
    assert decode(*said)[1] == 0.0


@given(st.lists(st.lists(st.floats(0, 1), min_size=10, max_size=10).filter(sum), max_size=20))
def test_a_confidence_is_a_chance(weights: list[list[float]]) -> None:
    steps = np.array([[w / sum(row) for w in row] for row in weights], dtype=np.float32).reshape(-1, 10)

    text, confidence = LineDecoder(CHARACTERS).decode(steps)

    assert 0.0 <= confidence <= 1.0
    assert len(text) <= len(weights)


def test_characters_of_one_width_need_no_pair() -> None:
    assert LineDecoder(["a", "b"]).decode(np.array([[0.1, 0.8, 0.1]], dtype=np.float32))[0] == "a"
