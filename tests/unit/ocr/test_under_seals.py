"""Lines that a red seal covers or cuts in pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.engine import Channel
from ocr.extraction import extract
from ocr.under_seals import through_seals
from records.readings import Box, FieldReading, Line, Mark
from records.terms import FieldState, MarkKind
from tests.unit.ocr.printed import TODAY, failed, landscape_licence, line, page, rectangle

SEAL = rectangle(240, 300, 420, 480)


def test_a_line_that_ends_in_a_seal_is_read_through_all_of_it() -> None:
    cut, rest = line("计算机零售（二", 150, 400), line("外）。", 400, 400)
    box, pieces = through_seals(cut, [cut, rest, line("下一行", 150, 440)], [SEAL])

    assert box == rectangle(150, 390, 460, 410)
    assert pieces == [rest]


def test_a_line_that_goes_on_behind_the_seal_is_left_as_it_is() -> None:
    whole = line("计算机零售，办公用品零售，日用百货零售。", 150, 400)

    assert through_seals(whole, [whole], [SEAL]) == (whole.box, [])


def test_print_far_behind_the_seal_is_not_taken_in() -> None:
    cut, other = line("林木森公司", 150, 400), line("成立日期", 560, 400)

    assert through_seals(cut, [cut, other], [SEAL])[1] == []


class RedLight:
    """What a page says in colour and in red light, by the left edge and the width of the box asked for."""

    def __init__(self, lines: Sequence[Line], red: Mapping[float, str]) -> None:
        self._colour = {o.box: o.text for o in lines}
        self._red = red

    def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> list[Line]:
        return [self._line(box, channel) for box in boxes]

    def _line(self, box: Box, channel: Channel) -> Line:
        seen = self._colour.get(box, "")
        text = self._red.get(round(box[1][0]), seen) if channel is Channel.RED else seen
        return Line(text=text, confidence=0.99 if text else 0.0, box=box)


def sealed(lines: Sequence[Line], seal: Box, red: Mapping[float, str]) -> Mapping[str, FieldReading]:
    marked = replace(page(*lines), marks=(Mark(kind=MarkKind.SEAL, box=seal, value="round", colour="red"),))
    (document,) = extract([marked], RedLight(lines, red), today=TODAY)
    return document.fields


def test_a_scope_that_a_seal_cut_is_put_together_and_left_to_a_person() -> None:
    lines = [o for o in landscape_licence() if not o.text.startswith("计算机")]
    lines += [line("计算机零售（二", 150, 392, 16), line("外）。", 330, 392, 16)]
    right = lines[-1].box[1][0]
    field = sealed(lines, rectangle(240, 380, 335, 480), {round(right): "计算机零售（二手除外）。"})["business_scope"]

    assert field.value == "软件开发；信息系统集成服务；计算机零售（二手除外）。"
    assert field.state is FieldState.DOUBTFUL
    assert failed(field) == ["readings_agree"]


def test_letters_of_a_seal_beside_a_value_are_no_part_of_it() -> None:
    lines = [*(o for o in landscape_licence() if "林木森" not in o.text)]
    lines += [line("法定代表人 林木森", 60, 330), line("务理", 245, 330)]
    gone = round(lines[-1].box[1][0])
    field = sealed(lines, rectangle(238, 300, 420, 480), {gone: ""})["legal_representative"]

    assert field.value == "林木森"


def test_letters_of_a_seal_that_stay_in_red_light_leave_the_value_in_doubt() -> None:
    lines = [*(o for o in landscape_licence() if "林木森" not in o.text)]
    lines += [line("法定代表人 林木森", 60, 330), line("业", 275, 330)]
    field = sealed(lines, rectangle(250, 300, 420, 480), {})["legal_representative"]

    assert (field.value, field.state, failed(field)) == ("林木森业", FieldState.DOUBTFUL, ["free_of_seal"])
