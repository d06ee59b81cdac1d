"""What kind of document a page carries, decided by its words; a page may carry several.

Licences and cards announce themselves by a title and by labels that only they print together; a form by its title
(`…登记表`) and by many labels; everything else is `other`. Words of look-alikes (social security cards, driving
licences, bank permits, contracts) speak against.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cmp_to_key
from itertools import pairwise

from ocr import bank_permit, contract
from ocr.fields import credit_code
from ocr.fields.parsed import fold
from ocr.forms import is_label
from ocr.labels import LabelFinder, one_wrong
from ocr.layout import Segment, is_watermarked, rows_of, segments_of
from ocr.templates import Template, forms, own_forms
from records.readings import Line, PageReading
from records.terms import DocumentKind


class Side(StrEnum):
    FRONT = "front"
    BACK = "back"


@dataclass(frozen=True, kw_only=True)
class Part:
    """The lines of a page that belong to one document, in reading order; `side` is that of an ID card."""

    kind: DocumentKind
    page: PageReading
    confidence: float
    side: Side | None = None
    template: str | None = None
    """The name of the template whose title the form bears."""
    title: Line | None = None
    loose: tuple[Line, ...] = ()
    """Lines of the page beside its documents, kept with the last of them so that search finds them."""
    is_watermarked: bool = False
    """Words run across the page that are dark enough to be read."""

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in (*self.page.lines, *self.loose))


_ID_NUMBER_LABEL = re.compile(r"公民.{0,4}号|公民身[份分]|民身[份分]证?号|公.身份.?号码|身份号码|.{2,4}身份号码")
_ID_NUMBER = re.compile(r"\d{14,17}[\dXx]")
CARD_LINES = 14
_ID_LABELS = re.compile(r"姓名|性别|民族|出生|住址")
_ISSUER_LABEL = re.compile(r"签发机[关美天]|签.机关|.发机关|签发.关")
_VALIDITY_LABEL = re.compile(r"有效期限|.效期限|有.期限|有效.限")
_NOT_ID = re.compile(r"居住证|驾驶证|行驶证|社会保障|护照|户口|社保卡|军官证|残疾人证|工作证")
_LICENCE_TITLE = re.compile(r"营业执.|营.执照|.业执照|^业执照$")
_LICENCE_LABELS = re.compile(
    r"统一社会信用代码|注册号|注册资本|成立日期|营业期限|经营范围|法定代表人|登记机关|组成形式|经营场所|营业场所|注册日期|经营者|出资额"
)
_ROUGH_LABELS = tuple(
    (label, re.compile(one_wrong(label)))
    for label in _LICENCE_LABELS.pattern.split("|")
    if len(label) >= 4
)  # fmt: skip
_LICENCE_FOOTER = re.compile(r"信用信息公示系统|总局监制|市场主体应当|企业应当|个体工商户应当|扫描.维码登录|扫码获取")
_OTHER_TITLE = re.compile(
    r"合同|协议|发票|许可证|备案|证明|委托书|授权书|章程|决议|通知|社会保障|驾驶证|行驶证|护照|户口|登记证|开户|身份证|执照"
)
_FORM_TITLE = re.compile(
    r"[\w、（）()·/]{2,28}(?:表|登记卡|档案卡|资料卡|档案|简历|申请书|登记单|申请单|信息卡)(?:[（(][^（）()]*[）)])?"
)
_LICENCE_SURE = 9.0
FEWEST_LINES = 6
"""What one of two papers side by side prints at least."""
GUTTER_SHARE = 0.02
"""How wide the blank between two of them is at least, as a share of all the print."""


def parts_of(page: PageReading) -> list[Part]:
    """The documents, or sides of documents, that a page carries, from top to bottom; they hold all its lines."""
    halves = _facing_pages(page)
    parts = [part for half in halves or [page] for part in _on_one_side(half)]
    held = {id(line) for part in parts for line in part.page.lines}
    loose = tuple(line for line in page.lines if id(line) not in held)
    watermarked = is_watermarked(page.lines)
    parts = [replace(part, is_watermarked=watermarked) for part in parts]
    return [*parts[:-1], replace(parts[-1], loose=loose)]


def _facing_pages(page: PageReading) -> list[PageReading]:
    """The two sides of a sheet with two papers side by side, each with a title of its own; else none."""
    segments = segments_of(page)
    gutter = _gutter(segments)
    if gutter is None:
        return []
    halves = [
        _only(page, [s.line for s in segments if (s.left + s.right < 2 * gutter) == on_left])
        for on_left in (True, False)
    ]
    return halves if all(_is_titled(half) for half in halves) else []


def _gutter(segments: Sequence[Segment]) -> float | None:
    """The middle of the widest blank strip from top to bottom in the middle third of the print."""
    if len(segments) < 2 * FEWEST_LINES:
        return None
    left, right = min(s.left for s in segments), max(s.right for s in segments)
    near, far = left + (right - left) / 3, right - (right - left) / 3
    crossing = sorted((max(near, s.left), min(far, s.right)) for s in segments if s.right > near and s.left < far)
    reached, widest, gutter = near, GUTTER_SHARE * (right - left), None
    for begin, end in [*crossing, (far, far)]:
        if begin - reached > widest:
            widest, gutter = begin - reached, (begin + reached) / 2
        reached = max(reached, end)
    return gutter


def _is_titled(page: PageReading) -> bool:
    segments = segments_of(page)
    if len(segments) < FEWEST_LINES:
        return False
    parts = _papers(page, segments) or _forms(page, segments)
    return any(part.title is not None for part in parts)


def _on_one_side(page: PageReading) -> list[Part]:
    segments = segments_of(page)
    cards = _cards(page, segments)
    carded = {id(line) for part in cards for line in part.page.lines}
    rest = [s for s in segments if id(s.line) not in carded]
    announced = sorted([*cards, *_licences(page, rest, alone=not cards)], key=cmp_to_key(_comes_before))
    return announced or _papers(page, segments) or _forms(page, segments) or [_other(page)]


def _comes_before(a: Part, b: Part) -> int:
    """Below 0 if the first of two stands above, or beside the other on its left."""
    (left, top, bottom), (other_left, other_top, other_bottom) = _extent(a), _extent(b)
    shared = min(bottom, other_bottom) - max(top, other_top)
    side_by_side = shared > 0.5 * min(bottom - top, other_bottom - other_top)
    return round(left - other_left if side_by_side else top - other_top)


def _extent(part: Part) -> tuple[float, float, float]:
    """Left, top and bottom of what a part prints."""
    points = [point for line in part.page.lines for point in line.box] or [(0.0, 0.0)]
    ys = [y for _, y in points]
    return min(x for x, _ in points), min(ys), max(ys)


def _only(page: PageReading, lines: Sequence[Line]) -> PageReading:
    wanted = {id(line) for line in lines}
    return replace(page, lines=tuple(line for line in page.lines if id(line) in wanted))


# --- identity cards ---


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


def _cards(page: PageReading, segments: Sequence[Segment]) -> list[Part]:
    if any(_NOT_ID.search(s.text) and len(s.text) < 16 for s in segments):
        return []
    windows = [w for s in segments for w in (_front_window(s, segments), _back_window(s, segments)) if w is not None]
    if all(w.side is Side.BACK for w in windows) and len(segments) <= CARD_LINES * (1 + len(windows)):
        windows += [_number_window(s) for s in segments if _ID_NUMBER.fullmatch(s.text)][:1]
    parts = []
    for window in windows:
        lines = [s.line for s in segments if window.holds(s)]
        confidence = _card_confidence(window.side, lines)
        if confidence:
            parts.append(
                Part(kind=DocumentKind.ID_CARD, page=_only(page, lines), confidence=confidence, side=window.side)
            )
    return parts


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
    right = max((o.right for o in dates), default=s.left + 15 * s.height)
    span = max(right - s.left, 12 * s.height)
    return _Window(
        side=Side.BACK,
        left=s.left - 0.45 * span,
        right=s.left + 1.35 * span,
        top=s.middle - 0.95 * span,
        bottom=s.middle + 5 * s.height,
    )


def _prints_issuer(segments: Sequence[Segment]) -> bool:
    return any(_ISSUER_LABEL.match(s.text) for s in segments)


def _card_confidence(side: Side, lines: Sequence[Line]) -> float:
    """0 when too little of the side is there to call it one."""
    text = "".join("".join(line.text.split()) for line in lines)
    if side is Side.FRONT:
        labels = len(set(_ID_LABELS.findall(text)))
        bare = len(lines) <= CARD_LINES and _ID_NUMBER.search(text) is not None
        return 0.0 if labels < (1 if bare else 2) else min(0.99, 0.6 + 0.08 * labels)
    signs = [bool(_VALIDITY_LABEL.search(text)), "身份证" in text, "共和国" in text, "公安局" in text]
    return 0.0 if sum(signs) < (1 if _ISSUER_LABEL.search(text) else 2) else min(0.99, 0.55 + 0.11 * sum(signs))


# --- business licences ---


def _licences(page: PageReading, segments: Sequence[Segment], *, alone: bool) -> list[Part]:
    titles = [s for s in segments if _LICENCE_TITLE.search(s.text) and len(s.text) <= 10]
    score = 3.0 * bool(titles) + _licence_words(page, segments)
    if score < 5:
        return []
    confidence = min(0.99, 0.5 + 0.5 * score / _LICENCE_SURE)
    groups = _apart(titles, segments)
    return [
        Part(
            kind=DocumentKind.BUSINESS_LICENSE,
            page=page if alone and len(groups) == 1 else _only(page, group),
            confidence=confidence,
        )
        for group in groups
    ]


def _licence_words(page: PageReading, segments: Sequence[Segment]) -> float:
    rows = rows_of(segments)
    heads = {text[:12] for text in (*(row.text for row in rows), *(s.text for s in segments))}
    labels = {label for head in heads if (label := _licence_label(head)) is not None}
    inner = {m[0] for row in rows for m in _LICENCE_LABELS.finditer(row.text)} - labels
    footers = any(_LICENCE_FOOTER.search(s.text) for s in segments)
    colons = sum(s.text[:12].count(":") for s in segments)
    form = any(_is_form_title(s, segments, page) for s in segments)
    other = any(_is_other_title(s.text) and len(s.text) <= 12 and "营业" not in s.text for s in segments)
    coded = any(credit_code.check_digits_hold(s.text[-18:]) for s in segments)
    return len(labels) + coded + 0.5 * len(inner) + 2 * footers - 5 * form - 1.5 * other - max(0, colons - 4)


def _licence_label(head: str) -> str | None:
    """The label of a licence that a row begins with; on a copy of a copy with a character misread."""
    match = _LICENCE_LABELS.search(head)
    return match[0] if match else next((label for label, rough in _ROUGH_LABELS if rough.search(head)), None)


def _apart(titles: Sequence[Segment], segments: Sequence[Segment]) -> list[list[Line]]:
    """The lines of each licence where a page carries several: below one another, or side by side."""
    if len(titles) < 2:
        return [[s.line for s in segments]]
    first, second = titles[0], titles[1]
    if abs(first.middle - second.middle) < 2 * first.height:
        cut = (first.right + second.left) / 2 if first.left < second.left else (second.right + first.left) / 2
        sides = [[s.line for s in segments if (s.left + s.right) / 2 < cut]]
        sides.append([s.line for s in segments if (s.left + s.right) / 2 >= cut])
    elif second.middle - first.middle > 8 * first.height:
        cut = _widest_gap(segments, second)
        sides = [[s.line for s in segments if s.middle < cut], [s.line for s in segments if s.middle >= cut]]
    else:
        sides = [[s.line for s in segments]]
    return sides


def _widest_gap(segments: Sequence[Segment], title: Segment) -> float:
    """Where the blank between two documents lies that are copied one above the other."""
    above = [s.middle for s in segments if -6 * title.height < s.middle - title.middle < 0] + [title.middle]
    gaps = [(lower - upper, (upper + lower) / 2) for upper, lower in pairwise(sorted(above))]
    return max(gaps)[1] if gaps else title.middle - 2 * title.height


# --- permits, contracts, forms and the rest ---


def _papers(page: PageReading, segments: Sequence[Segment]) -> list[Part]:
    """The permit or the contract that a page is, or begins."""
    permit = bank_permit.title_of(segments)
    if permit is not None:
        return [Part(kind=DocumentKind.BANK_PERMIT, page=page, confidence=0.95, title=permit.line)]
    contract_title = contract.title_of(segments, page.height_px)
    if contract_title is not None:
        return [Part(kind=DocumentKind.CONTRACT, page=page, confidence=0.9, title=contract_title.line)]
    return []


def _forms(page: PageReading, segments: Sequence[Segment]) -> list[Part]:
    """The forms of a page; two printed one above the other (with its counterfoil) are two."""
    titles = [s for s in segments if _is_form_title(s, segments, page)]
    if not titles and not _is_untitled_form(segments) and _template_of(segments, own_forms()) is None:
        return []
    cuts = [0.0, *(t.middle - t.height for t in titles[1:]), float("inf")]
    parts = []
    for i, (top, bottom) in enumerate(pairwise(cuts)):
        own = [s for s in segments if top <= s.middle < bottom]
        template = _template_of(own, forms())
        parts.append(
            Part(
                kind=DocumentKind.REGISTRATION_FORM,
                page=page if len(cuts) == 2 else _only(page, [s.line for s in own]),
                confidence=0.97 if template else 0.85 if titles else 0.6,
                template=template,
                title=titles[i].line if titles else None,
            )
        )
    return parts


def _is_form_title(s: Segment, segments: Sequence[Segment], page: PageReading) -> bool:
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


def _is_untitled_form(segments: Sequence[Segment]) -> bool:
    if any(_is_other_title(s.text) and len(s.text) <= 14 and not is_label(s.text) for s in segments):
        return False
    labels = sum(is_label(s.text) for s in segments)
    return labels >= 7 and labels > 0.2 * len(segments)


def _is_other_title(text: str) -> bool:
    """Licences say 备案、许可、监管信息 beside their QR code; a title whose first character is lost is still theirs."""
    return bool(_OTHER_TITLE.search(text)) and not _LICENCE_TITLE.search(text) and "监管信息" not in text


def _template_of(segments: Sequence[Segment], templates: Sequence[Template]) -> str | None:
    """The template whose title stands at the head and at least three of whose labels are printed."""
    head = "".join(s.text for s in segments[:8])
    rows = rows_of(segments)
    for template in templates:
        if any(re.search(one_wrong(fold(title)), head) for title in template.titles):
            found = {a.field for a in LabelFinder(template.labels()).find(rows)} - {None}
            if len(found) >= 3:
                return template.name
    return None


def _other(page: PageReading) -> Part:
    return Part(kind=DocumentKind.OTHER, page=page, confidence=0.7 if page.lines else 0.3)
