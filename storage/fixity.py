"""Checks that what is stored is still what was stored: its hash, and that it opens with its key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from records.errors import KeyDestroyed, KeyMissing, ObjectMissing, SealBroken
from records.sealing import Keyring
from storage.objects import ObjectStore


class Fixity(StrEnum):
    SOUND = "sound"
    MISSING = "missing"
    CHANGED = "changed"
    """The stored bytes do not have the recorded hash."""
    SEAL_BROKEN = "seal_broken"
    """The hash agrees, but the bytes do not open: sealed with another key, for another place, or recorded wrongly."""
    NO_KEY = "no_key"
    """The hash agrees and the key is destroyed or was never in this key store: nobody can read it."""
    OTHER_CONTENT = "other_content"
    """It opens, and what comes out does not have the recorded hash of the plain bytes."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the archive recorded of an object. `context` is the one it was sealed with, the name as a rule."""

    name: str
    subject: str
    context: str
    stored_sha256: str
    plain_sha256: str | None = None


def check_fixity(store: ObjectStore, keyring: Keyring, expected: Expected) -> Fixity:
    """Read one object to its end and open it. Raises only StoreUnavailable: that says nothing of the object."""
    try:
        stored = store.get(expected.name)
    except ObjectMissing:
        return Fixity.MISSING
    if hashlib.sha256(stored).hexdigest() != expected.stored_sha256:
        return Fixity.CHANGED
    try:
        plain = keyring.open(expected.subject, stored, expected.context)
    except SealBroken:
        return Fixity.SEAL_BROKEN
    except (KeyDestroyed, KeyMissing):
        return Fixity.NO_KEY
    if expected.plain_sha256 not in (None, hashlib.sha256(plain).hexdigest()):
        return Fixity.OTHER_CONTENT
    return Fixity.SOUND
