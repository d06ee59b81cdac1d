"""Business scope: running text over many lines, trades divided by ； 、 or ，.

A scope is doubted when its brackets do not close (a line or a character is lost), when it ends in the middle, and when
one trade runs into the next, or into the closing remark.
： and ； differ in the tail of a dot, so the normal form has each where only it can stand: the one after a heading
(许可项目, 批发兼零售), the other between trades.
Source: the Provisions on the registration of the business scope of enterprises.

>>> import datetime as dt
>>> read("技术服务;销售(零售除外)。", dt.date(2026, 1, 1)).value
'技术服务；销售（零售除外）。'
>>> read("技术服务；销售（零售", dt.date(2026, 1, 1)).passed
False
>>> read("食品（预包装）医疗器械销售；咨询。", dt.date(2026, 1, 1)).passed
False
>>> read("食品（预包装）销售；咨询。", dt.date(2026, 1, 1)).passed
True
>>> read("针纺织品销售建筑材料销售。", dt.date(2026, 1, 1)).passed
False
>>> read("停车场服务；城市绿化管理建筑物清洁服务。", dt.date(2026, 1, 1)).passed
False
>>> read("企业管理咨询服务；软件开发技术服务；销售代理。", dt.date(2026, 1, 1)).passed
True
>>> [read(f"一般项目：设备销售，通用设备{end}", dt.date(2026, 1, 1)).passed for end in ("修理。", "修理", "修")]
[True, True, False]
>>> read("咨询。（依法须经批准的项目经相关部门批准后方可开展经营活动）", dt.date(2026, 1, 1)).passed
False
>>> with_right_marks("一般项目；技术开发、技术转让：会务服务；批发、零售：五金")
'一般项目：技术开发、技术转让；会务服务；批发、零售：五金'
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.fields.parsed import ABSENT, Parsed, check, chinese_punctuation, without_fill

_OPEN, _CLOSE = "（【〔［《", "）】〕］》"
_KINDS_OF_TRADE = (
    "批发|零售|销售|生产|加工|制造|经营|经销|维修|安装|服务|开发|研发|设计|收购|代购|代销|租赁|出租|种植|养殖|运输|代理|"
    "进出口|进口|出口|提供|从事|网上|互联网|国内|国际|制售|自营|兼营|主营|货物|商品|产品"
)
_HEADING = re.compile(
    rf"(?:(?:{_KINDS_OF_TRADE})[、，及和与兼或/]?)+|.*(?:项目|内容|范围|包括|如下|以下|业务为|其中|分支机构|分公司)(?:经营)?|\w{{1,3}}"
)
_ALWAYS_HEADING = re.compile(r"(?<![^；。（）])((?:许可|一般)(?:经营)?项目)；")
_BRACKETED = re.compile(r"（[^（）]*）")
_CLAUSE = re.compile(r"([^；。：]*)：")
LONGEST_HEADING = 8
"""Characters. A longer clause without a heading's words, or one with a list in it, is a trade."""
_TRADE = re.compile(r"\w{4,}(?:服务|咨询|设计|制作|施工|工程)")
_ENDS = (
    "销售|零售|批发|经营|进出口|服务|转让|交流|推广|咨询|开发|"
    "设计|策划|制作|代理|租赁|维修|修理|施工|加工|制造|生产|管理"
)
"""Words that the name of a trade ends in."""
_RUN_TOGETHER = re.compile(
    rf"）(?![的外除不及和与或])[^\W\d]{{6,}}[；、，。（]|）(?!{_KINDS_OF_TRADE}|[的外除不及和与或])[^\W\d]{{2,}}(?:{_ENDS})[；、，。（]|"
    r"\w（(?:除)?依法须经批准|项目经相关部门|经营活动具体|(?<!\w)\w{3,}(销售|零售|批发|服务)\w{3,}\1(?=[；、，。])|"
    r"技术(?:服务|开发|咨询|交流|转让|推广)技术"
)
"""A trade that follows on a remark in brackets (what only qualifies it, as in …（预包装）销售, begins with what is done
or is short), the closing remark on a trade, or a trade on another: marks of a few pixels are lost easily."""
_TWO_TRADES = re.compile(
    rf"(?<!\w)\w{{2,}}(?:(?:销售|零售|批发|进出口|转让|交流|推广|修理)(?!业务|{_ENDS})[^\W的及和与或]{{2,}}?|"
    rf"服务(?!{_ENDS})[^\W的及和与或]{{3,}}?|(?:管理|开发)(?!{_ENDS})[^\W的及和与或]{{5,}}?)(?:{_ENDS})(?=[；、，。（])"
)
"""Two trades of different kinds: the shorter the second, the likelier the end of the first is a part of one name
(企业管理咨询, 软件开发服务)."""
_HEADED = re.compile(r"(?:许可|一般)(?:经营)?项目：")
_END = re.compile(rf"(?:[。）】〕］]|{_KINDS_OF_TRADE}|{_ENDS})$")
_STRANGE = re.compile(r"[^\w\s（）【】〔〕［］《》、，。；：“”‘’·/\-—－+&%.#~～*＊°*]")


def with_right_marks(scope: str) -> str:
    """A scope with ： and ； each where it can stand; where both can, as it was read."""
    headed = _ALWAYS_HEADING.sub(r"\1：", scope)
    return _CLAUSE.sub(lambda m: m[1] + ("；" if _is_trade(m[1]) else "："), headed)


def _is_trade(clause: str) -> bool:
    """Whether a clause before ： is a trade, or a list of them, and no heading of others."""
    bare = _BRACKETED.sub("", clause)
    if "（" in bare or "）" in bare or not bare or _HEADING.fullmatch(bare):
        return False
    return len(bare) > LONGEST_HEADING or bool(re.search(r"[、，]", bare)) or bool(_TRADE.fullmatch(bare))


def read(text: str, today: dt.date) -> Parsed:
    value = with_right_marks(chinese_punctuation(without_fill(text)).strip("：*"))
    if not re.search(r"\w", value):
        return ABSENT
    balanced = sum(value.count(c) for c in _OPEN) == sum(value.count(c) for c in _CLOSE)
    checks = (
        check("brackets", balanced),
        check("ending", _is_whole(value)),
        check("characters", not _STRANGE.search(value)),
        check("divided", not _RUN_TOGETHER.search(value) and not _TWO_TRADES.search(value)),
    )
    return Parsed(value=value, checks=checks)


def _is_whole(scope: str) -> bool:
    """Whether nothing tells of a missing end: one in the form of headings closes with a mark or the end of a trade.

    The first character twice is the overlap of two pieces of its first line, of which the second may have ended it.
    """
    if len(scope) == 1 or scope.startswith("一一") or scope[-1] in "、，：（【":
        return False
    return bool(_END.search(scope)) or not _HEADED.search(scope)
