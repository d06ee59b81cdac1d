"""The fields of a form: by a template where one is known, else by what looks like a label and stands beside a value.

Where the form is ruled its cells tell which value belongs to which label (`table`). Elsewhere a value stands behind a
colon, to the right of its label, or under it. The printed label names the field; a label printed twice gets the number
of its occurrence (`联系电话`, `联系电话 2`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import yaml

from ocr import templates
from ocr.fields.parsed import fold
from ocr.fields.plain import EMPTY, TICKED
from ocr.labels import finder_of
from ocr.layout import Row, Segment, rows_of
from ocr.stacked import joined
from ocr.table import Table
from ocr.templates import FOLDER, Template
from ocr.values import Found, Values
from records.readings import Mark

_COLON_LABEL = re.compile(
    r"(?<!\d)([^:：\s\d_]{0,3}[\u3400-\u9fff][^:：_]{0,18}?|Tel|E-?mail|QQ|Fax)\s*[:：]", re.IGNORECASE
)
_LATIN_HEAD = re.compile(r"^[A-Za-z'\-., ()/]{3,}(?=[\u3400-\u9fff])")
_WRAPPED = re.compile(r"^[A-Za-z'\- ]*[(（]([^()（）]*[\u3400-\u9fff][^()（）]*)[)）]$")
_LATIN = re.compile(r"[A-Za-z'\-., ()/]{3,}")
CLEAR = 0.9
"""A line read with less confidence is added to no value: it may be dirt."""
SECRETS = ("密码", "口令")
"""Some cards carry the password of a portal: it is no field, and is never stored as one."""
_BLANK = re.compile(r"[\s_＿\-—.…/$￥¥]*")
_SIMPLIFIED = str.maketrans("國證號電話職業學歷時間單", "国证号电话职业学历时间单")


@dataclass(frozen=True, kw_only=True)
class _Patterns:
    labels: frozenset[str]
    endings: tuple[str, ...]
    beginnings: tuple[str, ...]
    rules: dict[str, str]


@cache
def _patterns() -> _Patterns:
    content = yaml.safe_load((FOLDER / "form_labels.yaml").read_text(encoding="utf-8"))
    return _Patterns(
        labels=frozenset(content["labels"]),
        endings=tuple(content["endings"]),
        beginnings=tuple(content["beginnings"]),
        rules={label: rule for rule, labels in content["rules"].items() for label in labels},
    )


def rule_of(label: str) -> str:
    """The rule for a printed label of an unknown form; plain text where it does not say what it holds."""
    return _patterns().rules.get(re.sub(r" \d+$", "", label), "text")


def label_name(text: str) -> str:
    """The label as the field is named by it: Chinese only, without colon, number and remark."""
    name = text.strip(" :：*_.、").translate(_SIMPLIFIED)
    wrapped = _WRAPPED.match(name)
    if wrapped:
        name = wrapped[1].strip(" :：")
    return _LATIN_HEAD.sub("", name).strip(" :：")


def is_label(text: str) -> bool:
    """Whether a whole segment is a label."""
    if text.endswith((":", "：")) or _WRAPPED.match(text.strip(":： ")):
        return 2 <= len(label_name(text)) <= 20 and not re.search(r"\d{3}", text)
    name = label_name(text)
    patterns = _patterns()
    if name in patterns.labels:
        return True
    known = name.endswith(patterns.endings) or name.startswith(patterns.beginnings)
    return known and 2 <= len(name) <= 12 and not re.search(r"[\d，。；、]{2}|\d|[，。；！？]", name)


def find_by_template(
    segments: Sequence[Segment], template: Template, marks: Sequence[Mark] = ()
) -> dict[str, tuple[str, Found | None]]:
    """The printed labels of a template's fields, each with the field's name in the template and its value."""
    segments = joined(segments, template.labels())
    rows = rows_of(segments)
    anchors = finder_of(template).find(rows)
    values = Values(rows, anchors)
    labels = [rows[anchor.row].cut(anchor.start, anchor.end) for anchor in anchors]
    lines = {field.name: field.lines for field in template.fields}
    near = [
        None if anchor.field is None else values.of_cell(anchor, lines[anchor.field]) or values.below(anchor)
        for anchor in anchors
    ]
    printed = {id(part.line) for label in labels for part in label}
    table = Table(marks, segments, lambda s: id(s.line) in printed or is_label(s.text))
    found: dict[str, tuple[str, Found | None]] = {}
    for anchor, value in zip(anchors, _within_cells(table, labels, near), strict=True):
        if anchor.field is not None:
            filled = value is not None and not _BLANK.fullmatch(value.text)
            found[anchor.label] = (
                anchor.field,
                replace(value, label_read=anchor.is_read) if value and filled else None,
            )
    return found


def find_by_looks(segments: Sequence[Segment], marks: Sequence[Mark] = ()) -> dict[str, Found | None]:
    """Labels of an unknown form in reading order with their values; None where a label has no value."""
    return _Reader(joined(segments, _known_labels()), marks).read()


def _within_cells(
    table: Table, labels: Sequence[Sequence[Segment]], values: Sequence[Found | None]
) -> list[Found | None]:
    """The values that stand nearest to labels, held against the rules of the form.

    One that stands in the cell of its label is kept. Where it does not, what stands in that cell is the value; where
    that is empty, what belongs to another label is none.
    """
    ruled = [[] if _is_glued(label) else table.value_of(label) for label in labels]
    owner = {id(s): i for i, own in enumerate(ruled) for s in own}
    return [_ruled(i, value, own, owner) for i, (value, own) in enumerate(zip(values, ruled, strict=True))]


def _ruled(i: int, value: Found | None, own: Sequence[Segment], owner: Mapping[int, int]) -> Found | None:
    kept = value is not None and (
        _is_choice(value.segments[0]) or all(owner.get(id(s), i) == i for s in value.segments)
    )
    if kept and value is not None and not _goes_on(value, own):
        return value
    return Found(segments=tuple(own)) if own else None


def _goes_on(value: Found, own: Sequence[Segment]) -> bool:
    """Whether a cell has clear lines above or below those that were taken, in one column with them."""
    taken = {id(s) for s in value.segments}
    more = [s for s in own if id(s) not in taken]
    stacked = (any(_is_under(a, s) or _is_under(s, a) for a in own) for s in more)
    return bool(more) and all(stacked) and all(s.line.confidence >= CLEAR for s in more)


def _is_glued(label: Sequence[Segment]) -> bool:
    """Whether a value was read as one line with its label, over the wall between them."""
    return any(len(_bare(part.text)) < len(_bare("".join(part.line.text.split()))) for part in label)


def _bare(text: str) -> str:
    return text.strip(" :：*_.、")


Pair = tuple[Segment, str, Found | None]
"""A label, the name of its field and its value."""


class _Reader:
    def __init__(self, segments: Sequence[Segment], marks: Sequence[Mark]) -> None:
        segments = [s for s in segments if s.line.confidence >= 0.5 or len(s.text) > 2]
        self._rows = rows_of(segments)
        self._segments = sorted(segments, key=lambda s: (s.middle, s.left))
        self._latin = {id(s) for s in segments if self._is_latin_half(s)}
        self._labels = {id(s) for s in segments if is_label(s.text)} - self._latin
        self._colons = {id(s) for s in segments if id(s) not in self._labels and _inline(s)}
        self._used: set[int] = set()
        own = [s for s in segments if id(s) not in self._latin]
        self._table = Table(marks, own, lambda s: id(s) in self._labels | self._colons)

    def read(self) -> dict[str, Found | None]:
        pairs: list[Pair] = []
        for row in self._rows:
            pairs += self._in_row(row)
        pairs = [(label, name, value or self._in_cell(label) or self._below(label)) for label, name, value in pairs]
        pairs = [(label, name, self._wrapped(value)) for label, name, value in pairs]
        values = _within_cells(self._table, [[label] for label, _, _ in pairs], [value for _, _, value in pairs])
        pairs = [(label, name, value) for (label, name, _), value in zip(pairs, values, strict=True)]
        return _numbered(sorted(pairs, key=lambda pair: (pair[0].middle, pair[0].left)))

    def _is_latin_half(self, s: Segment) -> bool:
        """The English half of a bilingual label, which stands on the Chinese one."""
        if not _LATIN.fullmatch(s.line.text.strip()) or is_label(s.text):
            return False
        return any(
            0 < o.middle - s.middle < 2.4 * s.height
            and abs(o.left - s.left) < s.height
            and re.search(r"[\u3400-\u9fff]", o.text)
            for o in self._segments
        ) or any(0 < o.middle - s.middle < 1.5 * s.height and abs(o.left - s.left) < s.height for o in self._segments)

    def _in_row(self, row: Row) -> list[Pair]:
        pairs: list[Pair] = []
        waiting: tuple[Segment, str] | None = None
        for segment in row.segments:
            if id(segment) in self._labels:
                if waiting:
                    pairs.append((*waiting, None))
                waiting = (segment, label_name(segment.line.text))
            elif id(segment) in self._colons:
                if waiting:
                    pairs.append((*waiting, None))
                inside = _inline(segment)
                for name, value in inside[:-1]:
                    pairs.append((segment, name, Found(segments=(value,)) if value else None))
                name, value = inside[-1]
                waiting = None if value else (segment, name)
                if value:
                    pairs.append((segment, name, Found(segments=(value, *self._after(row, segment)))))
            elif waiting and id(segment) not in self._latin and not _BLANK.fullmatch(segment.text):
                self._used.add(id(segment))
                pairs.append((*waiting, Found(segments=(segment, *self._after(row, segment)))))
                waiting = None
        if waiting:
            pairs.append((*waiting, None))
        return pairs

    def _after(self, row: Row, segment: Segment) -> list[Segment]:
        """What detection cut off a value's end."""
        at = next(i for i, s in enumerate(row.segments) if s is segment)
        kept: list[Segment] = []
        last = segment
        for s in row.segments[at + 1 :]:
            if s.left - last.right > 1.2 * s.height or id(s) in self._labels or id(s) in self._colons:
                break
            self._used.add(id(s))
            kept.append(s)
            last = s
        return kept

    def _in_cell(self, label: Segment) -> Found | None:
        """A value of two lines in the cell to the right, one a little above its label and one a little below."""
        beside = [s for s in self._segments if 0 < s.left - label.right < 6 * label.height and self._is_free(s)]
        near = [s for s in beside if abs(s.middle - label.middle) < 1.2 * label.height]
        above = [s for s in near if s.middle < label.middle]
        pair = next(((a, b) for a in above for b in near if b.middle > label.middle and _is_under(a, b)), None)
        if pair is None or any(label.right < s.left < pair[0].left and id(s) in self._labels for s in beside):
            return None
        self._used |= {id(s) for s in pair}
        return Found(segments=pair)

    def _is_free(self, s: Segment) -> bool:
        return id(s) not in self._used | self._labels | self._colons | self._latin

    def _below(self, label: Segment) -> Found | None:
        for s in self._segments:
            down = s.middle - label.middle
            if down < 0.6 * label.height or id(s) in self._latin or not _under(label, s):
                continue
            if down > 4.5 * label.height or id(s) in self._labels or id(s) in self._colons or id(s) in self._used:
                return None
            self._used.add(id(s))
            return Found(segments=(s,))
        return None

    def _wrapped(self, value: Found | None) -> Found | None:
        """The value with the lines it goes on over: close under one another, beginning at the same place."""
        if value is None or len(value.segments[0].text) < 2:
            return value
        lines = list(value.segments)
        last = value.segments[0]
        for s in self._segments:
            step = s.middle - last.middle
            if step < 0.6 * last.height:
                continue
            if step > 1.7 * last.height:
                break
            if self._is_free(s) and abs(s.left - last.left) < 0.6 * last.height and (_is_choice(s) == _is_choice(last)):
                self._used.add(id(s))
                lines.append(s)
                last = s
        return Found(segments=tuple(lines))


