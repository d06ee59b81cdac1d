from __future__ import annotations

import socket
from pathlib import Path

import cv2
import numpy as np
import pytest

import ocr.paddle
from ocr.engine import Channel, Image, OcrEngine
from ocr.paddle import PaddleEngine
from records.errors import SettingInvalid
from tests.contracts.engine_contract import ImageCheckingContract, OcrEngineContract, texts
from tests.pixel_text import PixelTextEngine, page_image
from tests.unit.ocr.printing import draw_page

PRINTED = ["客户登记表", "单位名称云杉纸业有限公司", "统一社会信用代码", "91350100M000100Y43", "福建省福州市鼓楼区"]


@pytest.fixture(scope="module")
def paddle(tmp_path_factory: pytest.TempPathFactory) -> PaddleEngine:
    return PaddleEngine(tmp_path_factory.mktemp("models"))


class TestPaddleEngine(OcrEngineContract, ImageCheckingContract):
    @pytest.fixture
    def engine(self, paddle: PaddleEngine) -> OcrEngine:
        return paddle

    @pytest.fixture
    def printed(self) -> list[str]:
        return PRINTED

    @pytest.fixture
    def page(self, printed: list[str]) -> Image:
        return draw_page(printed)


class TestPixelTextEngine(OcrEngineContract):
    @pytest.fixture
    def engine(self) -> OcrEngine:
        return PixelTextEngine()

    @pytest.fixture
    def printed(self) -> list[str]:
        return PRINTED

    @pytest.fixture
    def page(self, printed: list[str]) -> Image:
        return page_image(printed)


@pytest.mark.parametrize("turned_deg", [0, 90, 180, 270])
def test_a_turned_page_is_turned_back(paddle: PaddleEngine, turned_deg: int) -> None:
    page = draw_page(PRINTED)
    upright = paddle.read_page(np.ascontiguousarray(np.rot90(page, -turned_deg // 90)), page_no=1)

    assert texts(upright.reading.lines) == PRINTED
    assert upright.reading.rotation_deg == (360 - turned_deg) % 360
    assert upright.image.shape == page.shape


@pytest.mark.parametrize("thought_deg", [0, 90, 180, 270])
def test_where_the_turn_is_not_sure_the_lines_tell(
    paddle: PaddleEngine, thought_deg: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of two pages side by side, of which the classifier sees a sheet wider than high."""
    predict = ocr.paddle._predict

    def unsure(model: object, image: Image) -> object:
        is_asked = model is paddle._orientation
        return {"label_names": [str(thought_deg)], "scores": [0.6]} if is_asked else predict(model, image)

    monkeypatch.setattr(ocr.paddle, "_predict", unsure)
    page = draw_page(PRINTED)
    upright = paddle.read_page(page, page_no=1)

    assert texts(upright.reading.lines) == PRINTED
    assert upright.reading.rotation_deg == 0


@pytest.mark.parametrize("skew_deg", [-6.0, -1.5, 2.0, 8.0])
def test_a_skewed_page_is_straightened(paddle: PaddleEngine, skew_deg: float) -> None:
    height, width = 1200, 900
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -skew_deg, 1.0)
    skewed = cv2.warpAffine(draw_page(PRINTED), matrix, (width, height), borderValue=(255, 255, 255))

    reading = paddle.read_page(np.asarray(skewed, np.uint8), page_no=1).reading

    assert texts(reading.lines) == PRINTED
    assert reading.skew_deg == pytest.approx(-skew_deg, abs=0.5)
    for (_, left_y), (_, right_y), *_ in (line.box for line in reading.lines):
        assert abs(left_y - right_y) < 8


def test_a_thumbnail_is_read_as_the_page_it_shows(paddle: PaddleEngine) -> None:
    thumbnail = cv2.resize(draw_page(PRINTED), None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)

    reading = paddle.read_page(np.asarray(thumbnail, np.uint8), page_no=1).reading

    assert texts(reading.lines) == PRINTED
    assert (reading.width_px, reading.height_px) == (300, 400)
    assert all(x <= 300 and y <= 400 for line in reading.lines for x, y in line.box)


def test_cells_of_a_row_come_from_the_left(paddle: PaddleEngine) -> None:
    page = draw_page(["姓名"])
    page[:, 450:] = draw_page(["电话"])[:, :450]

    assert texts(paddle.read_page(page, page_no=1).reading.lines) == ["姓名", "电话"]


def test_print_under_a_red_seal_is_read_in_red_light(paddle: PaddleEngine) -> None:
    clean = draw_page(PRINTED)
    box = paddle.read_page(clean, page_no=1).reading.lines[3].box
    sealed = clean.copy()
    left, top, right, bottom = (round(edge) for edge in (*box[0], *box[2]))
    area = sealed[top:bottom, left:right]
    area[..., :2] = np.minimum(area[..., :2], 60)  # red ink takes away blue and green, wherever it lies

    (line,) = paddle.reread_lines(sealed, [box], channel=Channel.RED)

    assert line.text == PRINTED[3]


@pytest.mark.parametrize("better", [False, True])
def test_a_box_of_white_paper_gives_nothing_to_rely_on(paddle: PaddleEngine, better: bool) -> None:
    page = np.full((600, 800, 3), 255, np.uint8)

    (line,) = paddle.reread_lines(page, [((100, 100), (300, 100), (300, 140), (100, 140))], better=better)

    assert line.confidence < 0.6


def test_nothing_is_asked_of_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    reading = PaddleEngine(tmp_path).read_page(draw_page(PRINTED), page_no=1).reading

    assert texts(reading.lines) == PRINTED


def test_models_are_looked_for_when_the_first_page_is_read(tmp_path: Path) -> None:
    engine = PaddleEngine(tmp_path / "cache", tmp_path / "no-models")

    with pytest.raises(SettingInvalid, match="GUIDANG_OCR_MODELS"):
        engine.read_page(draw_page(["甲"]), page_no=1)
