"""A hash chain over canonical JSON: what was written cannot be changed, removed, added or reordered unseen.

`hash = SHA-256(previous hash as 64 hex digits ‖ canonical JSON, UTF-8)`. Canonical JSON is sorted keys, no spaces, no
escapes beyond those JSON needs. Used by the audit log and the destruction register; `verify` needs no database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from records.errors import ChainBroken

GENESIS = "0" * 64


class Link(NamedTuple):
    """One entry of a chain as exported. A tuple, because millions of them are made when a chain is verified."""

    seq: int
    entry: str
    previous_hash: str
    hash: str


def canonical(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link_hash(previous_hash: str, entry: str) -> str:
    return hashlib.sha256(previous_hash.encode("ascii") + entry.encode()).hexdigest()


def verify(links: Iterable[Link], *, after: str = GENESIS, first_seq: int = 1) -> tuple[int, str]:
    """Walk the chain; give back its last number and hash.

    Raises:
        ChainBroken: names the first number at which the chain does not hold, and why.
    """
    expected_seq, previous = first_seq, after
    for link in links:
        if link.seq != expected_seq:
            raise ChainBroken("An entry is missing or out of order.", seq=expected_seq, found=link.seq)
        if link.previous_hash != previous:
            raise ChainBroken("An entry does not follow the one before it.", seq=link.seq)
        if link_hash(previous, link.entry) != link.hash:
            raise ChainBroken("An entry was changed.", seq=link.seq)
        expected_seq, previous = expected_seq + 1, link.hash
    return expected_seq - 1, previous
