"""Files that are whole or not there, after a crash too: written aside, forced to the disk, and moved in."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

UNFINISHED = ".unfinished-"
"""How the names begin of files that were to be made once and never were."""
PRIVATE = 0o600


def write_whole(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Replace a file so that a reader, or a crash, finds either the old content or the new.

    A device or a pipe is written to, never replaced.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    unfinished = unfinished_of(path)
    _write(unfinished, data, os.O_TRUNC, mode)
    unfinished.replace(path)
    sync_directory(path.parent)


def unfinished_of(path: Path) -> Path:
    """Where `write_whole` writes; what a crash leaves there the next write takes away."""
    return path.with_name(f".{path.name}.tmp")


def write_once(path: Path, data: bytes) -> None:
    """Make a file that only its owner reads; of two who make it at once, one does. Its name is not forced to the disk.

    Raises:
        FileExistsError: it is there.
        FileNotFoundError: its directory is not, or was removed meanwhile.
    """
    unfinished = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        _write(unfinished, data, os.O_EXCL, PRIVATE)
        os.link(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """Force the names in a directory to the disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, data: bytes, how: int, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | how, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
