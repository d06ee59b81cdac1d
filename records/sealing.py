"""What the domain asks of the keys: seal, open, forget. `storage/keyring.py` answers it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol


class Keyring(Protocol):
    """One random data key for each subject (`document:<id>` or `customer:<id>`), wrapped by a master key.

    Everything derived from a subject is sealed with its key before it is written anywhere, so destroying the key
    destroys every copy. The key store commits by itself: a key exists, durably, before anything is sealed with it.
    """

    def create_key(self, subject: str) -> None:
        """Make the subject's key; harmless if it exists. Raises KeyDestroyed if it existed once and was destroyed."""

    def seal(self, subject: str, plain: bytes, context: str) -> bytes:
        """Encrypt. `context` names the place (object name or column) and must be given again to open."""

    def seal_many(self, subject: str, plain: Iterable[tuple[bytes, str]]) -> list[bytes]:
        """Encrypt (plain, context) of one subject in one look-up of its key."""

    def open(self, subject: str, sealed: bytes, context: str) -> bytes:
        """Decrypt. Raises KeyDestroyed or SealBroken."""

    def open_many(self, sealed: Iterable[tuple[str, bytes, str]]) -> list[bytes | None]:
        """Decrypt (subject, sealed, context) in one look-up of keys; None where the key is destroyed."""

    def destroy_key(self, subject: str) -> None:
        """Destroy the key physically and for good; harmless if it is gone already."""

    def destroy_keys(self, subjects: Sequence[str]) -> None:
        """Destroy many at once, which costs little more than destroying one; all or none."""

    def has_key(self, subject: str) -> bool: ...

    def with_key(self, subjects: Sequence[str]) -> set[str]:
        """Those of the subjects that have a live key."""

    def subjects(self) -> Iterable[str]:
        """Subjects that have a live key, sorted."""

    def fingerprint(self, purpose: str, value: str) -> str:
        """Keyed HMAC-SHA-256, hex: how an identity number is looked up without being stored."""

    def for_one_step(self) -> Keyring:
        """The same keyring, asking for each key once. For one step of work, then to be dropped."""

    def close(self) -> None: ...


def document_subject(document_id: str) -> str:
    return f"document:{document_id}"


def user_subject(user_id: str) -> str:
    """For what a person keeps for himself."""
    return f"user:{user_id}"


def customer_subject(customer_id: str) -> str:
    return f"customer:{customer_id}"
