"""What a recognition model's answer says, and how sure it is of what matters.

For each step across a line the model gives the chance of every character; a character runs over some steps, and a blank
parts it from the next (CTC). Read plainly, such an answer doubts what is not in doubt: the chance of a mark is shared
between its prints in two widths, （ and (, which mean the same here; the first step of a run is often half a blank; and
whether there is a space is a matter of taste. And it trusts where it should not: a faint comma that loses to the blank
leaves no trace. So widths count together, a character is as sure as its best step, spaces have no voice, and what a
blank outweighs counts as doubt. The text stays as it is seen.

>>> steps = np.array([[0.9, 0.0, 0.1], [0.4, 0.3, 0.3], [0.1, 0.4, 0.5], [1.0, 0.0, 0.0]], dtype=np.float32)
>>> LineDecoder(["(", "（"]).decode(steps)[0]
'（'
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocr.fields.parsed import chinese_punctuation

Steps = NDArray[np.float32]
"""Chances 0–1, `(steps, 1 + characters)`; column 0 is the blank."""
BLANK = 0
FAINT = 0.01
"""A chance no larger is not looked into."""


class LineDecoder:
    """Of a model that knows these characters, the blank left out."""

    def __init__(self, characters: Sequence[str]) -> None:
        self._characters = ["", *characters]
        self._is_space = [bool(c) and c.isspace() for c in self._characters]
        self._nothing = [BLANK, *(i for i, is_space in enumerate(self._is_space) if is_space)]
        firsts: dict[str, int] = {}
        same = [firsts.setdefault(chinese_punctuation(c), i) for i, c in enumerate(self._characters) if i]
        pairs = {first: i for i, first in enumerate(same, 1) if first != i}
        self._narrow, self._wide = (np.array(list(one), dtype=np.intp) for one in (pairs.keys(), pairs.values()))
        self._pair_of = {narrow: j for j, narrow in enumerate(pairs)}

    def decode(self, steps: Steps) -> tuple[str, float]:
        """The text, and what is left of 1 when its characters' doubts are shared among them; 0.0 for no characters.

        Works within `steps`.
        """
        is_wide = self._fold(steps)
        runs = _runs(steps.argmax(axis=1))
        outweighed = 1 - steps[:, self._nothing].sum(axis=1)
        text, doubts = [], []
        for i, (character, start, end) in enumerate(runs):
            if character == BLANK:
                if outweighed[start:end].max() > FAINT:
                    beside = [other for other, _, _ in (*runs[max(i - 1, 0) : i], *runs[i + 1 : i + 2])]
                    doubts.append(_left(outweighed[start:end], steps[start:end], beside))
                continue
            chance = steps[start:end, character]
            text.append(self._as_printed(character, is_wide[start + int(chance.argmax())]))
            doubts.append(0.0 if self._is_space[character] else 1 - float(chance.max()))
        count = sum(not each.isspace() for each in text)
        return "".join(text), min(max(1 - sum(doubts) / count, 0.0), 1.0) if count else 0.0

    def _fold(self, steps: Steps) -> NDArray[np.bool_]:
        """Add up the widths of each mark under its first; whether the other is the likelier, by step and pair."""
        wide = steps[:, self._wide]
        is_wide = wide > steps[:, self._narrow]
        steps[:, self._narrow] += wide
        steps[:, self._wide] = 0.0
        return is_wide

    def _as_printed(self, character: int, is_wide: NDArray[np.bool_]) -> str:
        pair = self._pair_of.get(character)
        return self._characters[character if pair is None or not is_wide[pair] else self._wide[pair]]


def _left(outweighed: NDArray[np.float32], steps: Steps, beside: Sequence[int]) -> float:
    """How likely a character was lost within a blank, 0–1: those beside it may begin or end in it."""
    expected = [character for character in beside if character != BLANK]
    return max(float((outweighed - steps[:, expected].sum(axis=1)).max()), 0.0)


def _runs(best: NDArray[np.intp]) -> list[tuple[int, int, int]]:
    """Each stretch of one character, or of the blank: what it is, its first step and the step after its last."""
    starts = np.flatnonzero(np.diff(best, prepend=-1)).tolist()
    return [(int(best[start]), start, end) for start, end in pairwise([*starts, len(best)])]