def _is_under(a: Segment, b: Segment) -> bool:
    """Whether one line stands close under another, in the same column."""
    centred = abs((a.left + a.right) - (b.left + b.right)) < 1.2 * a.height
    return 0 < b.middle - a.middle < 1.8 * a.height and (centred or abs(a.left - b.left) < 0.6 * a.height)


def _is_choice(s: Segment) -> bool:
    return any(c in s.text for c in TICKED + EMPTY)


def _under(label: Segment, s: Segment) -> bool:
    aligned = abs(s.left - label.left) < 1.2 * label.height
    centre = (s.left + s.right) / 2
    return aligned or label.left - 0.5 * label.height <= centre <= label.right + 0.5 * label.height


def _inline(s: Segment) -> list[tuple[str, Segment | None]]:
    """The labels before colons inside a segment, each with the part after it; nested ones are joined (`电话 家中`)."""
    pairs: list[tuple[str, Segment | None]] = []
    matches = [m for m in _COLON_LABEL.finditer(s.text) if not re.search(r"\d{2}|https?$", m[1])]
    starts = [m.start() + (_label_start(s, m) if i else 0) for i, m in enumerate(matches)]
    outer = ""
    for i, match in enumerate(matches):
        end = starts[i + 1] if i + 1 < len(matches) else len(s.text)
        name = f"{outer} {label_name(s.text[starts[i] : match.end(1)])}".strip()
        if end <= match.end() and i + 1 < len(matches):
            outer = name
            continue
        filled = not _BLANK.fullmatch(s.text[match.end() : end])
        pairs.append((name, s.part(match.end(), end) if filled else None))
        outer = ""
    return pairs


def _label_start(s: Segment, match: re.Match[str]) -> int:
    """Where, in the text between two colons, the value ends and the next label begins.

    A space in print tells it, or a label that is known; otherwise all of it is the label.
    """
    run = match[1]
    for word in reversed(s.line.text.split()):
        head = re.split("[:：]", word)[0]
        if head and head != run and fold(head) == run[-len(head) :]:
            return len(run) - len(head)
    return next((i for i in range(len(run) - 1) if run[i:] in _known_labels()), 0)


@cache
def _known_labels() -> frozenset[str]:
    return _patterns().labels | {label for template in templates.shipped_forms() for label in template.labels()}


def _numbered(pairs: Sequence[tuple[Segment, str, Found | None]]) -> dict[str, Found | None]:
    seen: dict[str, int] = {}
    fields: dict[str, Found | None] = {}
    for _, name, value in pairs:
        if not name or name.endswith(SECRETS):
            continue
        seen[name] = seen.get(name, 0) + 1
        fields[name if seen[name] == 1 else f"{name} {seen[name]}"] = value
    return fields
