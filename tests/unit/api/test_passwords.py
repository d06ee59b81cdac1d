from __future__ import annotations

import pytest

from api.passwords import Argon2Passwords
from records.accounts import lock_after, one_time_password


@pytest.fixture(scope="module")
def passwords() -> Argon2Passwords:
    return Argon2Passwords(time_cost=1, memory_kib=64)


def test_a_password_matches_its_own_hash_only(passwords: Argon2Passwords) -> None:
    first, second = passwords.hash("one"), passwords.hash("one")

    assert first != second
    assert passwords.matches(first, "one")
    assert not passwords.matches(first, "two")


@pytest.mark.parametrize("password_hash", [None, "", "!", "$argon2id$v=19$broken"])
def test_what_is_no_hash_matches_nothing(passwords: Argon2Passwords, password_hash: str | None) -> None:
    assert not passwords.matches(password_hash, "a password that nobody has")


def test_the_hash_is_argon2id_as_strong_as_recommended() -> None:
    """RFC 9106, the low-memory profile: 64 MiB, three passes."""
    assert Argon2Passwords().hash("x").startswith("$argon2id$v=19$m=65536,t=3,")


def test_locks_grow_and_end_at_a_day() -> None:
    pauses = [lock_after(failures) for failures in range(5, 200)]

    assert None not in pauses
    assert pauses == sorted(pauses)  # type: ignore[type-var]
    assert str(pauses[-1]) == "1 day, 0:00:00"


def test_one_time_passwords_do_not_repeat() -> None:
    assert len({one_time_password() for _ in range(1000)}) == 1000
