"""What a second look at doubtful lines changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ocr.engine import Channel
from ocr.extraction import extract
from records.readings import Box, Line, Mark
from records.terms import FieldState, MarkKind
from tests.unit.ocr.printed import (
    CODE,
    HEAD,
    TODAY,
    BetterLook,
    failed,
    landscape_licence,
    page,
    rectangle,
)


def test_a_second_look_that_stands_the_checks_is_kept() -> None:
    wrong = CODE.replace("Y43", "Y48")
    lines = landscape_licence(code=wrong)
    look = BetterLook({wrong: CODE}, lines)
    (document,) = extract([page(*lines)], look, today=TODAY)

    assert document.fields["unified_social_credit_code"].value == CODE
    assert document.fields["unified_social_credit_code"].state is FieldState.SURE


def test_a_second_look_that_stands_them_worse_is_not() -> None:
    lines = [replace(o, confidence=0.7) if o.text == CODE else o for o in landscape_licence()]
    look = BetterLook({CODE: CODE.replace("Y43", "Y48")}, lines)
    (document,) = extract([page(*lines)], look, today=TODAY)

    assert document.fields["unified_social_credit_code"].value == CODE


def test_two_readings_that_agree_make_a_value_sure() -> None:
    lines = [replace(o, confidence=0.95) if o.text == HEAD else o for o in landscape_licence()]
    (alone,) = extract([page(*lines)], today=TODAY)
    (document,) = extract([page(*lines)], BetterLook({}, lines), today=TODAY)

    assert alone.fields["legal_representative"].state is FieldState.DOUBTFUL
    assert document.fields["legal_representative"].state is FieldState.SURE


def test_two_readings_that_differ_leave_it_to_a_person() -> None:
    lines = [replace(o, confidence=0.95) if o.text == HEAD else o for o in landscape_licence()]
    (document,) = extract([page(*lines)], BetterLook({HEAD: HEAD.replace("森", "淼")}, lines), today=TODAY)
    field = document.fields["legal_representative"]

    assert field.state is FieldState.DOUBTFUL
    assert failed(field) == ["readings_agree"]


def test_a_line_that_two_models_have_read_is_not_asked_for_again() -> None:
    lines = [replace(o, confidence=0.9, looks=2) if o.text == HEAD else o for o in landscape_licence()]
    look = BetterLook({}, lines)
    (document,) = extract([page(*lines)], look, today=TODAY)

    assert look.asked == []
    assert document.fields["legal_representative"].state is FieldState.DOUBTFUL


def test_only_doubtful_lines_are_looked_at_again() -> None:
    lines = [replace(o, confidence=0.8) if o.text == "成立日期" else o for o in landscape_licence()]
    lines = [replace(o, confidence=0.8) if o.text == "8号楼301室" else o for o in lines]
    look = BetterLook({}, lines)
    extract([page(*lines)], look, today=TODAY)

    assert look.asked == ["8号楼301室"]


@pytest.mark.parametrize(("colour", "read_as"), [("red", "林木森"), ("blue", "林木森用章业")])
def test_a_line_under_a_red_seal_is_looked_at_in_red_light(colour: str, read_as: str) -> None:
    covered = f"{HEAD}用章业"
    lines = [replace(o, text=covered, confidence=0.9) if o.text == HEAD else o for o in landscape_licence()]
    seal = Mark(kind=MarkKind.SEAL, box=rectangle(200, 290, 400, 490), value="round", colour=colour)

    class InRedLight(BetterLook):
        def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> list[Line]:
            self._texts = {covered: HEAD} if channel is Channel.RED else {}
            return super().reread(page_no, boxes)

    sealed = replace(page(*lines), marks=(seal,))
    field = extract([sealed], InRedLight({}, lines), today=TODAY)[0].fields["legal_representative"]

    assert field.value == read_as
    assert field.state is FieldState.DOUBTFUL or colour == "blue"


class OfTheYear(BetterLook):
    """Shows this day under the seal; remembers of which years it was asked."""

    def __init__(self, day: str, chance: float = 0.999) -> None:
        super().__init__({}, landscape_licence())
        self._day, self._chance, self.years = day, chance, list[int]()

    def issue_date(self, page_no: int, boxes: Sequence[Box], year: int) -> Line:
        self.years.append(year)
        return Line(text=self._day, confidence=self._chance, box=boxes[0])


NO_DAY = [o for o in landscape_licence() if o.text not in ("年", "06", "月", "01", "日")]


@pytest.mark.parametrize(
    ("day", "chance", "value", "state"),
    [
        ("2020 06 01", 0.999, "2020年06月01日", FieldState.SURE),
        ("2020 6 1", 0.999, "2020年6月1日", FieldState.SURE),
        ("2020 06 01", 0.9, "2020年06月01日", FieldState.DOUBTFUL),
        ("2020 06 01", 0.4, "2020年06月01日", FieldState.DOUBTFUL),
        ("2020 06 01", 0.2, "2020", FieldState.DOUBTFUL),
        ("", 0.999, "2020", FieldState.DOUBTFUL),
        ("2099 06 01", 0.999, "2020", FieldState.DOUBTFUL),
    ],
)
def test_the_day_under_the_seal_stands_as_its_chance_among_the_days_of_its_year(
    day: str, chance: float, value: str, state: FieldState
) -> None:
    look = OfTheYear(day, chance)
    (document,) = extract([page(*NO_DAY)], look, today=TODAY)

    assert document.fields["issued_on"].value == value
    assert document.fields["issued_on"].state is state
    assert look.years == [2020]


def test_the_printed_text_of_such_a_date_is_its_digits_and_its_place_the_strip() -> None:
    field = extract([page(*NO_DAY)], OfTheYear("2020 06 01"), today=TODAY)[0].fields["issued_on"]

    year = next(o for o in NO_DAY if o.text == "2020")
    assert field.text == "2020 06 01"
    assert field.box is not None
    (left, top), _, (right, bottom), _ = field.box
    assert left < year.box[0][0] < year.box[1][0] < right
    assert top < year.box[0][1] < year.box[2][1] < bottom


def test_a_date_that_is_sure_is_not_read_again() -> None:
    look = OfTheYear("2020 06 07")
    field = extract([page(*landscape_licence())], look, today=TODAY)[0].fields["issued_on"]

    assert (field.value, field.state, look.years) == ("2020年06月01日", FieldState.SURE, [])


def test_the_surer_of_two_readings_of_the_same_day_stands() -> None:
    lines = [replace(o, confidence=0.9, looks=2) if o.text == "06" else o for o in landscape_licence()]
    field = extract([page(*lines)], OfTheYear("2020 06 01"), today=TODAY)[0].fields["issued_on"]
    other = extract([page(*lines)], OfTheYear("2020 06 01", 0.65), today=TODAY)[0].fields["issued_on"]

    assert (field.value, field.state, field.text) == ("2020年06月01日", FieldState.SURE, "2020 06 01")
    assert (other.value, other.state) == ("2020年06月01日", FieldState.DOUBTFUL)
    assert other.text != "2020 06 01"


class Cuts:
    """Reads every box as it is told: first the line itself, then the other cuts of it."""

    def __init__(self, *texts: str, confidence: float = 0.99) -> None:
        self._texts, self._confidence = list(texts), confidence

    def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> list[Line]:
        return [Line(text=self._texts.pop(0), confidence=self._confidence, box=box) for box in boxes]


def doubted_head(look: Cuts, confidence: float = 0.95) -> tuple[str | None, FieldState]:
    lines = [replace(o, confidence=confidence) if o.text == HEAD else o for o in landscape_licence()]
    (document,) = extract([page(*lines)], look, today=TODAY)
    field = document.fields["legal_representative"]
    return field.value, field.state


def test_a_value_that_every_other_cut_of_its_line_shows_stands() -> None:
    other = HEAD.replace("森", "淼")

    assert doubted_head(Cuts(other, other, other)) == ("林木淼", FieldState.SURE)


def test_a_value_that_one_cut_shows_otherwise_is_left_to_a_person() -> None:
    other = HEAD.replace("森", "淼")

    assert doubted_head(Cuts(other, other, HEAD)) == ("林木淼", FieldState.DOUBTFUL)


def test_cuts_that_are_unsure_settle_nothing() -> None:
    other = HEAD.replace("森", "淼")

    assert doubted_head(Cuts(other, other, other, confidence=0.94), 0.9) == ("林木淼", FieldState.DOUBTFUL)


@pytest.mark.parametrize(("cut", "state"), [(CODE, FieldState.SURE), (CODE.replace("Y43", "Y4B"), FieldState.DOUBTFUL)])
def test_a_code_that_two_models_read_differently_stands_if_other_cuts_show_it(cut: str, state: FieldState) -> None:
    """One of 341 wrong codes passes both of its check digits."""
    lines = [replace(o, confidence=0.9, looks=2) if o.text == CODE else o for o in landscape_licence()]
    (document,) = extract([page(*lines)], Cuts(cut, cut), today=TODAY)
    field = document.fields["unified_social_credit_code"]

    assert (field.value, field.state) == (CODE, state)
