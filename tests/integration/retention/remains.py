"""An independent look for remains: reads files as bytes, knows nothing of the program that should have erased them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
CHUNK_BYTES = 8 * 1024 * 1024


def planted_phrase(seed: int, length: int = 8) -> str:
    """Rare characters (CJK Extension A) in a sequence that nothing else contains, so that even a pair of them tells."""
    chosen = random.Random(seed)
    return "".join(chr(chosen.randrange(0x3400, 0x4DB0)) for _ in range(length))


def traces_of(phrase: str) -> set[bytes]:
    """Every form in which two neighbouring characters of the phrase could stand in a file."""
    pairs = {phrase[i : i + 2] for i in range(len(phrase) - 1)}
    return {pair.encode(encoding) for pair in pairs for encoding in ENCODINGS}


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
