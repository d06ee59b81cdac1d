"""Backups: the rows as they stood at one moment, the sealed objects these rows name, and a manifest over both.

    manifest.json               written last: counts, the SHA-256 of every file of rows, where both chains ended
    rows-<UTC time>/<table>     see `intake/dump.py`; `stored_objects` among them holds the SHA-256 of every object
    objects/<object name>       as in the object store, sealed

A backup holds no key: what it keeps of a document opens only with the key store, which is backed up on its own and not
for long. Made again into the same directory, it copies only the objects that are not there, and drops what the archive
no longer has. The manifest is replaced in one step, so an interrupted backup leaves the one before.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from intake.archive import Archive
from intake.dump import Row, dump_table, read_rows, tables
from records import chain
from records.errors import BackupBroken, ChainBroken, NotEmpty, ObjectMissing
from records.ids import utc_now
from records.models import AuditEntry, AuditHead, Document, StoredObject
from records.sealing import Keyring
from records.terms import DocumentState
from retention.models import RegisterEntry, RegisterHead
from storage.database import is_sqlite, read_engine
from storage.files import PRIVATE, unfinished_of, write_whole
from storage.objects import check_name
from storage.schema import revision_of

FORMAT = "guidang backup 1"
MANIFEST = "manifest.json"
OBJECTS = "objects"
_ROWS = "rows-"
_PURPOSE = "backup-manifest"
_CHAINS = {AuditHead.__tablename__: AuditEntry.__tablename__, RegisterHead.__tablename__: RegisterEntry.__tablename__}
_GONE = (DocumentState.DESTROYING, DocumentState.DESTROYED)


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a backup came to. `lost` are objects that the store ought to have and has not: look with fsck."""

    rows: int
    objects: int
    copied: int
    destroyed_meanwhile: int
    lost: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup on disk with its manifest read; `verify` says whether the rest agrees with it."""

    directory: Path
    manifest: dict[str, Any]

    @property
    def revision(self) -> str:
        return str(self.manifest["revision"])

    @property
    def absent(self) -> frozenset[str]:
        return frozenset(self.manifest["absent"])

    @property
    def table_names(self) -> list[str]:
        """In the order in which they can be loaded."""
        return [table["table"] for table in self.manifest["tables"]]

    def path_of(self, table: str) -> Path:
        return self.directory / check_name(self.manifest["rows_directory"]) / check_name(table)

    def rows(self, table: str) -> Generator[Row, None, None]:
        return read_rows(self.path_of(table))

    def object_path(self, name: str) -> Path:
        return self.directory / OBJECTS / check_name(name)

    def objects(self) -> Iterator[Row]:
        """The rows of all objects that the backup has."""
        absent = self.absent
        return (row for row in self.rows(StoredObject.__tablename__) if row["name"] not in absent)


def make_backup(archive: Archive, directory: Path) -> Made:
    """Write a backup, or bring the one in the directory up to now. Work on the archive goes on meanwhile.

    Raises:
        NotEmpty: the directory holds something else.
    """
    _check_place(directory)
    at = utc_now()
    rows = directory / f"{_ROWS}{at:%Y%m%dT%H%M%S%f}Z"
    rows.mkdir(mode=0o700, parents=True)
    with _snapshot(archive) as connection:
        dumped = [dump_table(connection, table, rows / table.name) for table in tables()]
        heads = {name: _head(connection, name) for name in _CHAINS}
    content: dict[str, Any] = {
        "format": FORMAT,
        "created_at": at.isoformat(timespec="seconds"),
        "revision": revision_of(archive.engine),
        "rows_directory": rows.name,
        "tables": [vars(each) for each in dumped],
        "heads": heads,
    }
    objects, copied, absent = _copy_objects(archive, Backup(directory=directory, manifest=content | {"absent": []}))
    content |= {"objects": objects, "absent": absent}
    content["signature"] = _sign(archive.keyring, content)
    os.sync()  # everything the manifest speaks of, before it speaks
    write_whole(directory / MANIFEST, _written(content))
    _drop_what_is_superseded(Backup(directory=directory, manifest=content))
    lost = tuple(name for name in absent if not _is_gone(archive, name))
    return Made(
        rows=sum(each.rows for each in dumped),
        objects=objects,
        copied=copied,
        destroyed_meanwhile=len(absent) - len(lost),
        lost=lost,
    )


def open_backup(directory: Path) -> Backup:
    """Read the manifest. Raises BackupBroken if a byte of it changed."""
    try:
        written = (directory / MANIFEST).read_bytes()
        content = json.loads(written)
        if content.pop("sha256") and _written(content) == written and content["format"] == FORMAT:
            return Backup(directory=directory, manifest=content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise BackupBroken("The manifest is missing or damaged.", file=MANIFEST) from exc
    raise BackupBroken("The manifest was changed, or is of another version.", file=MANIFEST)


def verify(backup: Backup) -> None:
    """Check every byte against the manifest and walk both chains; needs no key and no archive.

    Raises:
        BackupBroken: names the first file that is missing, changed, or does not fit the others.
    """
    for table in backup.manifest["tables"]:
        _check_file(backup.path_of(table["table"]), table["sha256"], table["table"])
    count = 0
    for row in backup.objects():
        _check_file(backup.object_path(row["name"]), row["stored_sha256"], row["name"])
        count += 1
    if count != backup.manifest["objects"]:
        raise BackupBroken("There are more or fewer objects than the manifest says.", file=MANIFEST)
    for head, entries in _CHAINS.items():
        if list(_end_of_chain(backup, entries)) != backup.manifest["heads"][head]:
            raise BackupBroken("A chain does not end where the manifest says.", file=entries)


def check_signature(backup: Backup, keyring: Keyring) -> None:
    """Whether the manifest was written by the archive whose key store this is.

    Raises:
        BackupBroken: by another, or changed by somebody who knew how to make the hashes agree.
    """
    content = {name: value for name, value in backup.manifest.items() if name != "signature"}
    if not hmac.compare_digest(_sign(keyring, content), str(backup.manifest.get("signature"))):
        raise BackupBroken("The manifest was not written with this key store.", file=MANIFEST)


def _check_place(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = (MANIFEST, OBJECTS, unfinished_of(Path(MANIFEST)).name)
    if any(not path.name.startswith(_ROWS) and path.name not in known for path in directory.iterdir()):
        raise NotEmpty("The directory holds something that is not of a backup. Choose another.")


@contextmanager
def _snapshot(archive: Archive) -> Iterator[Connection]:
    """All tables as they stood at one moment; nobody waits for it."""
    engine = read_engine(archive.engine)
    if not is_sqlite(archive.engine):
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection, connection.begin():
        yield connection


def _head(connection: Connection, name: str) -> list[Any]:
    table = AuditHead.__table__ if name == AuditHead.__tablename__ else RegisterHead.__table__
    found = connection.execute(select(table.c.seq, table.c.hash)).one_or_none()
    return [0, chain.GENESIS] if found is None else list(found)


def _copy_objects(archive: Archive, backup: Backup) -> tuple[int, int, list[str]]:
    """How many objects the backup has, how many were copied now, and which the store no longer had."""
    count, copied, absent = 0, 0, []
    for row in backup.objects():
        path = backup.object_path(row["name"])
        if not (path.is_file() and path.stat().st_size == row["size_bytes"]):
            try:
                _copy(archive.objects.get(row["name"]), path, row)
            except ObjectMissing:
                absent.append(row["name"])
                continue
            copied += 1
        count += 1
    return count, copied, absent


def _copy(data: bytes, path: Path, row: Row) -> None:
    if hashlib.sha256(data).hexdigest() != row["stored_sha256"]:
        raise BackupBroken(
            "An object in the store is not what was stored; see `guidang fsck --deep`.", file=row["name"]
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, data, mode=PRIVATE)


def _is_gone(archive: Archive, name: str) -> bool:
    """Whether the object's document was destroyed while the backup was made."""
    with archive.reading() as session:
        state = session.scalar(select(Document.state).where(Document.id == name.split("/")[1]))
    return state in _GONE


