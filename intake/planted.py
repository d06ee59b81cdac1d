"""Made-up documents that carry something nobody else carries, for the drill of destruction; used by nothing else.

A planted page is a bitmap of random pixels. `PlantedTextEngine` finds them in its list and gives the lines that belong
to them, so filing goes the way every scan goes, without the cost of recognition.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr.engine import Channel, Image, UprightPage
from records.errors import EngineFailed
from records.readings import Box, Line, PageReading

WIDTH_PX, HEIGHT_PX = 96, 128
_RARE = (0x20000, 0x2A6DE)
"""CJK Extension B: 42,719 characters, 4 bytes each in every encoding, found in hardly any real text."""
_PHRASE_LENGTH = 6
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_HEXADECIMAL = frozenset("0123456789ABCDEF")
_END = 8
"""How much of a number's end the search looks for (`intake/remains.py`)."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """What one document carries: a phrase, a credit code with right check digits, and its page's pixels."""

    phrase: str
    number: str
    seed: int

    @property
    def image(self) -> Image:
        noise = np.random.default_rng(self.seed).integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
        return np.asarray(noise, dtype=np.uint8)

    @property
    def bitmap(self) -> bytes:
        """The page as a BMP, whose pixels stand in the file as they are."""
        return bytes(cv2.imencode(".bmp", self.image)[1])

    @property
    def lines(self) -> Sequence[str]:
        return (
            "营业执照",
            f"统一社会信用代码 {self.number}",
            f"名称 {self.phrase}有限公司",
            "类型 有限责任公司(自然人投资或控股)",
            "法定代表人 赵青禾",
            "注册资本 壹佰万元整",
            "成立日期 2019年03月19日",
            "营业期限 2019年03月19日至长期",
            f"经营范围 {self.phrase}销售。",
            "住所 上海市浦东新区青禾路1号",
            "登记机关",
            "2019年03月20日",
        )


def plant(count: int, seed: int) -> list[Planted]:
    """Documents of as many companies; no two share a number or two neighbouring characters of their phrases.

    No number ends like a hash: of 10,000 some ninety would be hexadecimal to the last eight characters, and among the
    hashes that stay of as many documents one of these stands by chance.
    """
    chance = random.Random(seed)
    planted: list[Planted] = []
    pairs: set[str] = set()
    numbers: set[str] = set()
    while len(planted) < count:
        phrase = "".join(chr(chance.randrange(*_RARE)) for _ in range(_PHRASE_LENGTH))
        mine = {phrase[at : at + 2] for at in range(_PHRASE_LENGTH - 1)}
        number = _credit_code(chance)
        if not mine & pairs and number[8:] not in numbers and not _HEXADECIMAL.issuperset(number[-_END:]):
            planted.append(Planted(phrase=phrase, number=number, seed=chance.getrandbits(63)))
            pairs |= mine
            numbers.add(number[8:])
    return planted


class PlantedTextEngine:
    """An `OcrEngine` that knows the planted pages and no other."""

    name = "planted-text 1"

    def __init__(self, planted: Iterable[Planted]) -> None:
        self._by_pixels = {_mark(each.image): each for each in planted}

    def read_page(self, image: Image, *, page_no: int, dpi: float | None = None) -> UprightPage:
        lines = self._lines(image)
        reading = PageReading(
            page_no=page_no, width_px=WIDTH_PX, height_px=HEIGHT_PX, lines=lines, dpi=dpi, engine=self.name
        )
        return UprightPage(reading=reading, image=image)

    def reread_lines(
        self, image: Image, boxes: Sequence[Box], *, better: bool = True, channel: Channel = Channel.COLOUR
    ) -> list[Line]:
        by_top = {line.box[0][1]: line for line in self._lines(image)}
        missing = Line(text="", confidence=0.0, box=((0, 0), (0, 0), (0, 0), (0, 0)))
        return [replace(by_top.get(box[0][1], missing), box=box) for box in boxes]

    def read_issue_date(self, image: Image, boxes: Sequence[Box], year: int) -> Line:
        return Line(text="", confidence=0.0, box=boxes[0])

    def _lines(self, image: Image) -> tuple[Line, ...]:
        planted = self._by_pixels.get(_mark(image))
        if planted is None:
            raise EngineFailed("This page was not planted.")
        return tuple(Line(text=text, confidence=1.0, box=_box(row, text)) for row, text in enumerate(planted.lines))


def _mark(image: Image) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).digest()


def _box(row: int, text: str) -> Box:
    top, bottom, right = 2.0 + row * 10, 10.0 + row * 10, min(WIDTH_PX - 2.0, 2.0 + 6 * len(text))
    return ((2.0, top), (right, top), (right, bottom), (2.0, bottom))


def _credit_code(chance: random.Random) -> str:
    """A random unified social credit code with both check digits right (GB 32100, GB 11714)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    body = "".join(chance.choices(_ALPHABET, k=len(weights)))
    remainder = 11 - sum(w * int(c, 36) for w, c in zip(weights, body, strict=True)) % 11
    first = f"91310115{body}{ {10: 'X', 11: '0'}.get(remainder, str(remainder)) }"
    total = sum(_ALPHABET.index(c) * pow(3, at, 31) for at, c in enumerate(first))
    return first + _ALPHABET[(31 - total % 31) % 31]
