"""Sides of identity cards, known by labels that only they print together, or by their number.

Words of look-alikes (social security cards, driving licences) speak against.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.fields import id_number
from ocr.kinds.part import Part, Side, only
from ocr.layout import Segment
from records.readings import Line, PageReading
from records.terms import DocumentKind

_ID_NUMBER_LABEL = re.compile(r"公民.{0,4}号|公民身[份分]|民身[份分]证?号|公.身份.?号码|身份号码|.{2,4}身份号码")
_ID_NUMBER = re.compile(r"(?=(?:[A-Za-z]?\d){13})[\dA-Za-z]{14,17}[\dXx]")
"""With a digit or two read as letters."""
_NUMBER_AT_THE_END = re.compile(r"(?<!\d)(?:^\d{14,16}|\d{17})[\dXx]$")
"""Alone, or behind a label of which nothing else is left."""
_BACK_TITLE = re.compile(r"居民身.证|.民身份证")
_VALIDITY = re.compile(r"\d{2,4}\.\d\d\.\d\d-(?:\d{4}|长期)")
_TRACES = {
    Side.FRONT: re.compile(
        r"^姓|名$|性别|别[男女]|民族|出生|住址|公民|号码|\d{12}|^[男女]$|年\d{1,2}月|\d月\d", re.MULTILINE
    ),
    Side.BACK: re.compile(r"签发|公安|期限|居民身|民身份|共和国|\d{4}\.\d\d\.\d\d"),
}
CARD_LINES = 14
_ID_LABELS = re.compile(r"姓名|性别|民族|出生|住址")
_LABEL_CHARACTERS = "姓名性别民族出生住址"
_ISSUER_LABEL = re.compile(r"签发机[关美天]|签.机关|.发机关|签发.关")
_VALIDITY_LABEL = re.compile(r"有效期限|.效期限|有.期限|有效.限")
_NOT_ID = re.compile(r"居住证|驾驶证|行驶证|社会保障|护照|户口|社保卡|军官证|残疾人证|工作证")


@dataclass(frozen=True, kw_only=True)
class _Window:
    """Where the print of one side of a card lies, told from its most certain label."""

    side: Side
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, s: Segment) -> bool:
        x = (s.left + s.right) / 2
        return self.left <= x <= self.right and self.top <= s.middle <= self.bottom

    def off(self, s: Segment) -> float:
        """How far it lies from the middle: 0 there, 1 at the edge."""
        across = abs(s.left + s.right - self.left - self.right) / max(self.right - self.left, 1.0)
        return max(across, abs(2 * s.middle - self.top - self.bottom) / max(self.bottom - self.top, 1.0))


def cards_on(page: PageReading, segments: Sequence[Segment]) -> list[Part]:
    if any(_NOT_ID.search(s.text) and len(s.text) < 16 for s in segments):
        return []
    windows = [w for s in segments for w in (_front_window(s, segments), _back_window(s, segments)) if w is not None]
    if all(w.side is Side.BACK for w in windows) and len(segments) <= CARD_LINES * (1 + len(windows)):
        numbers = ((s, _NUMBER_AT_THE_END.search(s.text)) for s in segments)
        windows += [_number_window(s.part(number.start())) for s, number in numbers if number][:1]
    if all(w.side is Side.FRONT for w in windows):
        windows += _title_windows(segments)
    held = [(window, [s.line for s in segments if window.holds(s)]) for window in windows]
    cards = [(window, lines) for window, lines in held if _card_confidence(window.side, lines)]
    owner = {id(s.line): _nearest(s, [window for window, _ in cards]) for s in segments}
    return [
        Part(
            kind=DocumentKind.ID_CARD,
            page=only(page, [line for line in lines if owner[id(line)] is window]),
            confidence=_card_confidence(window.side, lines),
            side=window.side,
        )
        for window, lines in cards
    ]


def _nearest(s: Segment, windows: Sequence[_Window]) -> _Window | None:
    """Of the windows that hold it the one in whose middle it lies most: a line is on one card."""
    return min((window for window in windows if window.holds(s)), key=lambda window: window.off(s), default=None)


def _front_window(s: Segment, segments: Sequence[Segment]) -> _Window | None:
    if not _ID_NUMBER_LABEL.match(s.text):
        return None
    number = [
        o for o in segments if abs(o.middle - s.middle) < s.height and o.left >= s.left and o.text[-6:-1].isdigit()
    ]
    nearest = min(number, key=lambda o: o.left, default=None)
    right = nearest.right if nearest is not None else s.left + 3.6 * s.width
    span = max(right - s.left, 12 * s.height)
    return _Window(
        side=Side.FRONT,
        left=s.left - 0.12 * span,
        right=s.left + 1.1 * span,
        top=s.middle - 0.75 * span,
        bottom=s.middle + 1.2 * s.height,
    )


def _number_window(s: Segment) -> _Window:
    """A small or faint card whose labels are lost is known by its number, on a page that carries little else."""
    return _Window(
        side=Side.FRONT,
        left=s.left - 0.85 * s.width,
        right=s.right + 0.3 * s.width,
        top=s.middle - 1.3 * s.width,
        bottom=s.middle + 1.2 * s.height,
    )


def _back_window(s: Segment, segments: Sequence[Segment]) -> _Window | None:
    label = _ISSUER_LABEL.match(s.text) or (_VALIDITY_LABEL.match(s.text) and not _prints_issuer(segments))
    if not label:
        return None
    dates = [
        o for o in segments if -s.height < o.middle - s.middle < 5 * s.height and re.search(r"\d{4}\D?\d\d", o.text)
    ]
    beside = (o.right for o in dates if o.left > s.left - 2 * s.height)  # a card further right has dates of its own
    right = min(beside, default=s.left + 15 * s.height)
    span = max(right - s.left, 12 * s.height)
    return _Window(
        side=Side.BACK,
        left=s.left - 0.45 * span,
        right=s.left + 1.35 * span,
        top=s.middle - 0.95 * span,
        bottom=s.middle + 5 * s.height,
    )


def _title_windows(segments: Sequence[Segment]) -> list[_Window]:
    """A back whose labels are lost is known by its title with dates of validity under it."""
    title = next((s for s in segments if _BACK_TITLE.fullmatch(s.text)), None)
    if title is None:
        return []
    reach = 6 * title.height
    dates = [s for s in segments if _VALIDITY.search(s.text) and 0 < s.middle - title.middle < reach]
    return [
        _Window(
            side=Side.BACK,
            left=min(title.left, s.left) - 0.3 * title.width,
            right=max(title.right, s.right) + 0.3 * title.width,
            top=title.middle - 3 * title.height,
            bottom=s.middle + 1.5 * s.height,
        )
        for s in dates[:1]
    ]


def _is_labelled_roughly(lines: Sequence[Line]) -> bool:
    """Whether a number whose check digit holds stands under lines that begin with a character of their labels."""
    texts = ["".join(line.text.split()) for line in lines]
    holds = any(id_number.check_digit_holds(text[-id_number.LENGTH :]) for text in texts)
    return holds and sum(any(c in _LABEL_CHARACTERS for c in text[:2]) for text in texts) >= 2


def may_show(side: Side, lines: Sequence[Line]) -> bool:
    """Whether lines that belong to no document may be what is left of a side of a card."""
    return bool(_TRACES[side].search("\n".join("".join(line.text.split()) for line in lines)))


def _prints_issuer(segments: Sequence[Segment]) -> bool:
    return any(_ISSUER_LABEL.match(s.text) for s in segments)


def _card_confidence(side: Side, lines: Sequence[Line]) -> float:
    """0 when too little of the side is there to call it one."""
    text = "".join("".join(line.text.split()) for line in lines)
    if side is Side.FRONT:
        labels = len(set(_ID_LABELS.findall(text))) or _is_labelled_roughly(lines)
        bare = len(lines) <= CARD_LINES and _ID_NUMBER.search(text) is not None
        return 0.0 if labels < (1 if bare else 2) else min(0.99, 0.6 + 0.08 * labels)
    signs = [bool(_VALIDITY_LABEL.search(text)), "身份证" in text, "共和国" in text, "公安局" in text]
    return 0.0 if sum(signs) < (1 if _ISSUER_LABEL.search(text) else 2) else min(0.99, 0.55 + 0.11 * sum(signs))
