"""The few things a PDF file is made of, enough for pages of pictures and text. Source: ISO 32000-1, 7.3-7.5.

The same content always gives the same bytes: there is no date, no random identifier and no name of a producer in them.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class PdfFile:
    """Objects in the order of their numbers; a number may be taken before its object is known."""

    def __init__(self) -> None:
        self._objects: list[bytes | None] = []

    def reserve(self) -> int:
        self._objects.append(None)
        return len(self._objects)

    def put(self, content: bytes | str, number: int | None = None) -> int:
        """Add an object, under a number that was reserved or a new one; gives its number."""
        number = number or self.reserve()
        self._objects[number - 1] = content if isinstance(content, bytes) else content.encode("latin-1")
        return number

    def put_stream(self, content: bytes, entries: str = "", *, is_packed: bool = False) -> int:
        """Add a stream; `is_packed` for bytes that carry a filter of their own, named among the entries."""
        if not is_packed:
            content, entries = zlib.compress(content), f"{entries} /Filter /FlateDecode"
        head = f"<< {entries} /Length {len(content)} >>\nstream\n".encode("latin-1")
        return self.put(head + content + b"\nendstream")

    def as_bytes(self, root: int) -> bytes:
        """The whole file; `root` is the number of its catalogue."""
        file, offsets = bytearray(_HEADER), []
        for number, content in enumerate(self._objects, start=1):
            assert content is not None, f"object {number} was reserved and never put"
            offsets.append(len(file))
            file += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
        start, name = len(file), hashlib.sha256(file).hexdigest()[:32].upper()
        entries = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
        file += f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n{entries}".encode()
        trailer = dictionary({"Size": str(len(offsets) + 1), "Root": f"{root} 0 R", "ID": f"[<{name}> <{name}>]"})
        return bytes(file + f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode())


def dictionary(entries: Mapping[str, str]) -> str:
    return "<< " + " ".join(f"/{name} {value}" for name, value in entries.items()) + " >>"


def number(value: float) -> str:
    """A number as PDF writes it: no exponent, no needless zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
