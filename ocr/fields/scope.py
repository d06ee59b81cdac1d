"""Business scope: running text over many lines, trades divided by ； 、 or ，.

A scope is doubted when its brackets do not close (a line or a character is lost) and when it ends in the middle.
Source: the Provisions on the registration of the business scope of enterprises.

>>> import datetime as dt
>>> read("技术服务;销售(零售除外)。", dt.date(2026, 1, 1)).value
'技术服务；销售（零售除外）。'
>>> read("技术服务；销售（零售", dt.date(2026, 1, 1)).passed
False
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields.parsed import ABSENT, Parsed, check, chinese_punctuation

_OPEN, _CLOSE = "（【〔［《", "）】〕］》"
_STRANGE = re.compile(r"[^\w\s（）【】〔〕［］《》、，。；：“”‘’·/\-—－+&%.#~～*＊°*]")


def read(text: str, today: dt.date) -> Parsed:
    value = chinese_punctuation(text).strip("：*")
    if not re.search(r"\w", value):
        return ABSENT
    balanced = sum(value.count(c) for c in _OPEN) == sum(value.count(c) for c in _CLOSE)
    checks = (
        check("brackets", balanced),
        check("ending", value[-1] not in "、，：（【"),
        check("characters", not _STRANGE.search(value)),
    )
    return Parsed(value=value, checks=checks)
