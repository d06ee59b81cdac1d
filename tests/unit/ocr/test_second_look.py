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


@pytest.mark.parametrize(
    ("in_red_light", "state"),
    [("2020年06月01日", FieldState.SURE), ("2020年06月07日", FieldState.DOUBTFUL), ("", FieldState.DOUBTFUL)],
)
def test_a_date_under_the_seal_stands_if_it_reads_the_same_in_red_light(in_red_light: str, state: FieldState) -> None:
    lines = [o for o in landscape_licence() if o.text not in ("年", "06", "月", "01", "日")]

    class UnderTheSeal(BetterLook):
        def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> list[Line]:
            hidden = in_red_light if channel is Channel.RED else "2020年06月01日"
            seen = [self._by_box.get(box, hidden) for box in boxes]
            confidence = 0.998 if channel is Channel.RED else 0.999
            return [Line(text=text, confidence=confidence, box=box) for text, box in zip(seen, boxes, strict=True)]

    (document,) = extract([page(*lines)], UnderTheSeal({}, lines), today=TODAY)

    assert document.fields["issued_on"].value == "2020年06月01日"
    assert document.fields["issued_on"].state is state


def test_digits_set_below_the_printed_year_month_day_are_read_without_them() -> None:
    lines = [o for o in landscape_licence() if o.text not in ("年", "06", "月", "01", "日")]

    class DigitsAlone(BetterLook):
        def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> list[Line]:
            seen = [self._by_box.get(box, "2020 06 01" if box is boxes[-1] else "2020年") for box in boxes]
            return [Line(text=text, confidence=0.99, box=box) for text, box in zip(seen, boxes, strict=True)]

    field = extract([page(*lines)], DigitsAlone({}, lines), today=TODAY)[0].fields["issued_on"]

    assert field.value == "2020年06月01日"
    assert field.text == "2020 06 01"
    assert field.state is FieldState.DOUBTFUL


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
