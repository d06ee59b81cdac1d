"""Titles of papers: what licences, forms and others are called, and where a title stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.layout import Segment
from records.readings import PageReading

LICENCE_TITLE = re.compile(r"营业执.|营.执照|.业执照|^业执照$")
_OTHER_TITLE = re.compile(
    r"合同|协议|发票|许可证|备案|证明|委托书|授权书|章程|决议|通知|社会保障|驾驶证|行驶证|护照|户口|登记证|开户|身份证|执照"
)
_FORM_TITLE = re.compile(
    r"[\w、（）()·/]{2,28}(?:表|登记卡|档案卡|资料卡|档案|简历|申请书|登记单|申请单|信息卡)(?:[（(][^（）()]*[）)])?"
)


def is_form_title(s: Segment, segments: Sequence[Segment], page: PageReading) -> bool:
    """A line of its own that is called a form and is set as a title: in the middle, or larger than the rest."""
    if not _FORM_TITLE.fullmatch(s.text.strip("《》")) or _OTHER_TITLE.search(s.text):
        return False
    heights = sorted(o.height for o in segments)
    large = s.height > 1.3 * heights[len(heights) // 2]
    left, right = min(o.left for o in segments), max(o.right for o in segments)
    middle = (s.left + s.right) / 2
    centred = min(abs(middle - (left + right) / 2), abs(middle - page.width_px / 2)) < 0.15 * page.width_px
    alone = not any(o is not s and abs(o.middle - s.middle) < 0.5 * s.height for o in segments)
    return (centred and alone) or (large and s.middle < 0.25 * page.height_px) or (large and alone)


def is_other_title(text: str) -> bool:
    """Licences say 备案、许可、监管信息 beside their QR code; a title whose first character is lost is still theirs."""
    return bool(_OTHER_TITLE.search(text)) and not LICENCE_TITLE.search(text) and "监管信息" not in text
