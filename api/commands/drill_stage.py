"""The drill of destruction: a throwaway archive, made-up documents, four made-up people, and a search for remains."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from api.bootstrap import open_archive
from api.commands.backup import restore_into
from api.commands.drill_search import Places
from api.metrics import Metrics
from api.settings import Settings
from intake import fsck
from intake.archive import Archive
from intake.backup import make_backup, open_backup
from intake.pipeline import Reader
from intake.planted import Planted, PlantedTextEngine, plant
from intake.receive import BatchOrder, SentFile, keep_file, open_batch, record_file, seal_batch
from intake.worker import drain
from records.actors import Actor
from records.errors import BackupBroken, NotEmpty, WrongState
from records.ids import utc_now
from records.models import Document, Station, StoredObject, User
from records.regions import load_regions
from records.sealing import document_subject
from records.terms import DocumentState, Role
from retention import register
from retention.destruction import execute_list
from retention.lists import decide_list, propose_list
from retention.schedule import load_schedule
from storage.database import open_engine
from storage.key_backup import dump_keys
from storage.schema import revision_of

FILES_A_BATCH = 200
TRACE_BYTES = 16
LIMITS = (
    "Blocks that the file system freed may keep old bytes until they are written over; so may flash memory.",
    "A snapshot of the disk or a page swapped out holds what was there at its time.",
    "PostgreSQL's own log (pg_wal) and its archive keep rows until they are recycled.",
    "A backup of the key store keeps keys until it is deleted, on the day it names at the latest.",
)
_REGIONS = 'version: 1\nregions:\n  - {code: HD, name: 华东, areas: ["31"]}\n'.encode()
_SCHEDULE = """version: 1
title: 演练保管期限表
approved_by: 演练
classes:
  - {name: drill, title: 演练, kinds: [business_license], trigger: filed, period_days: 0, upper_bound_years: 1,
     disposition: destroy, authority: 演练}
disposal:
  waived: {appraisal: 演练文件均为虚构, confirmation: 演练文件均为虚构, supervision: 演练文件均为虚构}
""".encode()
_SETUP = Actor(id="cli:drill", roles=frozenset(Role), regions=None)
_PEOPLE = {"author": Role.ARCHIVIST, "first": Role.APPROVER, "second": Role.APPROVER, "executor": Role.ARCHIVIST}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the drill came to. `before` are traces found before destruction: the proof that the search can find."""

    planted: Sequence[Planted]
    control: Sequence[Planted]
    wanted: dict[str, Any]
    before: dict[str, dict[str, int]]
    after: dict[str, dict[str, int]]
    opened: int
    restored_unreadable: int
    refused_without_keys: bool
    findings: Sequence[str]
    bytes_searched: int
    seconds: dict[str, float]
    control_found: int
    not_searched: Sequence[str]

    @property
    def is_clean(self) -> bool:
        kinds = {kind for found in self.before.values() for kind in found}
        searched_well = {"phrase", "number", "key"} <= kinds and self.control_found > 0
        is_forgotten = not self.after and not self.opened and self.refused_without_keys
        return searched_well and is_forgotten and not self.findings

    def lines(self) -> Iterator[str]:
        count = len(self.planted)
        yield f"{count} documents destroyed, {len(self.control)} kept, {self.bytes_searched:,} bytes searched."
        yield f"Traces found before: {self.before}"
        yield f"Traces found after: {self.after or 'none'}"
        yield f"Objects of destroyed documents in the old backup that still open: {self.opened}"
        yield f"Documents of the old backup restored with today's keys and without the register: {count} in rows, "\
            f"{self.restored_unreadable} without a key"  # fmt: skip
        yield f"The old backup comes back with another key store: {'no' if self.refused_without_keys else 'YES'}"
        yield f"Traces of the documents kept, which must be there: {self.control_found}"
        yield from (f"Wrong in the archive: {finding}" for finding in self.findings)
        yield from (f"Not searched: {place}" for place in self.not_searched)
        yield from (f"Limit: {limit}" for limit in LIMITS)
        for what, seconds in self.seconds.items():
            yield f"{what}: {seconds:.1f} s ({count / seconds:.1f} documents/s)"
        yield "Nothing is left." if self.is_clean else "SOMETHING IS LEFT, or the search could not have found it."

    def as_json(self) -> dict[str, Any]:
        return {
            "clean": self.is_clean,
            "documents": len(self.planted),
            "control": len(self.control),
            "before": self.before,
            "after": self.after,
            "control_found": self.control_found,
            "opened": self.opened,
            "restored_unreadable": self.restored_unreadable,
            "findings": list(self.findings),
            "bytes_searched": self.bytes_searched,
            "seconds": {what: round(seconds, 2) for what, seconds in self.seconds.items()},
            "not_searched": list(self.not_searched),
            "limits": list(LIMITS),
            "refused_without_keys": self.refused_without_keys,
            **self.wanted,
        }


