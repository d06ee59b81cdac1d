"""An independent look for remains: reads files as bytes, knows nothing of the program that should have erased them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ENCODINGS = {"utf-8": 2, "gb18030": 2, "utf-16-le": 3, "utf-16-be": 3}
"""Each with the characters that make a trace. In UTF-16 a pair is four bytes, which sealed objects of a few hundred
megabytes hold by chance; six bytes they do not."""
CHUNK_BYTES = 8 * 1024 * 1024


def planted_phrase(seed: int, length: int = 8) -> str:
    """Rare characters (CJK Extension A) in a sequence that nothing else contains, so that even a pair of them tells."""
    chosen = random.Random(seed)
    return "".join(chr(chosen.randrange(0x3400, 0x4DB0)) for _ in range(length))


def traces_of(phrase: str) -> set[bytes]:
    """Every form in which two or three neighbouring characters of the phrase could stand in a file."""
    return {
        phrase[start : start + length].encode(encoding)
        for encoding, length in ENCODINGS.items()
        for start in range(len(phrase) - length + 1)
    }


def traces_of_number(number: str) -> set[bytes]:
    return {number.encode("ascii"), number.encode("utf-16-le"), number.lower().encode("ascii")}


def find_remains(directories: Iterable[Path], traces: set[bytes], *, skip: frozenset[str]) -> list[str]:
    """Files that still hold one of the traces, with the first. `skip` names directories that are not looked into."""
    wanted = re.compile(b"|".join(re.escape(trace) for trace in sorted(traces)))
    longest = max(map(len, traces))
    found = []
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and not skip.intersection(path.parts):
                hits = (wanted.search(chunk) for chunk in _chunks(path, longest))
                found += [f"{path}: {hit[0]!r}" for hit in hits if hit]
    return found


def _chunks(path: Path, overlap: int) -> Iterator[bytes]:
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield tail + chunk
            tail = (tail + chunk)[-overlap:]
