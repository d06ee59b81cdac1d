"""What every object store must do. A test module inherits the suite and gives it fixtures `location` and `store`."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from records.errors import ArchiveError, FixityError, InvalidInput, ObjectExists, ObjectMissing
from storage.objects import ObjectInfo, ObjectStore, document_prefix, original_name, page_name

NAME = "documents/d1/original/a"

_PUTTER = """
import hashlib, itertools, sys
from storage.places import open_object_store
store = open_object_store(sys.stdin.readline().strip())
for number in itertools.count():
    data = bytes([number % 256]) * 3_000_000
    store.put(f"documents/d1/pages/{number + 1}-image", data, hashlib.sha256(data).hexdigest())
    print(number + 1, flush=True)
"""


def put_until_killed(location: str, after_s: float) -> list[int]:
    """Let a process put 3 MB pages, kill it that long after its first; gives the numbers it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PUTTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        print(location, file=process.stdin, flush=True)
        first = process.stdout.readline()
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in (first + process.stdout.read()).split()]
    process.wait()
    return acknowledged


def keep(store: ObjectStore, name: str, data: bytes) -> None:
    store.put(name, data, hashlib.sha256(data).hexdigest())


def settled(store: ObjectStore, prefix: str, *, for_s: float = 0.5) -> list[ObjectInfo]:
    """What is there once nothing more arrives: a server may finish a request whose sender is already dead."""
    before = None
    while (now := list(store.list(prefix))) != before:
        before = now
        time.sleep(for_s)
    return now


def names(store: ObjectStore, prefix: str = "") -> list[str]:
    return [each.name for each in store.list(prefix)]


def together(acts: list[Callable[[], None]]) -> list[ArchiveError | None]:
    """Run all at the same moment; gives what each raised."""
    raised: list[ArchiveError | None] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def run(number: int) -> None:
        ready.wait()
        try:
            acts[number]()
        except ArchiveError as exc:
            raised[number] = exc

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


