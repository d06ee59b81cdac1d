from __future__ import annotations

import json
import math
import random
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.codes import find_codes
from ocr.marks import find_marks
from ocr.preprocess import Image, turn
from ocr.seals import find_seals
from ocr.signatures import find_signatures
from records.readings import Line
from records.terms import MarkKind

from .printed import line

SAMPLES = Path(__file__).parents[3] / "samples"
TRUTH = {truth["file"]: truth for truth in map(json.loads, (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines())}
RED, BLUE, BLACK = (50, 50, 205), (190, 70, 40), (30, 30, 30)


def paper(height: int = 1400, width: int = 1000) -> Image:
    return np.full((height, width, 3), 248, np.uint8)


def with_code(content: str, side: int = 120, at: tuple[int, int] = (700, 100)) -> Image:
    page, (x, y) = paper(), at
    drawn = np.asarray(zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode).to_image(scale=1))
    square = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_NEAREST)
    page[y : y + side, x : x + side] = square[..., None]
    return page


def stamp(page: Image, centre: tuple[int, int], axes: tuple[int, int], colour: tuple[int, int, int]) -> Image:
    cv2.ellipse(page, centre, axes, 0, 0, 360, colour, 5, cv2.LINE_AA)
    for degrees in range(150, 400, 25):  # letters along the rim
        x = centre[0] + 0.78 * axes[0] * math.cos(math.radians(degrees))
        y = centre[1] + 0.78 * axes[1] * math.sin(math.radians(degrees))
        cv2.rectangle(page, (int(x) - 6, int(y) - 6), (int(x) + 6, int(y) + 6), colour, 2)
    cv2.circle(page, centre, min(axes) // 5, colour, -1, cv2.LINE_AA)
    return page


def scribble(page: Image, x: int, y: int, colour: tuple[int, int, int] = BLUE) -> Image:
    draw = random.Random(7)
    for character in range(3):
        left = x + 28 * character
        for _ in range(6):
            ends = [(left + draw.randrange(26), y - 13 + draw.randrange(26)) for _ in range(2)]
            cv2.line(page, ends[0], ends[1], colour, 3, cv2.LINE_AA)
    return page


def middle(box: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    return sum(x for x, _ in box) / 4, sum(y for _, y in box) / 4


# --- codes ---


@pytest.mark.parametrize(
    "name", [f for f, t in TRUTH.items() if f.startswith("licence-") and t["fields"]["unified_social_credit_code"]]
)
def test_the_code_on_a_licence_names_its_credit_code(name: str) -> None:
    image = cv2.imread(str(SAMPLES / name))
    (code,) = find_codes(np.asarray(image, dtype=np.uint8))

    assert (code.value or "").endswith(TRUTH[name]["fields"]["unified_social_credit_code"])


@settings(max_examples=20, deadline=None)
@given(x=st.integers(10, 780), y=st.integers(10, 1180), side=st.integers(116, 200))
def test_a_code_is_found_where_it_stands(x: int, y: int, side: int) -> None:
    (code,) = find_codes(with_code("https://example.org/9135", side, (x, y)))

    found = middle(code.box)

    assert math.dist(found, (x + side / 2, y + side / 2)) < 4


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_box_of_a_turned_code_begins_at_its_top_left(degrees: int) -> None:
    (code,) = find_codes(turn(with_code("turned"), degrees))
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = code.box

    assert x0 < x1
    assert x3 < x2
    assert y0 < y3
    assert y1 < y2


def test_a_code_on_a_large_page_is_found_in_its_pixels() -> None:
    large = cv2.resize(with_code("large"), None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    (code,) = find_codes(np.asarray(large, dtype=np.uint8))

    assert math.dist(middle(code.box), (2280, 480)) < 12


def test_a_page_without_code_has_none() -> None:
    assert find_codes(paper()) == ()


# --- seals ---


@pytest.mark.parametrize(("colour", "name"), [(RED, "red"), (BLUE, "blue")])
@pytest.mark.parametrize(("axes", "shape"), [((90, 90), "round"), ((100, 65), "oval")])
def test_a_seal_has_shape_colour_and_place(
    axes: tuple[int, int], shape: str, colour: tuple[int, int, int], name: str
) -> None:
    (seal,) = find_seals(stamp(paper(), (600, 900), axes, colour))

    assert (seal.kind, seal.value, seal.colour) == (MarkKind.SEAL, shape, name)
    assert np.abs(np.array(seal.box[0]) - (600 - axes[0], 900 - axes[1])).max() < 10
    assert np.abs(np.array(seal.box[2]) - (600 + axes[0], 900 + axes[1])).max() < 10


def test_a_square_seal() -> None:
    page = paper()
    cv2.rectangle(page, (300, 300), (400, 400), RED, 5)
    for place in ((318, 345), (362, 345), (318, 390), (362, 390)):
        cv2.putText(page, "A", place, cv2.FONT_HERSHEY_SIMPLEX, 1, RED, 2)
    (seal,) = find_seals(page)

    assert seal.value == "square"


def test_a_seal_over_print_is_still_one_seal() -> None:
    page = paper()
    for y in range(780, 1020, 30):
        cv2.putText(page, "printed text runs below", (450, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, BLACK, 2)

    assert [seal.value for seal in find_seals(stamp(page, (600, 900), (90, 90), RED))] == ["round"]


def test_an_emblem_is_no_seal() -> None:
    page = paper()
    cv2.circle(page, (500, 200), 80, RED, -1)

    assert find_seals(page) == ()


def test_red_print_and_blue_handwriting_are_no_seals() -> None:
    page = scribble(paper(), 300, 300)
    cv2.putText(page, "RED HEADING", (100, 150), cv2.FONT_HERSHEY_SIMPLEX, 3, RED, 9)

    assert find_seals(page) == ()


def test_a_black_ring_is_no_seal() -> None:
    assert find_seals(stamp(paper(), (600, 900), (90, 90), BLACK)) == ()


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("licence-landscape.jpg", ["round"]),
        ("licence-seal-over-code.jpg", ["round", "round"]),
        ("licence-phone-photo.jpg", ["round"]),
        ("form-company.jpg", ["round"]),
        ("form-individual.jpg", []),
        ("form-stained-folded.jpg", []),
        ("contract.jpg", ["round", "round"]),
        ("id-front.jpg", []),
        ("id-back.jpg", []),
        ("id-sheet-colour.jpg", []),
    ],
)
def test_seals_of_the_samples(name: str, shapes: list[str]) -> None:
    seals = find_seals(np.asarray(cv2.imread(str(SAMPLES / name)), dtype=np.uint8))

    assert [seal.value for seal in seals] == shapes


# --- signatures ---

LABEL = line("客户签字：", 300, 900, 30)
DATE = line("日期：", 700, 900, 30)


@pytest.mark.parametrize(("colour", "name"), [(BLUE, "blue"), (BLACK, "black")])
def test_ink_beside_the_label_is_a_signature(colour: tuple[int, int, int], name: str) -> None:
    (mark,) = find_signatures(scribble(paper(), 470, 900, colour), [LABEL, DATE])

    assert (mark.kind, mark.colour) == (MarkKind.SIGNATURE, name)
    assert math.dist(middle(mark.box), (510, 900)) < 15


def test_an_empty_line_is_not_signed() -> None:
    page = paper()
    cv2.line(page, (460, 918), (680, 918), BLACK, 2)

    assert find_signatures(page, [LABEL, DATE]) == ()


def test_the_lines_of_a_cell_are_no_signature() -> None:
    page = paper()
    cv2.rectangle(page, (290, 865), (690, 935), BLACK, 2)
    cv2.line(page, (460, 865), (460, 935), BLACK, 2)

    assert find_signatures(page, [LABEL]) == ()


def test_a_shaded_cell_is_not_signed() -> None:
    page = paper()
    page[860:925, 440:990] = 170

    assert find_signatures(page, [LABEL]) == ()


def test_a_red_seal_is_no_signature() -> None:
    page = stamp(paper(), (580, 900), (90, 90), RED)

    assert find_signatures(page, [LABEL]) == ()


def test_what_stands_behind_the_next_label_is_no_signature() -> None:
    assert find_signatures(scribble(paper(), 800, 900), [LABEL, DATE]) == ()


def test_a_label_with_no_room_beside_it_is_passed_over() -> None:
    close = line("日期：", 480, 900, 30)

    assert find_signatures(scribble(paper(), 470, 900), [LABEL, close]) == ()


def test_a_sentence_about_signing_is_no_label() -> None:
    sentence = line("本协议自双方签字之日起生效", 100, 500, 30)

    assert find_signatures(scribble(paper(), 500, 500), [sentence]) == ()


def test_all_marks_of_a_page_together() -> None:
    page = scribble(with_code("9135"), 470, 900)
    lines: list[Line] = [LABEL]

    kinds = [mark.kind for mark in find_marks(stamp(page, (800, 1200), (90, 90), RED), lines)]

    assert kinds == [MarkKind.QR_CODE, MarkKind.SEAL, MarkKind.SIGNATURE]


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 2), (7, 7), (9000, 3)])
def test_a_page_of_few_pixels_has_no_marks(size: tuple[int, int]) -> None:
    assert find_marks(np.full((*size, 3), 200, np.uint8), [LABEL]) == ()
