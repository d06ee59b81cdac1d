"""Words printed all over a page, which recognition mixes with the text they lie under.

The registrars print `SCJDGL` (市场监督管理 in letters) on every licence; copies carry `仅供…使用` or the name of who
lent them. A word that stands on a page three times and more is taken for such a mark, and its fragments are cut from
the text.

>>> words = words_of(["YANGBEN", "YANGBEN", "YANGBEN", "名称"])
>>> sorted(words)
['SCJDGL', 'YANGBEN']
>>> fragments("云杉公司NGBE", words), fragments("CJDGL登记机关", words)
([(4, 8)], [(0, 5)])
>>> fragments("91350100M000100Y43", words)
[]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

REGISTRARS = "SCJDGL"
REGISTRARS_IN_CHINESE = "市场监督管理"
OFTEN = 3
_LATIN = re.compile(r"[A-Za-z]{4,12}")
_CHINESE = re.compile(r"[\u3400-\u9fff，。（）]{4,30}")
_RUN = re.compile(r"(?<![A-Za-z0-9@./:-])[A-Za-z0-9.]{2,12}(?![A-Za-z0-9@./:-])")
_BEFORE_DATE = re.compile(r"^[A-Za-z]{4,12}(?=(?:19|20)\d\d(?:年|$))")
_ALIKE = str.maketrans("0O1I8l", "OOIIBI")


def words_of(texts: Sequence[str]) -> frozenset[str]:
    """The words of watermarks on a page of these texts."""
    counted = Counter(text for text in texts if _LATIN.fullmatch(text) or _CHINESE.fullmatch(text))
    return frozenset(text for text, times in counted.items() if times >= OFTEN) | {REGISTRARS}


def fragments(text: str, words: frozenset[str]) -> list[tuple[int, int]]:
    """Where in a text pieces of these words stand."""
    if len(text) >= 3 and text in REGISTRARS_IN_CHINESE:
        return [(0, len(text))]
    if text in words or (len(words) > 1 and any(len(text) >= 3 and text in word for word in words)):
        return [(0, len(text))]
    if len(words) == 1 and not re.search(r"[SCJDGL]", text):
        return []
    latin = [word for word in words if word.isascii()]
    runs = [*_RUN.finditer(text), *_BEFORE_DATE.finditer(text)]
    return [m.span() for m in runs if any(_is_piece(m[0], word) for word in latin)]


def _is_piece(run: str, word: str) -> bool:
    """Whether a run of letters is part of a word, with at most one of its characters misread."""
    seen = run.upper().translate(_ALIKE).replace(".", "")
    whole = word.upper().translate(_ALIKE)
    if len(seen) < 2 or run.isdigit() or not re.search(r"[A-Za-z]", run):
        return False
    if len(seen) < 4:
        return seen in whole and (len(seen) == 3 or word != REGISTRARS)  # SC is also a mark on food
    windows = [whole[i : i + len(seen)] for i in range(max(1, len(whole) - len(seen) + 1))]
    return any(
        sum(a != b for a, b in zip(seen, window, strict=False)) <= 1
        for window in windows
        if len(window) >= len(seen) - 1
    )
