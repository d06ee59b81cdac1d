"""Anchors: the end of the audit chain, written daily outside the database, so that cutting the tail shows (K49).

An anchor is one JSON file, `anchors/<UTC time>-<number>.json`, with `at`, `seq`, `hash` and `signature`: the HMAC of
the other three under a key that only this archive has. Copied elsewhere (printed, mailed, put on write-once media) it
binds whoever holds the database; as it lies, whoever holds the database but not the master key.
"""

from __future__ import annotations

import hmac
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from intake.archive import Archive
from intake.scan_folder import write_whole
from records import audit, chain
from records.errors import ArchiveError, ChainBroken
from records.ids import utc_now
from records.models import AuditEntry, AuditHead
from records.sealing import Keyring

log = logging.getLogger(__name__)

PURPOSE = "audit-anchor"
LOOK_EVERY_S = 600.0


@dataclass(frozen=True, kw_only=True)
class Anchor:
    at: str
    seq: int
    hash: str


def write_anchor(archive: Archive, directory: Path) -> Path | None:
    """Write down where the chain ends now; None while nothing was recorded."""
    with archive.reading() as session:
        head = session.get(AuditHead, audit.HEAD_ROW)
    if head is None:
        return None
    anchor = Anchor(at=utc_now().isoformat(timespec="seconds"), seq=head.seq, hash=head.hash)
    signed = vars(anchor) | {"signature": _sign(archive.keyring, anchor)}
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{anchor.at.replace(':', '').replace('+0000', 'Z')}-{anchor.seq}.json"
    write_whole(path, json.dumps(signed, indent=1).encode() + b"\n")
    return path


def check_anchors(archive: Archive, directory: Path) -> int:
    """Hold every anchor against the chain; tells how many there are.

    Raises:
        ChainBroken: names the anchor that is forged, or that the chain no longer agrees with.
    """
    count = 0
    for path in sorted(directory.glob("*.json")):
        anchor = _read(archive.keyring, path)
        with archive.reading() as session:
            found = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == anchor.seq))
        if found != anchor.hash:
            raise ChainBroken("The chain does not hold what was anchored.", seq=anchor.seq, anchor=path.name)
        count += 1
    return count


@contextmanager
def keep_anchoring(archive: Archive, directory: Path) -> Iterator[None]:
    """Anchor each day, by UTC, in a thread of its own while the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_anchor_daily, args=(archive, directory, stop), name="anchors")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _anchor_daily(archive: Archive, directory: Path, stop: threading.Event) -> None:
    while True:
        try:
            if not any(directory.glob(f"{utc_now().date().isoformat()}T*.json")):
                write_anchor(archive, directory)
        except (ArchiveError, OSError):
            log.exception("the audit chain could not be anchored; it is tried again", extra={"action": "anchor.failed"})
        if stop.wait(LOOK_EVERY_S):
            return


def _read(keyring: Keyring, path: Path) -> Anchor:
    try:
        content = json.loads(path.read_bytes())
        signature = str(content.pop("signature"))
        anchor = Anchor(at=str(content["at"]), seq=int(content["seq"]), hash=str(content["hash"]))
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ChainBroken("This is not an anchor.", anchor=path.name) from exc
    if not hmac.compare_digest(signature, _sign(keyring, anchor)):
        raise ChainBroken("The anchor was not signed by this archive.", anchor=path.name)
    return anchor


def _sign(keyring: Keyring, anchor: Anchor) -> str:
    return keyring.fingerprint(PURPOSE, chain.canonical(vars(anchor)))