def said(planted: Sequence[Planted], control: Sequence[Planted], stored: dict[str, list[str]]) -> dict[str, Any]:
    """What to look for, as the search takes it. `stored` are traces of what the archive made, in hexadecimal."""
    pixels = [each.hex() for document in planted for each in _runs(document.image.tobytes())]
    return {
        "planted": {
            "phrases": [each.phrase for each in planted],
            "numbers": [each.number for each in planted],
            "pixels": pixels + stored["pixels"],
            "keys": stored["keys"],
        },
        "kept": {
            "phrases": [each.phrase for each in control],
            "numbers": [each.number for each in control],
        },
    }


class Rehearsal:
    """One drill in `place`, an empty directory; `say` is told how far it is."""

    def __init__(
        self, place: Path, *, database: str, objects: str, say: Callable[[str], object], servers: Sequence[Path] = ()
    ) -> None:
        self._place, self._say, self._servers = place, say, servers
        self._settings = Settings(data=place / "data", database=SecretStr(database), objects=SecretStr(objects),
                                  keys=SecretStr(""))  # fmt: skip
        self._backup = place / "backup"
        self._seconds: dict[str, float] = {}

    def run(self, documents: int) -> Result:
        everything = plant(documents + max(3, documents // 20), seed=int(utc_now().timestamp() * 1000))
        doomed, control = everything[:documents], everything[documents:]
        with _temporary_files_in(self._place / "tmp"), _log_in(self._place / "drill.log"):
            self._check_empty()
            with closing(open_archive(self._settings, migrate=True)) as archive:
                return self._rehearse(archive, doomed, control)

    def _rehearse(self, archive: Archive, doomed: Sequence[Planted], control: Sequence[Planted]) -> Result:
        _set_up(archive)
        with self._timed("filing"):
            ids = _file(archive, [*doomed, *control], self._say)
        doomed_ids = ids[: len(doomed)]
        wanted = said(doomed, control, self._stored(archive, doomed_ids))
        places = Places(self._settings, archive, self._servers)
        make_backup(archive, self._backup)
        places.let_the_server_sample()
        with self._timed("searching before"):
            before = places.search(wanted, self._own("data", "tmp", "drill.log"))
        with self._timed("destroying"):
            _destroy(archive, doomed_ids, self._say)
        findings = [f"{finding.code} {finding.subject}" for finding in fsck.check(archive, deep=True)]
        opened = self._opened_from_backup(archive, doomed_ids)
        unreadable = self._restore(archive)
        is_refused = self._is_refused_without_keys()
        (self._place / "metrics.txt").write_bytes(Metrics(archive, self._settings.anchors_directory).text())
        with self._timed("searching"):
            after = places.search(wanted, self._own(*(path.name for path in sorted(self._place.iterdir()))))
        return Result(
            planted=doomed, control=control, wanted=wanted, before=before.left, after=after.left, opened=opened,
            restored_unreadable=unreadable, refused_without_keys=is_refused, findings=findings,
            bytes_searched=after.bytes_searched, seconds=self._seconds, control_found=after.kept_total,
            not_searched=places.not_searched,
        )  # fmt: skip

    def _own(self, *names: str) -> dict[str, Path]:
        return {name: self._place / name for name in names}

    def _check_empty(self) -> None:
        self._settings.data.mkdir(mode=0o700)
        engine = open_engine(self._settings.database_url)
        try:
            if revision_of(engine) is not None:
                raise NotEmpty("The database of the drill must be empty: it is filled with made-up documents.")
        finally:
            engine.dispose()

    def _stored(self, archive: Archive, ids: Sequence[str]) -> dict[str, list[str]]:
        """Traces of pictures the archive made, opened while they can be, and of the keys as they stand wrapped."""
        wanted, pixels = set(ids), []
        with archive.reading() as session:
            rows = session.execute(select(StoredObject.name, StoredObject.document_id)).all()
        sealed = ((document_subject(of), archive.objects.get(name), name) for name, of in rows if of in wanted)
        for plain in _opened(archive, sealed):
            if plain is None:
                raise WrongState("A made-up document has lost its key before it was destroyed.")
            pixels += [each.hex() for each in _runs(plain[:-TRACE_BYTES])]
        file = self._place / "keys-to-look-for.jsonl"
        dump_keys(self._settings.keys_url, file, days=0)
        keys = list(_wrapped_keys(file, {document_subject(document_id) for document_id in wanted}))
        file.unlink()
        return {"pixels": pixels, "keys": keys}

    def _opened_from_backup(self, archive: Archive, ids: Sequence[str]) -> int:
        """How many objects of destroyed documents in the backup made before open with the keys there are now."""
        backup, wanted = open_backup(self._backup), set(ids)
        sealed = (
            (document_subject(row["document_id"]), backup.object_path(row["name"]).read_bytes(), row["name"])
            for row in backup.objects()
            if row["document_id"] in wanted
        )
        return sum(plain is not None for plain in _opened(archive, sealed))

    def _restore(self, archive: Archive) -> int:
        """Restore the old backup twice with today's keys; gives how many documents have none without the register."""
        with archive.reading() as session:
            links = list(register.links(session))
        unreadable = 0
        for name, present in (("restored", links), ("restored-without-register", None)):
            data = self._place / name
            data.mkdir(mode=0o700)
            keys = self._place / "keys.jsonl"
            dump_keys(self._settings.keys_url, keys, days=0)
            settings = Settings(data=data, master_key_file=self._settings.master_key_path)
            unreadable = restore_into(settings, open_backup(self._backup), present, keys).unreadable
            keys.unlink()
        return unreadable

    def _is_refused_without_keys(self) -> bool:
        """Whether the old backup stays shut to somebody who has a key store, but not this one."""
        data = self._place / "restored-without-keys"
        try:
            restore_into(Settings(data=data), open_backup(self._backup), None, None)
        except BackupBroken:
            return True
        return False

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._seconds[what] = time.perf_counter() - started
        self._say(f"{what}: {self._seconds[what]:.1f} s")


def _set_up(archive: Archive) -> None:
    with archive.transaction() as session:
        load_regions(session, _SETUP, _REGIONS)
        load_schedule(session, _SETUP, _SCHEDULE)
        session.add_all(User(id=name, name=name, password_hash="!", roles=[role]) for name, role in _PEOPLE.items())
        session.add(Station(id="drill", name="drill", token_sha256="0" * 64, region_code="HD"))


def _file(archive: Archive, planted: Sequence[Planted], say: Callable[[str], object]) -> list[str]:
    """Send everything as a station would, and let the line run; gives the documents' ids in the same order."""
    station = Actor(id="station:drill", roles=frozenset({Role.SCANNER}), regions=None, station_id="drill")
    ids: list[str] = []
    for at in range(0, len(planted), FILES_A_BATCH):
        some = planted[at : at + FILES_A_BATCH]
        with archive.transaction() as session:
            order = BatchOrder(operator="drill", declared_files=len(some), capture={})
            batch_id = open_batch(session, station, order).id
        for file_no, each in enumerate(some, start=1):
            ids.append(_send(archive, station, batch_id, file_no, each))
        with archive.transaction() as session:
            seal_batch(session, station, batch_id)
        drain(archive, Reader(PlantedTextEngine(some)), until=utc_now() + dt.timedelta(days=1))
        say(f"{len(ids)} of {len(planted)} filed")
    with archive.reading() as session:
        unfiled = session.scalars(select(Document.id).where(Document.state != DocumentState.FILED)).all()
    if unfiled:
        raise WrongState("Made-up documents were not filed.", count=len(unfiled))
    return ids


def _send(archive: Archive, station: Actor, batch_id: str, file_no: int, planted: Planted) -> str:
    data = planted.bitmap
    sent = SentFile(batch_id=batch_id, file_no=file_no, name=f"{planted.phrase}.bmp", data=data,
                    sha256=hashlib.sha256(data).hexdigest())  # fmt: skip
    kept = keep_file(archive, sent)
    with archive.transaction() as session:
        record_file(session, station, kept)
    return kept.document_id


def _destroy(archive: Archive, ids: Sequence[str], say: Callable[[str], object]) -> None:
    """The way every list goes: proposed by one, approved by two others, carried out by a fourth."""
    today = utc_now().date() + dt.timedelta(days=1)
    people = {name: Actor(id=name, roles=frozenset({role}), regions=None) for name, role in _PEOPLE.items()}
    with archive.transaction() as session:
        list_id = propose_list(session, people["author"], title="演练", document_ids=ids, today=today).id
    for name in ("first", "second"):
        with archive.transaction() as session:
            decide_list(session, people[name], list_id, is_approved=True, opinion="演练")
    outcomes = execute_list(archive.destruction_means(), people["executor"], list_id, today)
    for done, (_, outcome) in enumerate(outcomes, start=1):
        if outcome != DocumentState.DESTROYED:
            raise WrongState("A made-up document was not destroyed.", outcome=outcome)
        if done % 1000 == 0:
            say(f"{done} of {len(ids)} destroyed")


def _opened(archive: Archive, sealed: Iterator[tuple[str, bytes, str]]) -> Iterator[bytes | None]:
    """Each as it was before it was sealed, None where its key is destroyed; keys are asked for many at once."""
    while some := list(itertools.islice(sealed, FILES_A_BATCH)):
        yield from archive.keyring.open_many(some)


def _runs(data: bytes) -> list[bytes]:
    """A run from the middle and one from the end, where no header stands."""
    return [data[at : at + TRACE_BYTES] for at in (len(data) // 2, len(data) - TRACE_BYTES)]


def _wrapped_keys(file: Path, subjects: set[str]) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("subject") in subjects and "wrapped" in row:
            yield base64.b64decode(row["wrapped"])[12:44].hex()


@contextmanager
def _temporary_files_in(directory: Path) -> Iterator[None]:
    """Temporary files of this process go where the search looks for them."""
    directory.mkdir(mode=0o700)
    before, tempfile.tempdir = tempfile.tempdir, str(directory)
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _log_in(file: Path) -> Iterator[None]:
    """Everything the program says is written down, down to the least level, and searched too."""
    root, handler = logging.getLogger(), logging.FileHandler(file, encoding="utf-8")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    others = [(each, each.level) for each in root.handlers if each is not handler]
    for each, _ in others:
        each.setLevel(max(each.level, logging.WARNING))
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
        root.setLevel(level)
        for each, was in others:
            each.setLevel(was)
