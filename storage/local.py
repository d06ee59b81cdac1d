"""Objects as files below a directory: the store that needs nothing installed.

A file is written under a hidden name in its own directory, forced to the disk, then linked to its name: linking fails
where the name is taken, so the first writer wins and nobody ever sees half a file. What a killed process leaves behind
is hidden, belongs to the same prefix, and goes with it in `delete_all`.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from records.errors import NotErased, ObjectExists, ObjectMissing, SettingInvalid, StoreUnavailable
from storage.files import UNFINISHED, sync_directory, write_once
from storage.objects import ObjectInfo, ObjectVersion, check_hash, check_name, check_prefix

log = logging.getLogger(__name__)

# A directory that another process empties and removes between our making it and our using it is made again.
_ATTEMPTS = 5
_DIRECTORIES_REMEMBERED = 10_000


class LocalObjects:
    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._known_durable: set[Path] = set()

    def prepare(self) -> None:
        with _unavailable():
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe = self.root / f"{UNFINISHED}{secrets.token_hex(8)}"
            probe.touch(mode=0o600)
            linked = probe.with_name(f"{probe.name}-linked")
            try:
                os.link(probe, linked)
                linked.unlink()
            except OSError as exc:
                raise SettingInvalid(
                    "The file system of the object directory cannot link files, which writing once needs. Use another."
                ) from exc
            finally:
                probe.unlink()

    def put(self, name: str, data: bytes, sha256_hex: str) -> None:
        path = self._path(name)
        check_hash(data, sha256_hex)
        if path.exists():
            self._compare(name, sha256_hex)
            return
        with _unavailable():
            for attempt in range(_ATTEMPTS):
                try:
                    _make_directories(path.parent)
                    write_once(path, data)
                    self._make_durable(path.parent)
                    return
                except FileExistsError:
                    break
                except FileNotFoundError:
                    if attempt + 1 == _ATTEMPTS:
                        raise
        self._compare(name, sha256_hex)

    def get(self, name: str) -> bytes:
        path = self._path(name)
        with _unavailable():
            try:
                with path.open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    data = file.read()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as exc:
                raise ObjectMissing(name=name) from exc
        if len(data) != size:
            raise StoreUnavailable("An object could not be read to its end.", name=name, expected=size, found=len(data))
        return data

    def exists(self, name: str) -> bool:
        with _unavailable():
            return self._path(name).is_file()

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        for version in self._walk(self._directory(prefix)):
            if not version.is_unfinished:
                yield ObjectInfo(name=version.name, size=version.size)

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        yield from self._walk(self._directory(prefix))

    def delete_all(self, prefix: str) -> int:
        return self.delete_each([prefix])

    def delete_each(self, prefixes: Sequence[str]) -> int:
        directories = {prefix: self.root / check_prefix(prefix) for prefix in prefixes}
        with _unavailable():
            counts = {prefix: _remove_tree(directory) for prefix, directory in directories.items()}
            self._known_durable.clear()
            for each in {_nearest(directory.parent) for directory in directories.values()}:
                sync_directory(each)
        for prefix, count in counts.items():
            if left := sum(1 for _ in self.versions(prefix)):
                raise NotErased(prefix=prefix, left=left)
            log.info("objects deleted", extra={"action": "objects.delete_all", "prefix": prefix, "count": count})
        return sum(counts.values())

    def occupied(self, prefixes: Sequence[str]) -> set[str]:
        return {prefix for prefix in prefixes if any(True for _ in self.versions(check_prefix(prefix)))}

    def close(self) -> None:
        """Nothing is held open."""

    def _make_durable(self, directory: Path) -> None:
        """Force the new entry to the disk, and the entries of all directories above that another may just have made.

        From the bottom up, after everything is made: the first force carries most of the others with it.
        """
        sync_directory(directory)
        while directory != self.root and directory not in self._known_durable:
            sync_directory(directory.parent)
            if len(self._known_durable) >= _DIRECTORIES_REMEMBERED:
                self._known_durable.clear()
            self._known_durable.add(directory)
            directory = directory.parent

    def _compare(self, name: str, sha256_hex: str) -> None:
        if hashlib.sha256(self.get(name)).hexdigest() != sha256_hex:
            raise ObjectExists(name=name)

    def _path(self, name: str) -> Path:
        return self.root / check_name(name)

    def _directory(self, prefix: str) -> Path:
        return self.root / check_prefix(prefix) if prefix else self.root

    def _walk(self, directory: Path) -> Iterator[ObjectVersion]:
        with _unavailable():
            for path, size in _files_below(directory):
                name = path.relative_to(self.root).as_posix()
                yield ObjectVersion(name=name, version_id="", size=size, is_unfinished=path.name.startswith(UNFINISHED))


def _make_directories(directory: Path) -> None:
    """Like `mkdir -p`, but the directories on the way are private too."""
    if not directory.is_dir():
        _make_directories(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)


def _nearest(directory: Path) -> Path:
    """The directory itself, or the first above it that is there."""
    while not directory.is_dir():
        directory = directory.parent
    return directory


def _files_below(directory: Path) -> Iterator[tuple[Path, int]]:
    """Files ordered as their names would be; a directory sorts as its name and a slash, as in a bucket."""
    try:
        with os.scandir(directory) as found:
            entries = sorted(found, key=lambda entry: entry.name + "/" * entry.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(Path(entry.path))
            continue
        with contextlib.suppress(FileNotFoundError):  # deleted since the directory was read
            yield Path(entry.path), entry.stat(follow_symlinks=False).st_size


def _remove_tree(directory: Path) -> int:
    count = 0
    for path, _size in _files_below(directory):
        path.unlink(missing_ok=True)
        count += 1
    for parent, _directories, _files in os.walk(directory, topdown=False):
        with contextlib.suppress(OSError):  # not empty: the listing that follows tells
            Path(parent).rmdir()
    return count


@contextlib.contextmanager
def _unavailable() -> Iterator[None]:
    """Say what the disk says in our words: full, gone, forbidden or failing."""
    try:
        yield
    except (FileExistsError, FileNotFoundError) as exc:
        raise StoreUnavailable("The object directory changed while it was used.") from exc
    except OSError as exc:
        cause = errno.errorcode.get(exc.errno or 0, "unknown")
        raise StoreUnavailable("The object directory cannot be used.", cause=cause) from exc
