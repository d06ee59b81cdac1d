"""Labels that stand over several lines of a narrow cell: `统一社会` above `信用代码`.

Put together they are one segment at half the height of their cell, beside which their value stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ocr.fields.parsed import fold
from ocr.layout import Segment
from records.readings import Line

NEXT = (0.5, 1.7)
"""How far the next line of a label lies under the one before, in its heights; rows of a table lie further apart."""
ASIDE = 0.8
"""How far the middles, or the left ends, of two lines of a label are apart at most, in their heights."""
LEAST = 3
"""Characters of a label: two above one another are as often the ends of other words."""
LONG = 6
"""Characters: of a label this long one may have been lost."""
_COLONS = ":："


@dataclass(frozen=True, kw_only=True)
class _Spellings:
    """Each label by what may be read of it, and what any of these begins with."""

    labels: Mapping[str, str]
    beginnings: frozenset[str]


def joined(segments: Sequence[Segment], labels: Iterable[str]) -> list[Segment]:
    """The segments from top to bottom, those that make one of these labels put together."""
    wanted = _spellings(tuple(labels))
    stacks: list[list[Segment]] = []
    used: set[int] = set()
    for segment in segments:
        stack = [] if id(segment) in used else _stack([segment], segments, wanted)
        if len(stack) > 1 and used.isdisjoint(map(id, stack)):
            stacks.append(stack)
            used |= set(map(id, stack))
    rest = [segment for segment in segments if id(segment) not in used]
    made = [_one(stack, wanted.labels[_text(stack)]) for stack in stacks]
    return sorted([*rest, *made], key=lambda s: s.middle)


@lru_cache(maxsize=64)
def _spellings(labels: tuple[str, ...]) -> _Spellings:
    whole = [fold(label) for label in labels if len(label) >= LEAST]
    lost = {label[:i] + label[i + 1 :]: label for label in whole if len(label) >= LONG for i in range(len(label))}
    read = lost | {label: label for label in whole}
    return _Spellings(labels=read, beginnings=frozenset(text[:i] for text in read for i in range(1, len(text))))


def _text(stack: Sequence[Segment]) -> str:
    return "".join(s.text for s in stack).rstrip(_COLONS)


def _stack(above: list[Segment], segments: Sequence[Segment], wanted: _Spellings) -> list[Segment]:
    """The lines that make a label, the longest there is, and begin with these; none where no label is made."""
    text = _text(above)
    under = (s for s in segments if _is_under(above[-1], s)) if text in wanted.beginnings else ()
    whole = next((stack for s in under if (stack := _stack([*above, s], segments, wanted))), [])
    return whole or (above if text in wanted.labels else [])


def _is_under(a: Segment, b: Segment) -> bool:
    down, tall = b.middle - a.middle, max(a.height, b.height)
    aside = min(abs((a.left + a.right) - (b.left + b.right)) / 2, abs(a.left - b.left))
    return NEXT[0] * tall < down < NEXT[1] * tall and aside < ASIDE * tall


def _one(stack: Sequence[Segment], label: str) -> Segment:
    """As wide as the line that is drawn closest of those with most characters."""
    most = max(len(s.text) for s in stack)
    widest = min((s for s in stack if len(s.text) == most), key=lambda s: s.width)
    middle, height = sum(s.middle for s in stack) / len(stack), max(s.height for s in stack)
    top, bottom = middle - height / 2, middle + height / 2
    box = ((widest.left, top), (widest.right, top), (widest.right, bottom), (widest.left, bottom))
    line = Line(text=label, confidence=min(s.line.confidence for s in stack), box=box)
    return Segment(text=label, line=line, page_no=stack[0].page_no, box=box)