def _drop_what_is_superseded(backup: Backup) -> None:
    """Rows of earlier backups, and objects the archive no longer has: they went there when they were destroyed."""
    for rows in backup.directory.glob(f"{_ROWS}*"):
        if rows.name != backup.manifest["rows_directory"]:
            shutil.rmtree(rows)
    named = {row["name"] for row in backup.objects()}
    objects = backup.directory / OBJECTS
    for path in [path for path in objects.rglob("*") if path.is_file()]:
        if path.relative_to(objects).as_posix() not in named:
            path.unlink()
            _remove_empty(path.parent, objects)


def _remove_empty(directory: Path, root: Path) -> None:
    while directory != root and not any(directory.iterdir()):
        directory.rmdir()
        directory = directory.parent


def _check_file(path: Path, sha256: str, name: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise BackupBroken("A file of the backup is missing.", file=name) from exc
    if found != sha256:
        raise BackupBroken("A file of the backup was changed.", file=name)


def _end_of_chain(backup: Backup, entries: str) -> tuple[int, str]:
    with closing(links_of(backup, entries)) as links:
        try:
            return chain.verify(links)
        except ChainBroken as exc:
            raise BackupBroken("A chain in the backup does not hold.", file=entries, **exc.facts) from exc


def links_of(backup: Backup, entries: str) -> Generator[chain.Link, None, None]:
    with closing(backup.rows(entries)) as rows:
        for row in rows:
            yield chain.Link(seq=row["seq"], entry=row["entry"], previous_hash=row["previous_hash"], hash=row["hash"])


def _sign(keyring: Keyring, content: dict[str, Any]) -> str:
    return keyring.fingerprint(_PURPOSE, chain.canonical(content))


def _written(content: dict[str, Any]) -> bytes:
    sha256 = hashlib.sha256(chain.canonical(content).encode()).hexdigest()
    return json.dumps(content | {"sha256": sha256}, ensure_ascii=False, indent=1).encode() + b"\n"
