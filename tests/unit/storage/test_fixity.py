from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from records.sealing import document_subject
from storage.fixity import Expected, Fixity, check_fixity
from storage.keyring import DatabaseKeyring, open_keyring
from storage.local import LocalObjects
from storage.master_key import new_master_key
from storage.objects import original_name

PLAIN = b"a scan"
SUBJECT = document_subject("d1")
NAME = original_name("d1", hashlib.sha256(PLAIN).hexdigest())


@pytest.fixture
def store(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects")


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[DatabaseKeyring]:
    keyring = open_keyring(f"sqlite:///{tmp_path / 'keys.db'}", new_master_key())
    keyring.create_key(SUBJECT)
    yield keyring
    keyring.close()


@pytest.fixture
def kept(store: LocalObjects, keyring: DatabaseKeyring) -> Expected:
    sealed = keyring.seal(SUBJECT, PLAIN, NAME)
    digest = hashlib.sha256(sealed).hexdigest()
    store.put(NAME, sealed, digest)
    plain = hashlib.sha256(PLAIN).hexdigest()
    return Expected(name=NAME, subject=SUBJECT, context=NAME, stored_sha256=digest, plain_sha256=plain)


def test_what_was_kept_is_sound(store: LocalObjects, keyring: DatabaseKeyring, kept: Expected) -> None:
    assert check_fixity(store, keyring, kept) is Fixity.SOUND


def test_what_is_gone_is_missing(store: LocalObjects, keyring: DatabaseKeyring, kept: Expected) -> None:
    store.delete_all("documents/d1/")
    assert check_fixity(store, keyring, kept) is Fixity.MISSING


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:9] + bytes([data[9] ^ 1]) + data[10:], lambda _data: b""]
)
def test_what_changed_on_the_disk_is_changed(
    store: LocalObjects, keyring: DatabaseKeyring, kept: Expected, damage: object
) -> None:
    path = store.root / NAME
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert check_fixity(store, keyring, kept) is Fixity.CHANGED


def test_what_lies_at_another_place_does_not_open(
    store: LocalObjects, keyring: DatabaseKeyring, kept: Expected
) -> None:
    assert check_fixity(store, keyring, replace(kept, context="elsewhere")) is Fixity.SEAL_BROKEN


def test_what_has_lost_its_key_cannot_be_read(store: LocalObjects, keyring: DatabaseKeyring, kept: Expected) -> None:
    keyring.destroy_key(SUBJECT)
    assert check_fixity(store, keyring, kept) is Fixity.NO_KEY


def test_a_key_store_that_never_had_the_key_says_the_same(
    store: LocalObjects, keyring: DatabaseKeyring, kept: Expected
) -> None:
    assert check_fixity(store, keyring, replace(kept, subject="document:d2")) is Fixity.NO_KEY


def test_what_opens_to_something_else_is_other_content(
    store: LocalObjects, keyring: DatabaseKeyring, kept: Expected
) -> None:
    assert check_fixity(store, keyring, replace(kept, plain_sha256="0" * 64)) is Fixity.OTHER_CONTENT
