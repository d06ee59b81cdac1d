"""Passwords: argon2id (RFC 9106, low-memory profile), the one file that imports argon2."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2


class Argon2Passwords:
    """A `records.accounts.Passwords`. One comparison takes about 50 ms and 64 MiB."""

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 65536, parallelism: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)
        # Compared with where nobody has the name, so that such an attempt takes as long as any other.
        self._nobody = self._hasher.hash("a password that nobody has")
        # A flood of log-ins waits here, each with its 64 MiB, instead of filling the machine's memory.
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        compared = self._nobody if password_hash is None else password_hash
        try:
            with self._turns:
                is_same = self._hasher.verify(compared, password)
        except (VerificationError, InvalidHashError):
            return False
        return is_same and password_hash is not None
