"""Anchors: the ends of both chains, written daily outside the database, so that cutting a tail shows (K49, K51).

An anchor is one JSON file, `<UTC time>-<number>.json`: `at`, the last `seq` and `hash` of `audit` and of `register`,
the archive's `public_key`, and `signature`, Ed25519 over the canonical JSON of all but these last two. Copied elsewhere
(printed, mailed, put on write-once media) it binds whoever holds the archive; as it lies, whoever holds the database
but not the keys.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.archive import Archive
from records import audit, chain
from records.errors import ChainBroken
from records.ids import utc_now
from records.models import AuditEntry
from retention import register
from retention.models import RegisterEntry
from retention.signing import is_signed, public_key_of, signed, signing_key
from storage.files import write_whole

FORMAT = "guidang anchor 1"
LATE_AFTER = dt.timedelta(hours=25)
"""A day by the calendar, and an hour for the look that comes every ten minutes."""


@dataclass(frozen=True, kw_only=True)
class End:
    """The last entry of a chain; 0 and the genesis hash where there is none yet."""

    seq: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Anchor:
    at: str
    audit: End
    register: End

    @property
    def moment(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.at)

    @property
    def text(self) -> str:
        """What is signed."""
        return chain.canonical({"format": FORMAT, **asdict(self)})


class AnchorState(StrEnum):
    """`late`: none within the day, though something was recorded. `contradicted`: the chains do not hold the newest."""

    CURRENT = "current"
    LATE = "late"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the newest anchor stands to the archive; `anchor` is None where there is none, or none to trust."""

    state: AnchorState
    anchor: Anchor | None = None


def write_anchor(archive: Archive, directory: Path) -> Path | None:
    """Write down where the chains end now; None while nothing was recorded.

    Raises:
        ChainBroken: the newest anchor contradicts the chains. Nothing is anchored over that: it stays in sight until
            somebody has looked into it and put the anchor aside.
    """
    newest = newest_anchor(directory)
    with archive.reading() as session:
        if newest is not None:
            _check(archive, session, newest)
        anchor = _anchor_now(session)
    if anchor is None:
        return None
    key = signing_key(archive.keyring)
    said = {"format": FORMAT, **asdict(anchor), "public_key": public_key_of(key), "signature": signed(key, anchor.text)}
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{anchor.at.replace(':', '').replace('+0000', 'Z')}-{anchor.audit.seq}.json"
    write_whole(path, json.dumps(said, indent=1).encode() + b"\n")
    return path


def check_anchors(archive: Archive, directory: Path) -> int:
    """Hold every anchor against both chains; tells how many there are.

    Raises:
        ChainBroken: names the anchor that is forged, or that a chain no longer agrees with.
    """
    paths = sorted(directory.glob("*.json"))
    for path in paths:
        with archive.reading() as session:
            _check(archive, session, path)
    return len(paths)


def newest_anchor(directory: Path) -> Path | None:
    return max(directory.glob("*.json"), default=None)


def standing_of(archive: Archive, directory: Path) -> Standing:
    """Whether the chains were anchored within the day, and hold what was anchored last."""
    path = newest_anchor(directory)
    with archive.reading() as session:
        if path is None:
            return Standing(state=AnchorState.LATE if _anchor_now(session) else AnchorState.CURRENT)
        try:
            anchor = _check(archive, session, path)
        except ChainBroken:
            return Standing(state=AnchorState.CONTRADICTED)
    is_late = utc_now() - anchor.moment > LATE_AFTER
    return Standing(state=AnchorState.LATE if is_late else AnchorState.CURRENT, anchor=anchor)


def read_anchor(path: Path, public_key: str | None = None) -> Anchor:
    """One anchor's file, its signature checked; no archive is needed.

    Args:
        public_key: the archive's, base64, known from elsewhere. Without it the file is only whole in itself.

    Raises:
        ChainBroken: the file is damaged or forged.
    """
    try:
        content = json.loads(path.read_bytes())
        own_key, signature = str(content.pop("public_key")), str(content.pop("signature"))
        anchor = Anchor(at=str(content["at"]), audit=End(**content["audit"]), register=End(**content["register"]))
        is_whole = chain.canonical(content) == anchor.text and is_signed(own_key, signature, anchor.text)
        is_whole = is_whole and anchor.moment.tzinfo is not None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ChainBroken("This is not an anchor.", anchor=path.name) from exc
    if not is_whole or (public_key is not None and public_key.strip() != own_key):
        raise ChainBroken("The anchor was not signed by this archive.", anchor=path.name)
    return anchor


def _anchor_now(session: Session) -> Anchor | None:
    acts, destroyed = (End(seq=seq, hash=digest) for seq, digest in (audit.end(session), register.end(session)))
    if not acts.seq:
        return None
    return Anchor(at=utc_now().isoformat(timespec="seconds"), audit=acts, register=destroyed)


def _check(archive: Archive, session: Session, path: Path) -> Anchor:
    anchor = read_anchor(path, public_key_of(signing_key(archive.keyring)))
    for name, end, table in (("audit", anchor.audit, AuditEntry), ("register", anchor.register, RegisterEntry)):
        found = session.scalar(select(table.hash).where(table.seq == end.seq)) if end.seq else chain.GENESIS
        if found != end.hash:
            raise ChainBroken("The chain does not hold what was anchored.", chain=name, seq=end.seq, anchor=path.name)
    return anchor
