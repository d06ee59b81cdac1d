"""Charts as SVG, laid out here and drawn by a template: no script, and a table of the same figures beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.schemas.operations import HourView
from records.terms import Step

WIDTH, HEIGHT = 720, 160
GAP = 4
ROUND = (1, 2, 5)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """In the units of the drawing, origin top left."""

    x: float
    y: float
    width: float
    height: float
    hour: HourView


@dataclass(frozen=True, kw_only=True)
class Bars:
    """`top` is the figure at the upper edge."""

    width: int
    height: int
    top: int
    bars: list[Bar]


def bars_of(hours: Sequence[HourView], step: Step = Step.FILE) -> Bars:
    """How many jobs of a step ended in each hour."""
    counts = [hour.ended.get(step, 0) for hour in hours]
    top, slot = round_up(max(counts, default=0)), WIDTH / max(1, len(hours))
    bars = [
        Bar(x=round(at * slot + GAP / 2, 1), y=round(HEIGHT - (tall := HEIGHT * count / top), 1),
            width=round(slot - GAP, 1), height=round(tall, 1), hour=hour)
        for at, (count, hour) in enumerate(zip(counts, hours, strict=True))
    ]  # fmt: skip
    return Bars(width=WIDTH, height=HEIGHT, top=top, bars=bars)


def round_up(figure: int) -> int:
    """The next of 10, 20, 50, 100 … so that an axis has a figure people read.

    >>> [round_up(figure) for figure in (0, 10, 11, 480, 501)]
    [10, 10, 20, 500, 1000]
    """
    scale = 10
    while True:
        for step in ROUND:
            if step * scale >= figure:
                return step * scale
        scale *= 10
