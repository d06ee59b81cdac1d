from __future__ import annotations

import hashlib
import hmac
import time

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from records.errors import SealBroken
from storage.encryption import KEY_BYTES, OVERHEAD_BYTES, is_sealed, seal, unseal

KEY = bytes(range(32))
FIXED = "f3ac2742a8f1a325589a7e5bcc11801f953b6e828cf41117760eefd672b9ec50"
keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@given(key=keys, plain=st.binary(max_size=5000), context=st.text())
def test_what_is_sealed_opens_and_is_longer_by_the_overhead(key: bytes, plain: bytes, context: str) -> None:
    sealed = seal(key, plain, context)
    assert unseal(key, sealed, context) == plain
    assert len(sealed) == len(plain) + OVERHEAD_BYTES
    assert is_sealed(sealed)


@given(plain=st.binary(max_size=200), context=st.text())
def test_sealing_again_gives_the_same_bytes(plain: bytes, context: str) -> None:
    assert seal(KEY, plain, context) == seal(KEY, plain, context)


@given(one=st.binary(max_size=200), other=st.binary(max_size=200))
def test_other_content_has_another_nonce(one: bytes, other: bytes) -> None:
    assume(one != other)
    assert seal(KEY, one, "c")[4:16] != seal(KEY, other, "c")[4:16]


@given(one=st.text(), other=st.text())
def test_another_place_has_another_nonce_and_does_not_open(one: str, other: str) -> None:
    assume(one != other)
    sealed = seal(KEY, b"x", one)
    assert sealed[4:16] != seal(KEY, b"x", other)[4:16]
    with pytest.raises(SealBroken):
        unseal(KEY, sealed, other)


@given(plain=st.binary(max_size=300), where=st.integers(min_value=0), change=st.integers(1, 255))
def test_any_byte_changed_does_not_open(plain: bytes, where: int, change: int) -> None:
    sealed = bytearray(seal(KEY, plain, "c"))
    sealed[where % len(sealed)] ^= change
    with pytest.raises(SealBroken):
        unseal(KEY, bytes(sealed), "c")


@given(plain=st.binary(max_size=300), length=st.integers(min_value=0))
def test_what_is_cut_short_does_not_open(plain: bytes, length: int) -> None:
    sealed = seal(KEY, plain, "c")
    with pytest.raises(SealBroken):
        unseal(KEY, sealed[: length % len(sealed)], "c")


@given(other=keys)
def test_another_key_does_not_open(other: bytes) -> None:
    assume(other != KEY)
    with pytest.raises(SealBroken):
        unseal(other, seal(KEY, b"x", "c"), "c")


def test_a_program_written_from_the_documentation_opens_it() -> None:
    """docs/storage-format.md, "Sealed bytes", step by step, with nothing of the module under test."""
    sealed = seal(KEY, "内容".encode(), "place")

    info = b"guidang GD1\x00" + b"place"
    first = hmac.digest(KEY, info + b"\x01", "sha256")
    second = hmac.digest(KEY, first + info + b"\x02", "sha256")
    assert sealed[:4] == b"GD1\x01"
    assert sealed[4:16] == hmac.digest(second, "内容".encode(), "sha256")[:12]
    assert AESGCM(first).decrypt(sealed[4:16], sealed[16:], sealed[:4]) == "内容".encode()


def test_the_format_never_changes() -> None:
    """What was sealed yesterday must open tomorrow: the bytes themselves are held fast."""
    assert hashlib.sha256(seal(KEY, b"GD1", "documents/d1/original/a")).hexdigest() == FIXED


def test_a_key_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"short", b"x", "c")


def test_sealing_a_scan_is_quick() -> None:
    """Goal: 5 MB in 10 ms. The bound here is loose, for machines that do other things meanwhile."""
    scan = hashlib.shake_128(b"scan").digest(5_000_000)
    best = min(_timed(scan) for _ in range(7))
    assert best < 0.1


def _timed(scan: bytes) -> float:
    started = time.perf_counter()
    seal(KEY, scan, "documents/d1/original/a")
    return time.perf_counter() - started
