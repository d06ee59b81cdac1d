"""The object store as the archive sees it: named bytes, written once, listed in pages, deleted without remainder.

`local.py` keeps objects in a directory, `s3.py` in a bucket; one contract suite holds both to what is said here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from records.errors import FixityError, InvalidInput

MAX_NAME_BYTES = 512

# No dot first: `..` cannot be written, and names that begin with a dot are the store's own.
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class ObjectInfo:
    name: str
    size: int
    """Bytes as stored, sealed."""


@dataclass(frozen=True, kw_only=True)
class ObjectVersion:
    """Anything that a name still holds: an older version, a delete marker, an upload never finished."""

    name: str
    version_id: str
    size: int
    is_delete_marker: bool = False
    is_unfinished: bool = False


class ObjectStore(Protocol):
    """Every method raises StoreUnavailable (retryable) when the store does not answer in time."""

    def prepare(self) -> None:
        """Make the directory or bucket and prove that it can do what is asked of it; harmless when repeated.

        Raises SettingInvalid where the store cannot.
        """

    def put(self, name: str, data: bytes, sha256_hex: str) -> None:
        """Write once, durably, all or nothing. The same bytes again are harmless, at the same time too.

        Raises FixityError, before anything is visible, if the bytes do not have this hash, and ObjectExists if the
        name holds other bytes.
        """

    def get(self, name: str) -> bytes:
        """The whole object; a transfer cut short raises StoreUnavailable. Raises ObjectMissing."""

    def exists(self, name: str) -> bool: ...

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Every object below a prefix (empty, or ending in `/`), ordered by name, however many there are."""

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """All that is stored below a prefix, visible or not."""

    def delete_all(self, prefix: str) -> int:
        """Delete every version, delete marker and unfinished upload below a prefix, and prove it by listing again.

        Returns how many there were. Raises NotErased if anything is left.
        """

    def delete_each(self, prefixes: Sequence[str]) -> int:
        """What `delete_all` does for each of the prefixes, each proved by a listing of its own, some at once."""

    def occupied(self, prefixes: Sequence[str]) -> set[str]:
        """Those of the prefixes below which anything is stored, visible or not; each is listed."""

    def close(self) -> None: ...


def document_prefix(document_id: str) -> str:
    """Everything stored for one document, and nothing of another: the slash at the end is part of it."""
    return f"documents/{_checked_segment(document_id)}/"


def original_name(document_id: str, sha256: str) -> str:
    """Where the sealed original is. `sha256` is that of the plain bytes, 64 lower-case hexadecimal digits."""
    return f"{document_prefix(document_id)}original/{_checked_sha256(sha256)}"


def page_name(document_id: str, page_no: int, what: str, sha256: str) -> str:
    """Where something made from a page (counted from 1) is: `image` or `thumbnail`.

    The hash of the plain bytes is part of it: a page read again by newer code may come out otherwise, and what was
    written never changes.
    """
    return f"{page_prefix(document_id, page_no, what)}{_checked_sha256(sha256)}"


def page_prefix(document_id: str, page_no: int, what: str) -> str:
    """How the names of everything of this sort made from a page begin."""
    if page_no < 1:
        raise InvalidInput("Pages are counted from 1.", page_no=page_no)
    return f"{document_prefix(document_id)}pages/{page_no}-{_checked_segment(what)}-"


def check_name(name: str) -> str:
    """Give the name back, or raise InvalidInput: only letters, digits, `.`, `_`, `-` between slashes."""
    if len(name) > MAX_NAME_BYTES or not all(_SEGMENT.fullmatch(segment) for segment in name.split("/")):
        raise InvalidInput("This is not the name of an object.")
    return name


def check_prefix(prefix: str) -> str:
    """Give the prefix back, or raise InvalidInput unless it ends in a slash, so that `a/1` never means `a/10`."""
    if not prefix.endswith("/"):
        raise InvalidInput("A prefix of object names ends in a slash.")
    check_name(prefix[:-1])
    return prefix


def check_hash(data: bytes, sha256_hex: str) -> None:
    """Raise FixityError unless the bytes have this SHA-256."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256_hex:
        raise FixityError("The bytes do not have the hash they came with.", expected=sha256_hex, found=found)


def _checked_segment(segment: str) -> str:
    if not _SEGMENT.fullmatch(segment):
        raise InvalidInput("This cannot be part of the name of an object.")
    return segment


def _checked_sha256(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise InvalidInput("A SHA-256 is 64 lower-case hexadecimal digits.")
    return sha256
