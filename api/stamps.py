"""Time stamps beside the anchors: `<anchor>.<SHA-256 of the stamp>.tsr`, over the bytes of `<anchor>.json` (K49).

An anchor says when by the archive's own clock; the stamp says it by another's. The chains bind what is older, so only
the newest anchor is stamped. The hash in the name is for bytes of a stamp that its signature does not cover.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.x509 import Certificate

from api.anchors import LATE_AFTER, newest_anchor
from api.timestamping import Authority
from records.errors import TimestampInvalid
from records.ids import utc_now
from retention.timestamps import check_stamp, moment_of
from storage.files import write_whole


class StampState(StrEnum):
    """`late`: no anchor of the last day is stamped. `invalid`: the newest stamp is damaged or over something else."""

    NOT_ASKED = "not_asked"
    CURRENT = "current"
    LATE = "late"
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True)
class StampStanding:
    """`at` is what the authority's clock said."""

    state: StampState
    at: dt.datetime | None = None


def stamp_newest(directory: Path, authority: Authority) -> Path | None:
    """Have the newest anchor stamped; None where it is already, or there is none.

    Raises:
        StoreUnavailable: the authority gave no stamp of use.
    """
    anchor = newest_anchor(directory)
    if anchor is None or _stamps_of(anchor):
        return None
    stamp = authority.stamp(anchor.read_bytes())
    path = anchor.with_name(f"{anchor.stem}.{hashlib.sha256(stamp).hexdigest()}.tsr")
    write_whole(path, stamp)
    return path


def check_stamps(directory: Path, trust: tuple[Certificate, ...]) -> int:
    """Hold every stamp against its anchor and its authority; tells how many there are."""
    stamps = sorted(directory.glob("*.tsr"))
    for stamp in stamps:
        read_stamp(stamp, trust)
    return len(stamps)


def check_stamp_of(anchor: Path, trust: tuple[Certificate, ...]) -> dt.datetime:
    """When the authority saw this anchor, by the stamp that lies beside it; no archive is needed.

    Raises:
        TimestampInvalid: there is no stamp, or it does not hold.
    """
    stamps = _stamps_of(anchor)
    if not stamps:
        raise TimestampInvalid("No time stamp lies beside the anchor.", anchor=anchor.name)
    return min(read_stamp(stamp, trust) for stamp in stamps)


def read_stamp(path: Path, trust: tuple[Certificate, ...]) -> dt.datetime:
    """When the authority saw the anchor that this stamp names. Raises TimestampInvalid."""
    stamp = _whole(path)
    anchor = path.with_name(f"{path.name.split('.')[0]}.json")
    try:
        data = anchor.read_bytes()
    except OSError as exc:
        raise TimestampInvalid("The anchor that this stamp is over is not there.", stamp=path.name) from exc
    try:
        return check_stamp(stamp, data, trust)
    except TimestampInvalid as exc:
        raise TimestampInvalid(str(exc), stamp=path.name) from exc


def stamp_standing(directory: Path, authority: Authority | None) -> StampStanding:
    """How the newest stamp stands; judged without an authority's help, and whether or not it answers."""
    newest = max(directory.glob("*.tsr"), default=None)
    if authority is None:
        return StampStanding(state=StampState.NOT_ASKED, at=_said(newest))
    if newest is None:
        return StampStanding(state=StampState.LATE if newest_anchor(directory) else StampState.CURRENT)
    try:
        at = read_stamp(newest, authority.trust)
    except TimestampInvalid:
        return StampStanding(state=StampState.INVALID)
    is_late = utc_now() - at > LATE_AFTER
    return StampStanding(state=StampState.LATE if is_late else StampState.CURRENT, at=at)


def _said(stamp: Path | None) -> dt.datetime | None:
    try:
        return moment_of(_whole(stamp)) if stamp else None
    except TimestampInvalid:
        return None


def _stamps_of(anchor: Path) -> list[Path]:
    return sorted(anchor.parent.glob(f"{anchor.stem}.*.tsr"))


def _whole(path: Path) -> bytes:
    try:
        stamp = path.read_bytes()
    except OSError as exc:
        raise TimestampInvalid("The time stamp cannot be read.", stamp=path.name) from exc
    if not path.name.endswith(f".{hashlib.sha256(stamp).hexdigest()}.tsr"):
        raise TimestampInvalid("The time stamp is not the one that was kept under this name.", stamp=path.name)
    return stamp
