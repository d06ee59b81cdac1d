from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.errors import NotErased, SettingInvalid, StoreUnavailable
from storage.local import LocalObjects
from storage.objects import ObjectStore
from storage.places import open_object_store
from tests.contracts.objects_contract import NAME, ObjectStoreContract, keep, put_until_killed


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "objects")


@pytest.fixture
def store(location: str) -> Iterator[ObjectStore]:
    store = open_object_store(location)
    store.prepare()
    yield store
    store.close()


class TestLocalObjects(ObjectStoreContract):
    pass


def test_what_a_killed_writer_left_goes_with_its_prefix(tmp_path: Path) -> None:
    left_behind = 0
    for attempt in range(20):
        put_until_killed(str(tmp_path), 0.01 + 0.007 * attempt)
        store = LocalObjects(tmp_path)
        left_behind += sum(each.is_unfinished for each in store.versions("documents/d1/"))
        store.delete_all("documents/d1/")
        assert not any(path.is_file() for path in tmp_path.rglob("*"))
        if left_behind:
            break

    assert left_behind, "no kill met a put: the test shows nothing"


def test_only_the_owner_may_read_what_is_stored(tmp_path: Path, store: ObjectStore) -> None:
    keep(store, NAME, b"x")
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "objects").rglob("*")}
    assert modes == {0}


def test_a_directory_deleted_leaves_no_empty_directories(tmp_path: Path, store: ObjectStore) -> None:
    keep(store, NAME, b"x")
    store.delete_all("documents/d1/")
    assert not (tmp_path / "objects/documents/d1").exists()


def test_what_cannot_be_deleted_is_not_called_deleted(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(store, NAME, b"x")
    monkeypatch.setattr(Path, "unlink", lambda *_args, **_options: None)
    with pytest.raises(NotErased):
        store.delete_all("documents/d1/")


def test_a_full_disk_is_unavailable_and_leaves_nothing(
    tmp_path: Path, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(_handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(StoreUnavailable) as caught:
        keep(store, NAME, b"x")
    assert caught.value.facts["cause"] == "ENOSPC"
    assert not any(path.is_file() for path in (tmp_path / "objects").rglob("*"))


def test_a_file_system_without_links_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_paths: object) -> None:
        raise OSError(95, os.strerror(95))

    monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(SettingInvalid):
        LocalObjects(tmp_path).prepare()


@pytest.mark.parametrize("location", ["", "http://h/b", "s3://h", "s3://u:hunter2@/b", "s3://u:hunter2@h/a/b"])
def test_a_location_that_is_none_is_refused_without_repeating_it(location: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        open_object_store(location, {})
    assert "hunter2" not in str(caught.value)
