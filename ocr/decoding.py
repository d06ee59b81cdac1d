"""What a recognition model's answer says, and how sure it is of what matters.

For each step across a line the model gives the chance of every character; a character runs over some steps, and a blank
parts it from the next (CTC). Read plainly, such an answer doubts what is not in doubt: the chance of a mark is shared
between its prints in two widths, （ and (, which mean the same here; the first step of a run is often half a blank; and
whether there is a space is a matter of taste. So widths count together, a character is as sure as its best step, and
spaces have no voice. The text stays as it is seen.

>>> steps = np.array([[0.9, 0.0, 0.1], [0.4, 0.3, 0.3], [0.1, 0.4, 0.5], [1.0, 0.0, 0.0]], dtype=np.float32)
>>> LineDecoder(["(", "（"]).decode(steps)[0]
'（'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.fields.parsed import chinese_punctuation

Steps = NDArray[np.float32]
"""Chances 0–1, `(steps, 1 + characters)`; column 0 is the blank."""
BLANK = 0


class LineDecoder:
    """Stands in the place of PaddleX's own: called with the answers to a batch, it gives texts and confidences."""

    def __init__(self, characters: Sequence[str]) -> None:
        self._characters = ["", *characters]
        self._is_space = [not c.strip() for c in self._characters]
        firsts: dict[str, int] = {}
        same = [firsts.setdefault(chinese_punctuation(c), i) for i, c in enumerate(self._characters) if i]
        pairs = [(first, i) for i, first in enumerate(same, 1) if first != i]
        self._narrow, self._wide = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
        self._pair_of = {narrow: j for j, (narrow, _) in enumerate(pairs)}

    def __call__(self, answers: Sequence[Any], **_: Any) -> tuple[list[str], list[float]]:
        read = [self.decode(steps) for steps in answers[0]]
        return [text for text, _ in read], [confidence for _, confidence in read]

    def decode(self, steps: Steps) -> tuple[str, float]:
        """The text, and the mean chance of its characters, 0.0 where there is none. Works within `steps`."""
        is_wide = self._fold(steps)
        best = steps.argmax(axis=1)
        chance = steps[np.arange(len(best)), best]
        text, chances = [], []
        for start, end in _runs(best):
            top = start + int(chance[start:end].argmax())
            text.append(self._characters[self._as_printed(int(best[start]), is_wide[top])])
            if not self._is_space[best[start]]:
                chances.append(min(float(chance[top]), 1.0))
        return "".join(text), sum(chances) / len(chances) if chances else 0.0

    def _fold(self, steps: Steps) -> NDArray[np.bool_]:
        """Add up the widths of each mark under its first; whether the other is the likelier, by step and pair."""
        wide = steps[:, self._wide]
        is_wide = wide > steps[:, self._narrow]
        np.add.at(steps.T, self._narrow, wide.T)
        steps[:, self._wide] = 0.0
        return is_wide

    def _as_printed(self, character: int, is_wide: NDArray[np.bool_]) -> int:
        pair = self._pair_of.get(character)
        return character if pair is None or not is_wide[pair] else int(self._wide[pair])


def _runs(best: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """First step and the step after the last of each character that is no blank."""
    starts = [int(start) for start in np.flatnonzero(np.diff(best, prepend=-1))]
    runs = pairwise([*starts, len(best)])
    return ((start, end) for start, end in runs if best[start] != BLANK)
