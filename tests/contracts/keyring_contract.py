"""What every key store must do. A test module inherits the suite and gives it fixtures `keyring` and `open_again`."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.errors import ArchiveError, KeyDestroyed, KeyMissing, SealBroken, SettingInvalid
from records.sealing import document_subject
from storage.keyring import DatabaseKeyring
from storage.master_key import MasterKey, new_master_key

SUBJECT = document_subject("d1")
OpenAgain = Callable[[MasterKey | None], DatabaseKeyring]


def together(acts: list[Callable[[], object]]) -> list[ArchiveError | None]:
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


class KeyringContract:
    def test_what_is_sealed_opens(self, keyring: DatabaseKeyring) -> None:
        keyring.create_key(SUBJECT)
        sealed = keyring.seal(SUBJECT, "某公司".encode(), "fields.name")
        assert "某公司".encode() not in sealed
        assert keyring.open(SUBJECT, sealed, "fields.name") == "某公司".encode()

    def test_sealing_again_gives_the_same_bytes(self, keyring: DatabaseKeyring, open_again: OpenAgain) -> None:
        keyring.create_key(SUBJECT)
        assert keyring.seal(SUBJECT, b"scan", "c") == open_again(None).seal(SUBJECT, b"scan", "c")

    def test_sealing_many_is_sealing_each(self, keyring: DatabaseKeyring) -> None:
        keyring.create_key(SUBJECT)
        sealed = keyring.seal_many(SUBJECT, [(b"x", "a"), (b"y", "b")])
        assert sealed == [keyring.seal(SUBJECT, b"x", "a"), keyring.seal(SUBJECT, b"y", "b")]

    def test_creating_again_keeps_the_key(self, keyring: DatabaseKeyring) -> None:
        keyring.create_key(SUBJECT)
        sealed = keyring.seal(SUBJECT, b"x", "c")
        keyring.create_key(SUBJECT)
        assert keyring.open(SUBJECT, sealed, "c") == b"x"

    def test_another_context_does_not_open(self, keyring: DatabaseKeyring) -> None:
        keyring.create_key(SUBJECT)
        sealed = keyring.seal(SUBJECT, b"x", "fields.name")
        with pytest.raises(SealBroken):
            keyring.open(SUBJECT, sealed, "fields.address")

    def test_another_subject_does_not_open(self, keyring: DatabaseKeyring) -> None:
        keyring.create_key(SUBJECT)
        keyring.create_key("document:d2")
        with pytest.raises(SealBroken):
            keyring.open("document:d2", keyring.seal(SUBJECT, b"x", "c"), "c")

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(plain=st.binary(max_size=200), where=st.integers(min_value=0), bit=st.integers(0, 7))
    def test_any_bit_turned_does_not_open(self, keyring: DatabaseKeyring, plain: bytes, where: int, bit: int) -> None:
        keyring.create_key(SUBJECT)
        sealed = bytearray(keyring.seal(SUBJECT, plain, "c"))
        sealed[where % len(sealed)] ^= 1 << bit
        with pytest.raises(SealBroken):
            keyring.open(SUBJECT, bytes(sealed), "c")

    def test_a_key_never_made_is_missing_not_destroyed(self, keyring: DatabaseKeyring) -> None:
        with pytest.raises(KeyMissing):
            keyring.seal(SUBJECT, b"x", "c")
        with pytest.raises(KeyMissing):
            keyring.open_many([(SUBJECT, b"x", "c")])

    def test_destroying_is_final(self, keyring: DatabaseKeyring, open_again: OpenAgain) -> None:
        keyring.create_key(SUBJECT)
        sealed = keyring.seal(SUBJECT, b"x", "c")
        keyring.destroy_key(SUBJECT)
        keyring.destroy_key(SUBJECT)

        assert not keyring.has_key(SUBJECT)
        for each in (keyring, open_again(None)):
            with pytest.raises(KeyDestroyed):
                each.open(SUBJECT, sealed, "c")
            with pytest.raises(KeyDestroyed):
                each.seal(SUBJECT, b"x", "c")
            with pytest.raises(KeyDestroyed):
                each.create_key(SUBJECT)

    def test_a_step_keeps_the_keys_it_asked_for_and_nobody_else_does(self, keyring: DatabaseKeyring) -> None:
        keyring.create_key(SUBJECT)
        in_step, other_step = keyring.for_one_step(), keyring.for_one_step()
        sealed = in_step.seal(SUBJECT, b"x", "c")
        keyring.destroy_key(SUBJECT)

        assert in_step.open(SUBJECT, sealed, "c") == b"x"
        for each in (keyring, other_step, keyring.for_one_step()):
            with pytest.raises(KeyDestroyed):
                each.open(SUBJECT, sealed, "c")

    def test_a_key_made_in_a_step_is_the_one_everybody_has(self, keyring: DatabaseKeyring) -> None:
        in_step = keyring.for_one_step()
        in_step.create_key(SUBJECT)
        sealed = in_step.seal(SUBJECT, b"x", "c")

        assert keyring.open(SUBJECT, sealed, "c") == b"x"

    def test_a_subject_destroyed_before_it_had_a_key_gets_none(self, keyring: DatabaseKeyring) -> None:
        keyring.destroy_key(SUBJECT)
        with pytest.raises(KeyDestroyed):
            keyring.create_key(SUBJECT)

    def test_destroying_one_spares_the_others(self, keyring: DatabaseKeyring) -> None:
        subjects = [f"document:{number:03}" for number in range(200)]
        sealed = {}
        for subject in subjects:
            keyring.create_key(subject)
            sealed[subject] = keyring.seal(subject, subject.encode(), "c")
        for subject in subjects[::3]:
            keyring.destroy_key(subject)

        opened = keyring.open_many([(subject, sealed[subject], "c") for subject in subjects])
        assert opened == [None if number % 3 == 0 else f"document:{number:03}".encode() for number in range(200)]
        assert list(keyring.subjects()) == [each for number, each in enumerate(subjects) if number % 3]

    def test_many_are_destroyed_at_once_whatever_became_of_them_before(self, keyring: DatabaseKeyring) -> None:
        subjects = [f"document:{number:03}" for number in range(60)]
        for subject in subjects[:50]:
            keyring.create_key(subject)
        keyring.destroy_key(subjects[3])

        assert keyring.with_key(subjects) == {*subjects[:50]} - {subjects[3]}
        keyring.destroy_keys([*subjects[:20], subjects[0], subjects[55]])
        assert keyring.with_key(subjects) == {*subjects[20:50]}
        assert keyring.with_key([]) == set()
        for gone in (subjects[0], subjects[3], subjects[55]):
            with pytest.raises(KeyDestroyed):
                keyring.create_key(gone)

    def test_many_open_in_the_order_given_repeats_included(self, keyring: DatabaseKeyring) -> None:
        for subject in ("document:a", "document:b"):
            keyring.create_key(subject)
        wanted = [
            (subject, keyring.seal(subject, place.encode(), place), place)
            for subject, place in (("document:b", "1"), ("document:a", "2"), ("document:b", "3"))
        ]
        assert keyring.open_many(iter(wanted)) == [b"1", b"2", b"3"]
        assert keyring.open_many([]) == []

    def test_many_do_not_open_with_one_broken(self, keyring: DatabaseKeyring) -> None:
        keyring.create_key(SUBJECT)
        sealed = keyring.seal(SUBJECT, b"x", "c")
        with pytest.raises(SealBroken):
            keyring.open_many([(SUBJECT, sealed, "c"), (SUBJECT, sealed, "d")])

    def test_of_several_who_make_a_key_all_use_the_same(self, keyring: DatabaseKeyring, open_again: OpenAgain) -> None:
        rings = [open_again(None) for _ in range(4)]
        assert together([lambda ring=ring: ring.create_key(SUBJECT) for ring in rings]) == [None] * 4
        assert len({ring.seal(SUBJECT, b"x", "c") for ring in rings}) == 1

    def test_a_key_made_while_it_is_destroyed_does_not_survive(
        self, keyring: DatabaseKeyring, open_again: OpenAgain
    ) -> None:
        other = open_again(None)
        for number in range(10):
            subject = f"document:{number}"
            raised = together([lambda s=subject: keyring.create_key(s), lambda s=subject: other.destroy_key(s)])
            assert raised[1] is None
            assert not keyring.has_key(subject)

    def test_subjects_come_sorted_beyond_a_page(
        self, keyring: DatabaseKeyring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.keyring._ROWS_A_PAGE", 7)
        for number in range(21):
            keyring.create_key(f"document:{'aB-_'[number % 4]}{number}")
        found = list(keyring.subjects())
        assert len(found) == 21
        assert found == sorted(found)

    def test_another_master_key_is_refused_at_once(self, keyring: DatabaseKeyring, open_again: OpenAgain) -> None:
        with pytest.raises(SettingInvalid):
            open_again(new_master_key())

    def test_a_new_master_key_opens_all_and_the_old_one_nothing(
        self, keyring: DatabaseKeyring, open_again: OpenAgain
    ) -> None:
        keyring.create_key(SUBJECT)
        sealed, print_before = keyring.seal(SUBJECT, b"x", "c"), keyring.fingerprint("id_number", "X")
        new = new_master_key()
        assert keyring.rewrap(new) == 1

        for ring in (keyring, open_again(new)):
            assert ring.open(SUBJECT, sealed, "c") == b"x"
            assert ring.fingerprint("id_number", "X") == print_before
        with pytest.raises(SettingInvalid):
            open_again(None)

    def test_fingerprints_tell_purposes_and_values_apart(self, keyring: DatabaseKeyring, open_again: OpenAgain) -> None:
        first = keyring.fingerprint("id_number", "X")
        assert first == open_again(None).fingerprint("id_number", "X")
        assert len({first, keyring.fingerprint("id_number", "Y"), keyring.fingerprint("phone", "X")}) == 3
        assert len(first) == 64
