"""A backup comes back whole, from either set of parts into either, and never brings back what was destroyed since."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from api.bootstrap import open_archive, open_master_key
from api.commands.backup import restore_into
from api.settings import Settings
from index.entry import SearchQuery
from intake import backup as backups
from intake import fsck
from intake.archive import Archive
from intake.backup import make_backup, open_backup
from intake.dump import tables
from records import audit, chain
from records.chain import Link
from records.errors import (
    BackupBroken,
    ChainBroken,
    KeyDestroyed,
    KeyMissing,
    NotEmpty,
    SettingInvalid,
    StoreUnavailable,
)
from records.models import Customer, Document, Field
from records.sealing import document_subject
from records.terms import CustomerState, DocumentState
from retention import register
from storage.key_backup import check_keys, dump_keys, load_keys
from storage.keyring import open_keyring
from storage.master_key import new_master_key
from tests.archives import Bench, licence_lines
from tests.integration.retention.test_destruction import approved_list, execute, interrupted
from tests.pixel_text import page_png


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture(params=["embedded", "grown"])
def new_settings(request: pytest.FixtureRequest, tmp_path: Path, bench: Bench) -> Settings:
    """An empty archive with the master key of the old one, on each set of parts."""
    data = tmp_path / "new"
    data.mkdir()
    shutil.copyfile(bench.settings.master_key_path, data / "master.key")
    (data / "master.key").chmod(0o600)
    if request.param == "embedded":
        return Settings(data=data)
    server, s3 = request.getfixturevalue("postgres_server"), request.getfixturevalue("s3_server")
    url = server.url(server.create_database())
    return Settings(
        data=data,
        database=SecretStr(url),
        objects=SecretStr(s3.url(f"new{tmp_path.name[-20:].lower()}".replace("_", "-"))),
    )


@pytest.fixture
def restored_from(new_settings: Settings, backup: Path, bench: Bench) -> Iterator[Callable[..., Archive]]:
    """Restore the backup into the new archive, with the keys as they are now or as given, and open it."""
    opened: list[Archive] = []

    def restored(links: list[Link] | None, keys: Path | None = None) -> Archive:
        if keys is None:
            keys = new_settings.data / "keys.jsonl"
            dump_keys(bench.settings.keys_url, keys, days=30)
        restore_into(new_settings, open_backup(backup), links, keys)
        opened.append(open_archive(new_settings))
        return opened[0]

    yield restored
    for archive in opened:
        archive.close()


def present_register(bench: Bench) -> list[Link]:
    with bench.archive.reading() as session:
        return list(register.links(session))


def rows_of(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    with archive.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in tables()
        }


def test_every_row_and_object_comes_back(bench: Bench, backup: Path, restored_from: Callable[..., Archive]) -> None:
    page = page_png(licence_lines(3))
    bench.file(licence_lines(1), licence_lines(2))
    bench.send(page)
    bench.work()
    bench.send(page)  # a duplicate: its row refers to one of the same table
    bench.send(page_png(licence_lines(4)))  # not read yet: a job waits
    make_backup(bench.archive, backup)

    archive = restored_from(present_register(bench))

    before, after = rows_of(bench.archive), rows_of(archive)
    entry = after["audit_entries"].pop()
    assert "archive.restored" in entry
    for name in set(before) - {"audit_head", "login_sessions"}:
        assert after[name] == before[name], name
    assert list(fsck.check(archive, deep=True)) == []
    with archive.reading() as session:
        audit.verify(session)
        assert len(archive.index.search(session.connection(), SearchQuery(text="青禾")).hits) == 3


def test_what_was_destroyed_since_does_not_come_back(
    bench: Bench, backup: Path, restored_from: Callable[..., Archive], new_settings: Settings
) -> None:
    """Not even with a backup of the keys made before: the register of today decides."""
    doomed, kept = bench.file(licence_lines(1), licence_lines(2))
    make_backup(bench.archive, backup)
    old_keys = new_settings.data / "old-keys.jsonl"
    dump_keys(bench.settings.keys_url, old_keys, days=30)
    execute(bench, approved_list(bench, doomed))

    archive = restored_from(present_register(bench), old_keys)

    assert list(fsck.check(archive, deep=True)) == []
    with archive.reading() as session:
        document = session.get_one(Document, doomed)
        assert (document.state, document.file_name_sealed) == (DocumentState.DESTROYED, None)
        assert session.scalars(select(Field).where(Field.document_id == doomed)).all() == []
        customer = session.get_one(Customer, document.customer_id)
        assert (customer.state, customer.name_sealed) == (CustomerState.DESTROYED, None)
        assert session.get_one(Document, kept).state == DocumentState.FILED
        assert list(register.links(session)) == present_register(bench)
        register.verify(session)
        audit.verify(session)
    assert list(archive.objects.versions(f"documents/{doomed}/")) == []
    assert not archive.keyring.has_key(document_subject(doomed))
    with pytest.raises(KeyDestroyed):
        archive.keyring.create_key(document_subject(doomed))


def test_a_destruction_that_had_only_begun_is_concluded(
    bench: Bench, backup: Path, restored_from: Callable[..., Archive], new_settings: Settings
) -> None:
    (doomed,) = bench.file(licence_lines(1))
    list_id = approved_list(bench, doomed)
    old_keys = new_settings.data / "old-keys.jsonl"
    dump_keys(bench.settings.keys_url, old_keys, days=30)
    with pytest.raises(StoreUnavailable):
        execute(bench, list_id, interrupted(bench, "objects"))
    make_backup(bench.archive, backup)

    archive = restored_from(None, old_keys)

    with archive.reading() as session:
        assert session.get_one(Document, doomed).state == DocumentState.DESTROYED
        assert [entry.event for entry in register.entries_of(session, doomed)] == ["begun", "destroyed"]
        register.verify(session)
    assert list(fsck.check(archive, deep=True)) == []


def test_documents_without_their_key_are_counted_and_the_rest_comes_back(
    bench: Bench, backup: Path, new_settings: Settings
) -> None:
    """The keys were backed up before the second document came."""
    bench.file(licence_lines(1))
    old_keys = new_settings.data / "old-keys.jsonl"
    dump_keys(bench.settings.keys_url, old_keys, days=30)
    (second,) = bench.file(licence_lines(2))
    make_backup(bench.archive, backup)

    restored = restore_into(new_settings, open_backup(backup), [], old_keys)

    assert (restored.indexed, restored.unreadable) == (1, 1)
    keyring = open_keyring(new_settings.keys_url, open_master_key(new_settings))
    with closing(keyring), pytest.raises(KeyMissing):
        keyring.open(document_subject(second), b"", "")


def test_a_backup_made_again_copies_only_what_is_new_and_drops_what_is_gone(bench: Bench, backup: Path) -> None:
    first, _ = bench.file(licence_lines(1), licence_lines(2))
    made = make_backup(bench.archive, backup)
    assert made.copied == made.objects == 6
    bench.file(licence_lines(3))
    execute(bench, approved_list(bench, first))

    again = make_backup(bench.archive, backup)

    assert (again.objects, again.copied) == (6, 3)
    assert not (backup / "objects" / "documents" / first).exists()
    assert len(list(backup.glob("rows-*"))) == 1
    backups.verify(open_backup(backup))


def test_any_changed_file_is_refused_by_name(bench: Bench, backup: Path) -> None:
    bench.file(licence_lines(1))
    make_backup(bench.archive, backup)
    for path in sorted(path for path in backup.rglob("*") if path.is_file() and path.stat().st_size):
        whole = path.read_bytes()
        for at in {0, len(whole) // 2, len(whole) - 1}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])

            with pytest.raises(BackupBroken) as broken:
                backups.verify(open_backup(backup))

            assert str(broken.value.facts["file"]).endswith(path.name)
        path.write_bytes(whole)
    backups.verify(open_backup(backup))


def test_a_manifest_made_to_agree_is_refused_for_want_of_the_key(bench: Bench, backup: Path) -> None:
    bench.file(licence_lines(1))
    make_backup(bench.archive, backup)
    forged = open_backup(backup)
    forged.manifest["created_at"] = "2020-01-01T00:00:00+00:00"
    (backup / "manifest.json").write_bytes(backups._written(forged.manifest))

    backups.verify(open_backup(backup))
    with pytest.raises(BackupBroken):
        backups.check_signature(open_backup(backup), bench.archive.keyring)


def test_an_archive_that_is_not_empty_is_left_alone(bench: Bench, backup: Path) -> None:
    bench.file(licence_lines(1))
    make_backup(bench.archive, backup)
    before = rows_of(bench.archive)

    with pytest.raises(NotEmpty):
        restore_into(bench.settings, open_backup(backup), present_register(bench), None)

    assert rows_of(bench.archive) == before


def test_an_older_or_a_foreign_register_is_refused(bench: Bench, backup: Path, new_settings: Settings) -> None:
    (first,) = bench.file(licence_lines(1))
    older = present_register(bench)
    execute(bench, approved_list(bench, first))
    make_backup(bench.archive, backup)
    foreign = rechained(present_register(bench))
    keys = new_settings.data / "keys.jsonl"
    dump_keys(bench.settings.keys_url, keys, days=30)

    for links in (older, foreign):
        with pytest.raises(ChainBroken):
            restore_into(new_settings, open_backup(backup), links, keys)
    assert sorted(path.name for path in new_settings.data.iterdir()) == ["keys.jsonl", "master.key"]


def rechained(links: list[Link]) -> list[Link]:
    """A chain that holds and says something else."""
    made, previous = [], chain.GENESIS
    for link in links:
        entry = link.entry.replace('"XH', '"XX').replace("营业执照", "合同")
        digest = chain.link_hash(previous, entry)
        made.append(Link(seq=link.seq, entry=entry, previous_hash=previous, hash=digest))
        previous = digest
    return made


def test_a_backup_of_keys_holds_no_master_key_and_is_refused_when_changed(bench: Bench, tmp_path: Path) -> None:
    bench.file(licence_lines(1))
    file, store = tmp_path / "keys.jsonl", f"sqlite:///{tmp_path / 'other.db'}"
    dump_keys(bench.settings.keys_url, file, days=12)
    whole = file.read_bytes()

    assert check_keys(file)["days"] == 12
    assert bench.settings.master_key_path.read_bytes().strip() not in whole
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(SettingInvalid):
        load_keys(store, file, new_master_key())
    for at in {0, len(whole) // 2, len(whole) - 3}:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(BackupBroken):
            check_keys(file)


def test_the_backup_holds_no_key_and_no_text(bench: Bench, backup: Path) -> None:
    (document_id,) = bench.file(licence_lines(1))
    make_backup(bench.archive, backup)
    whole = b"".join(path.read_bytes() for path in sorted(backup.rglob("*")) if path.is_file())

    assert document_id.encode() in whole
    assert "青禾".encode() not in whole
    assert b"data_keys" not in whole
    assert json.loads((backup / "manifest.json").read_bytes())["objects"] == 3
