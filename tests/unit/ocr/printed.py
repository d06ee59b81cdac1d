"""Pages of lines as an engine would give them, written where a test wants them, and what is read of them.

People and companies are invented.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from ocr.engine import Channel
from ocr.extraction import extract
from ocr.layout import Segment, segments_of
from records.readings import Box, DocumentReading, FieldReading, Line, PageReading

CODE = "91350100M000100Y43"
ID_NUMBER = "11010519491231002X"
TODAY = dt.date(2026, 1, 1)
HEAD = "法定代表人 林木森"


def line(text: str, x: float, y: float, size: float = 20.0, confidence: float = 0.999) -> Line:
    """A line whose middle is at `y`; characters are as wide as they are in print."""
    width = sum(size if ord(c) > 0x2E80 else 0.55 * size for c in text)
    return Line(text=text, confidence=confidence, box=rectangle(x, y - size / 2, x + width, y + size / 2))


def rectangle(left: float, top: float, right: float, bottom: float) -> Box:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def page(*lines: Line, no: int = 1, width: int = 1000, height: int = 1400) -> PageReading:
    return PageReading(page_no=no, width_px=width, height_px=height, lines=lines, engine="test")


def segments(*lines: Line) -> list[Segment]:
    return segments_of(page(*lines))


def landscape_licence(**changes: str) -> list[Line]:
    """A licence of two columns: labels spaced, values glued to them or wrapped under them."""
    texts = {"code": CODE, "name": "福州云杉科技有限公司", "type": "有限责任公司(自然人独资)"} | changes
    return [
        line("营业执照", 350, 80, 60),
        line("统一社会信用代码", 60, 120),
        line(texts["code"], 60, 150),
        line("名", 60, 250),
        line("称 " + texts["name"], 120, 250),
        line("类", 60, 290),
        line("型", 120, 290),
        line(texts["type"], 150, 290),
        line("法定代表人 林木森", 60, 330),
        line("经营范围", 60, 370),
        line("软件开发；信息系统集成服务；", 150, 370, 16),
        line("计算机零售（二手除外）。", 150, 392, 16),
        line("注册资本伍佰万元整", 560, 250),
        line("成立日期", 560, 290),
        line("2019年03月19日", 650, 290),
        line("营业期限2019年03月19日至长期", 560, 330),
        line("住", 560, 370),
        line("所 福建省福州市鼓楼区五四路", 620, 370),
        line("8号楼301室", 650, 398),
        line("登记机关", 560, 560),
        line("2020", 560, 600),
        line("年", 610, 600),
        line("06", 640, 600),
        line("月", 670, 600),
        line("01", 700, 600),
        line("日", 730, 600),
        line("国家市场监督管理总局监制", 560, 680),
        line("市场主体应当于每年1月1日至6月30日通过公示系统报送年度报告", 60, 680, 14),
    ]


def id_front(x: float = 100, y: float = 100, number: str = ID_NUMBER) -> list[Line]:
    return [
        line("姓名 林木森", x, y),
        line("性别女", x, y + 45),
        line("民族汉", x + 110, y + 45),
        line("出生1949年12月31日", x, y + 90),
        line("住址北京市朝阳区云杉路8号", x, y + 135),
        line("院2楼301", x + 40, y + 165),
        line("公民身份号码", x, y + 240),
        line(number, x + 150, y + 240),
    ]


def id_back(x: float = 100, y: float = 100) -> list[Line]:
    return [
        line("中华人民共和国", x + 60, y, 30),
        line("居民身份证", x + 40, y + 50, 36),
        line("签发机关北京市公安局朝阳分局", x, y + 180),
        line("有效期限", x, y + 220),
        line("2013.03.05-2033.03.05", x + 100, y + 220),
    ]


def watermark(rows: int = 30, text: str = "仅供办理业务使用") -> list[Line]:
    """Words in rows that climb by about thirty degrees across the whole page."""
    c, s = math.cos(-0.55), math.sin(-0.55)
    marks = []
    for number in range(rows):
        x, y = 60.0 + 230 * (number % 4), 120.0 + 110 * (number // 4)
        ends = (x + 180 * c, y + 180 * s)
        box = ((x, y), ends, (ends[0] - 20 * s, ends[1] + 20 * c), (x - 20 * s, y + 20 * c))
        marks.append(Line(text=text, confidence=0.99, box=box))
    return marks


def read(*lines: Line) -> DocumentReading:
    (document,) = extract([page(*lines)], today=TODAY)
    return document


def values(document: DocumentReading) -> dict[str, str | None]:
    return {name: field.value for name, field in document.fields.items()}


def failed(field: FieldReading) -> list[str]:
    return [check.name for check in field.checks if not check.passed]


class BetterLook:
    """Reads what a better model would, and remembers what it was asked for."""

    def __init__(self, texts: dict[str, str], first: Sequence[Line]) -> None:
        self._by_box = {o.box: o.text for o in first}
        self._texts = texts
        self.asked: list[str] = []

    def reread(self, page_no: int, boxes: Sequence[Box], *, channel: Channel = Channel.COLOUR) -> list[Line]:
        seen = [self._by_box.get(box, "") for box in boxes]
        self.asked += seen
        return [Line(text=self._texts.get(o, o), confidence=0.999, box=box) for o, box in zip(seen, boxes, strict=True)]

    def issue_date(self, page_no: int, boxes: Sequence[Box], year: int) -> Line:
        return Line(text="", confidence=0.0, box=boxes[0])
