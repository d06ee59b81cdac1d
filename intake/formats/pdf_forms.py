"""How often a PDF's forms draw one another, counted before anything is drawn.

A form may draw other forms, each several times: nine of them drawing the next ten times each make a milliard of
drawings from three kilobytes, and PDFium, which copies each drawing when it opens the page, cannot be interrupted
there. Forms are streams, so their dictionaries lie open in the file; resources packed into an object stream are not
seen here, and are left to the limits of the process.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator

from records.errors import TooDemanding

Drawings = dict[int, list[tuple[int, set[int]]]]
"""For each form, by object number: how often it draws one of which forms. One, where its name tells which."""
Names = dict[bytes, set[int]]

_FORM = re.compile(rb"/Form(?![A-Za-z])")
_HEADER = re.compile(rb"(?<!\d)(\d{1,10})\s{1,8}\d{1,5}\s{1,8}obj")
_NAMED = re.compile(rb"/([^\s/<>\[\](){}%]{1,127})\s{0,8}(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R(?![A-Za-z])")
_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]{1,127})\s{1,8}Do(?![A-Za-z])")
_DICTIONARY_BYTES_AT_MOST = 8192
_CONTENT_BYTES_AT_MOST = 1 << 20
_FORMS_AT_MOST = 2_000
_DEPTH = 40
"""PDFium goes no deeper, into circles neither."""
_DRAWINGS_AT_MOST = 200_000


def check_forms(data: bytes) -> None:
    """Raises TooDemanding."""
    forms = dict(_forms(data))
    if not forms:
        return
    everywhere = _names(data, forms)
    drawings = {number: _drawings(data, start, forms, everywhere) for number, start in forms.items()}
    if _total(drawings) > _DRAWINGS_AT_MOST:
        raise TooDemanding(reason="forms_within_forms", limit=_DRAWINGS_AT_MOST)


def _forms(data: bytes) -> Iterator[tuple[int, int]]:
    """Object number and start of each form's dictionary; of two with one number, the later in the file."""
    at, found = data.find(b"/Form"), 0
    while at >= 0 and found < _FORMS_AT_MOST:
        if _FORM.match(data, at) and (header := _header_before(data, at)):
            found += 1
            yield int(header[1]), header.end()
        at = data.find(b"/Form", at + 5)


def _header_before(data: bytes, at: int) -> re.Match[bytes] | None:
    obj = data.rfind(b"obj", max(0, at - _DICTIONARY_BYTES_AT_MOST), at)
    if obj < 0:
        return None
    headers = list(_HEADER.finditer(data, max(0, obj - 40), obj + 3))
    return headers[-1] if headers else None


def _names(data: bytes, forms: dict[int, int]) -> Names:
    """What forms are called anywhere: a form without resources of its own may draw by the names of its page."""
    names: Names = {}
    at, found = data.find(b"/XObject"), 0
    while at >= 0 and found < _FORMS_AT_MOST:
        for name, target in _NAMED.findall(data, at, at + _DICTIONARY_BYTES_AT_MOST):
            if int(target) in forms:
                names.setdefault(name, set()).add(int(target))
        at, found = data.find(b"/XObject", at + 8), found + 1
    return names


def _drawings(data: bytes, start: int, forms: dict[int, int], everywhere: Names) -> list[tuple[int, set[int]]]:
    end = data.find(b"stream", start, start + _DICTIONARY_BYTES_AT_MOST)
    if end < 0:
        return []
    dictionary = data[start:end]
    own = {name: {target} for name, target in _named_objects(data, dictionary) if target in forms}
    drawn = Counter(match[1] for match in _DRAWN.finditer(_content(data, dictionary, end)))
    named = own if b"/Resources" in dictionary else everywhere
    return [(times, named[name]) for name, times in drawn.items() if name in named]


def _named_objects(data: bytes, dictionary: bytes) -> Iterator[tuple[bytes, int]]:
    """What the dictionary names, and what the resources it refers to name."""
    for name, number in _NAMED.findall(dictionary):
        yield name, int(number)
        if name in (b"Resources", b"XObject"):
            yield from _named_objects_of(data, number, name)


def _named_objects_of(data: bytes, number: bytes, name: bytes) -> Iterator[tuple[bytes, int]]:
    start = data.rfind(b"\n" + number + b" 0 obj")
    if start < 0:
        return
    end = data.find(b"endobj", start, start + _DICTIONARY_BYTES_AT_MOST)
    for inner, target in _NAMED.findall(data[start : max(start, end)]):
        yield inner, int(target)
        if name == b"Resources" and inner == b"XObject":
            yield from _named_objects_of(data, target, inner)


def _content(data: bytes, dictionary: bytes, stream_at: int) -> bytes:
    start = stream_at + len(b"stream")
    start += 2 if data[start : start + 2] == b"\r\n" else 1
    if b"/Filter" not in dictionary:
        return data[start : data.find(b"endstream", start, start + _CONTENT_BYTES_AT_MOST)]
    try:
        return zlib.decompressobj().decompress(data[start : start + _CONTENT_BYTES_AT_MOST], _CONTENT_BYTES_AT_MOST)
    except zlib.error:
        return b""  # another filter, or damaged: the opening will tell


def _total(drawings: Drawings) -> int:
    """The most that one form draws, itself and all below it; stops counting beyond the limit."""
    totals = dict.fromkeys(drawings, 1)
    for _ in range(_DEPTH):
        deeper = {
            form: 1 + sum(times * max(totals[one] for one in targets) for times, targets in below)
            for form, below in drawings.items()
        }
        if deeper == totals or max(deeper.values()) > _DRAWINGS_AT_MOST:
            return max(deeper.values())
        totals = deeper
    return max(totals.values())