class ObjectStoreContract:
    race_rounds = 20

    @pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 40_000], ids=["empty", "one byte", "10 MB"])
    def test_what_is_put_is_got(self, store: ObjectStore, data: bytes) -> None:
        keep(store, NAME, data)
        assert store.get(NAME) == data
        assert [(each.name, each.size) for each in store.list("documents/d1/")] == [(NAME, len(data))]

    def test_64_megabytes_are_got_whole(self, store: ObjectStore) -> None:
        data = hashlib.shake_128(b"large").digest(64 << 20)
        keep(store, NAME, data)
        assert hashlib.sha256(store.get(NAME)).digest() == hashlib.sha256(data).digest()

    def test_preparing_again_is_harmless_and_leaves_nothing(self, store: ObjectStore) -> None:
        keep(store, NAME, b"kept")
        store.prepare()
        assert names(store) == [NAME]

    def test_the_same_bytes_again_are_harmless(self, store: ObjectStore) -> None:
        keep(store, NAME, b"same")
        keep(store, NAME, b"same")
        assert store.get(NAME) == b"same"
        assert len(list(store.versions("documents/d1/"))) == 1

    def test_other_bytes_under_a_name_are_refused(self, store: ObjectStore) -> None:
        keep(store, NAME, b"first")
        with pytest.raises(ObjectExists):
            keep(store, NAME, b"second")
        assert store.get(NAME) == b"first"

    def test_a_wrong_hash_is_refused_before_anything_is_visible(self, store: ObjectStore) -> None:
        with pytest.raises(FixityError):
            store.put(NAME, b"bytes", hashlib.sha256(b"others").hexdigest())
        assert not store.exists(NAME)
        assert list(store.versions("documents/d1/")) == []

    def test_what_is_not_there_is_missing(self, store: ObjectStore) -> None:
        assert not store.exists(NAME)
        with pytest.raises(ObjectMissing):
            store.get(NAME)

    def test_a_prefix_is_not_an_object(self, store: ObjectStore) -> None:
        keep(store, NAME, b"x")
        assert not store.exists("documents/d1")
        with pytest.raises(ObjectMissing):
            store.get("documents/d1/original")

    def test_more_than_a_thousand_are_listed_in_order_and_deleted(self, store: ObjectStore) -> None:
        expected = sorted(f"documents/many/pages/{number}-image" for number in range(1, 1106))
        for name in expected:
            keep(store, name, b"x")
        keep(store, "documents/many2/pages/1-image", b"another's")

        assert names(store, "documents/many/") == expected
        assert len(list(store.versions("documents/many/"))) == 1105
        assert store.delete_all("documents/many/") == 1105
        assert list(store.versions("documents/many/")) == []
        assert names(store) == ["documents/many2/pages/1-image"]

    def test_listing_has_one_order_in_every_store(self, store: ObjectStore) -> None:
        given = ["a/b/c", "a/b-c", "a/b.c", "a/bc", "a/b0/c", "A/z", "a/B"]
        for name in given:
            keep(store, name, b"x")
        assert names(store) == sorted(given)

    def test_deleting_spares_a_prefix_that_only_begins_alike(self, store: ObjectStore) -> None:
        keep(store, "documents/d1/original/a", b"x")
        keep(store, "documents/d10/original/a", b"y")
        assert store.delete_all(document_prefix("d1")) == 1
        assert names(store) == ["documents/d10/original/a"]

    def test_many_prefixes_are_deleted_and_told_apart(self, store: ObjectStore) -> None:
        prefixes = [document_prefix(f"d{number}") for number in range(1, 31)]
        for prefix in prefixes[::2]:
            keep(store, f"{prefix}original/a", b"x")
            keep(store, f"{prefix}pages/1-image", b"y")
        keep(store, "documents/d311/original/a", b"another's")

        assert store.occupied(prefixes) == set(prefixes[::2])
        assert store.delete_each(prefixes[:29]) == 30
        assert store.occupied([*prefixes, "documents/d311/"]) == {"documents/d311/"}
        assert names(store) == ["documents/d311/original/a"]
        assert store.delete_each([]) == 0
        assert store.occupied([]) == set()

    def test_deleting_many_needs_whole_prefixes(self, store: ObjectStore) -> None:
        keep(store, NAME, b"x")
        for act in (store.delete_each, store.occupied):
            with pytest.raises(InvalidInput):
                act(["documents/d1/", "documents/d"])
        assert store.exists(NAME)

    def test_deleting_nothing_is_harmless(self, store: ObjectStore) -> None:
        assert store.delete_all("documents/never/") == 0

    def test_a_name_deleted_can_be_written_again(self, store: ObjectStore) -> None:
        keep(store, NAME, b"first")
        store.delete_all("documents/d1/")
        keep(store, NAME, b"second")
        assert store.get(NAME) == b"second"

    def test_a_killed_writer_leaves_whole_objects_and_loses_none_it_acknowledged(
        self, store: ObjectStore, location: str
    ) -> None:
        for attempt in range(4):
            acknowledged = put_until_killed(location, 0.03 + 0.017 * attempt)
            assert acknowledged
            assert {each.size for each in settled(store, "documents/d1/")} == {3_000_000}
            for number in acknowledged:
                assert store.get(f"documents/d1/pages/{number}-image") == bytes([(number - 1) % 256]) * 3_000_000
            store.delete_all("documents/d1/")
            assert list(store.versions("documents/d1/")) == []

    def test_of_writers_with_different_bytes_one_wins(self, store: ObjectStore) -> None:
        contents = [bytes([number]) * 200_000 for number in range(6)]
        for round_no in range(self.race_rounds):
            name = f"documents/race/pages/{round_no + 1}-image"
            raised = together([lambda data=data, name=name: keep(store, name, data) for data in contents])

            assert sorted(type(each).__name__ for each in raised if each) == ["ObjectExists"] * 5
            assert store.get(name) == contents[raised.index(None)]
        assert len(list(store.versions("documents/race/"))) == self.race_rounds

    def test_of_writers_with_the_same_bytes_all_win(self, store: ObjectStore) -> None:
        for round_no in range(self.race_rounds):
            name = f"documents/race/pages/{round_no + 1}-image"
            assert together([lambda name=name: keep(store, name, b"s" * 200_000)] * 6) == [None] * 6
        assert len(list(store.versions("documents/race/"))) == self.race_rounds

    @pytest.mark.parametrize(
        "name",
        ["", "/", "a/", "/etc/passwd", "../x", "a/../b", "a/./b", "a//b", ".hidden", "a/.unfinished-1", "a\\b",
         "a\0b", "a b", "a\nb", "档案/一", "é", "a" * 600, "a/" * 300 + "a", "a/" + "b" * 129],
    )  # fmt: skip
    def test_names_that_could_lead_astray_are_refused(self, store: ObjectStore, name: str) -> None:
        for act in (lambda: keep(store, name, b"x"), lambda: store.get(name), lambda: store.exists(name)):
            with pytest.raises(InvalidInput):
                act()

    @pytest.mark.parametrize("prefix", ["", "documents/d1", "/", "../", "documents/../", "documents//"])
    def test_deleting_needs_a_whole_prefix(self, store: ObjectStore, prefix: str) -> None:
        keep(store, NAME, b"x")
        with pytest.raises(InvalidInput):
            store.delete_all(prefix)
        assert store.exists(NAME)

    def test_the_names_of_a_document_lie_below_its_prefix(self, store: ObjectStore) -> None:
        keep(store, original_name("d7", "0" * 64), b"o")
        keep(store, page_name("d7", 12, "image", "1" * 64), b"p")
        assert names(store, document_prefix("d7")) == [
            "documents/d7/original/" + "0" * 64,
            "documents/d7/pages/12-image-" + "1" * 64,
        ]
