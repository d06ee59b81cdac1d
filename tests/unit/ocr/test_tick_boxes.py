from __future__ import annotations

import datetime as dt
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ocr.engine import Image
from ocr.extraction import extract
from ocr.tick_boxes import find_tick_boxes
from records.readings import FieldReading, Line
from records.terms import FieldState
from tests.unit.ocr.printed import line, page, rectangle

SIDE, TOP = 22, 89
INK = (20, 20, 20)
OPTIONS = {"企业": 300, "个体工商户": 420, "个人": 620}
"""Where the box of each option stands."""


def _drawn(*ticked: str) -> Image:
    image = np.full((400, 900, 3), 250, np.uint8)
    for option, left in OPTIONS.items():
        cv2.rectangle(image, (left, TOP), (left + SIDE, TOP + SIDE), INK, 2)
        if option in ticked:
            stroke = np.array([(left + 4, TOP + 11), (left + 9, TOP + 17), (left + 24, TOP - 5)], np.int32)
            cv2.polylines(image, [stroke], False, INK, 3)
    return image


def _lines(*, dropped: str = "", seen_ticked: str = "") -> list[Line]:
    """As recognised: each option behind its box, but for one whose box was passed over."""
    read = []
    for option, left in OPTIONS.items():
        box = "" if option == dropped else "☑ " if option == seen_ticked else "□ "
        whole = rectangle(left, 87, left + 30 + 26 * len(option), 113)
        read.append(Line(text=box + option, confidence=0.96, box=whole))
    return read


def _field(image: Image, lines: list[Line]) -> FieldReading:
    head = [line("客户信息登记表", 380, 40, 34), line("客户类型", 150, 100, 26)]
    below = [line("客户名称", 150, 160, 26), line("联系人", 150, 220, 26), line("联系电话", 150, 280, 26)]
    form = page(*head, *lines, *below)
    (document,) = extract([replace(form, marks=find_tick_boxes(image, form.lines))], today=dt.date(2026, 1, 1))
    return document.fields["客户类型"]


@pytest.mark.parametrize("option", OPTIONS)
def test_the_box_with_ink_in_it_is_ticked(option: str) -> None:
    marks = find_tick_boxes(_drawn(option), _lines(dropped=option))

    assert {round(mark.box[0][0] / 10) * 10: mark.value for mark in marks} == {
        left: "ticked" if name == option else "empty" for name, left in OPTIONS.items()
    }


@pytest.mark.parametrize("option", OPTIONS)
def test_a_tick_of_a_thin_pen_that_leaves_the_box_is_seen(option: str) -> None:
    image = _drawn()
    left = OPTIONS[option]
    stroke = np.array([(left - 4, TOP + 4), (left + 5, TOP + 18), (left + 9, TOP - 6)], np.int32)
    cv2.polylines(image, [stroke], False, INK, 1)

    assert [mark.value for mark in find_tick_boxes(image, _lines())].count("ticked") == 1


def test_a_speck_in_a_box_is_no_tick() -> None:
    image = _drawn()
    cv2.circle(image, (OPTIONS["企业"] + 11, TOP + 11), 2, INK, -1)

    assert "ticked" not in [mark.value for mark in find_tick_boxes(image, _lines())]


def test_a_box_passed_over_between_options_is_found_where_letters_are_said_to_stand() -> None:
    image = np.full((300, 900, 3), 250, np.uint8)
    for left in (300, 420):
        cv2.rectangle(image, (left, TOP), (left + SIDE, TOP + SIDE), INK, 2)
    stroke = np.array([(424, TOP + 11), (429, TOP + 17), (440, TOP + 3)], np.int32)
    cv2.polylines(image, [stroke], False, INK, 3)
    read = Line(text="离退休证：□有无", confidence=0.98, box=rectangle(150, 87, 480, 113))

    assert [mark.value for mark in find_tick_boxes(image, [read])] == ["empty", "ticked"]


def test_rows_without_a_box_read_are_not_looked_at() -> None:
    assert find_tick_boxes(_drawn("企业"), [line("企业 个人", 300, 100, 26)]) == ()


@pytest.mark.parametrize("option", OPTIONS)
def test_a_ticked_box_that_recognition_dropped_makes_its_option_sure(option: str) -> None:
    field = _field(_drawn(option), _lines(dropped=option))

    assert (field.value, field.state) == (option, FieldState.SURE)


def test_a_tick_read_where_none_is_drawn_is_left_to_a_person() -> None:
    field = _field(_drawn("个人"), _lines(seen_ticked="企业"))

    assert field.value == "企业"
    assert field.state is FieldState.DOUBTFUL


def test_two_ticked_options_are_both_told() -> None:
    field = _field(_drawn("企业", "个人"), _lines(dropped="企业"))

    assert field.state is FieldState.DOUBTFUL
    assert [check.passed for check in field.checks if check.name == "ticked"] == [False]
