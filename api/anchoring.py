"""Anchoring each day while the service runs, and having the newest anchor time-stamped where an authority is set.

Whatever fails is logged, tried again every ten minutes, and seen under Running; nothing waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.anchors import write_anchor
from api.stamps import stamp_newest
from api.timestamping import Authority
from intake.archive import Archive
from records.errors import ArchiveError
from records.ids import utc_now

log = logging.getLogger(__name__)

LOOK_EVERY_S = 600.0


@contextmanager
def keep_anchoring(archive: Archive, directory: Path, authority: Authority | None) -> Iterator[None]:
    """Anchor each day, by UTC, in a thread of its own while the block runs."""
    stop = threading.Event()
    told = (archive, directory, authority, stop)
    thread = threading.Thread(target=_anchor_daily, args=told, name="anchors")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def anchor_if_missing(archive: Archive, directory: Path) -> None:
    """Write today's anchor unless it is there."""
    try:
        if not any(directory.glob(f"{utc_now().date().isoformat()}T*.json")):
            write_anchor(archive, directory)
    except (ArchiveError, OSError):
        log.exception("the chains could not be anchored; it is tried again", extra={"action": "anchor.failed"})


def stamp_if_missing(directory: Path, authority: Authority) -> None:
    """Have the newest anchor stamped unless it is."""
    try:
        stamp_newest(directory, authority)
    except (ArchiveError, OSError) as exc:
        log.warning("the anchor is not time-stamped yet: %s", exc, extra={"action": "anchor.not_stamped"})


def _anchor_daily(archive: Archive, directory: Path, authority: Authority | None, stop: threading.Event) -> None:
    while True:
        anchor_if_missing(archive, directory)
        if authority is not None and not stop.is_set():
            stamp_if_missing(directory, authority)
        if stop.wait(LOOK_EVERY_S):
            return
