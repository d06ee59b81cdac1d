"""The sealed format GD1: AES-256-GCM with a key of the place and a nonce of the content (docs/storage-format.md).

    sealed = "GD1" | algorithm (1 byte, 0x01) | nonce (12 bytes) | ciphertext | tag (16 bytes)

Sealing the same bytes at the same place under the same key gives the same sealed bytes, so writing them again is
harmless where objects never change. The nonce is the start of a keyed hash of the content, so two contents share one
only if that hash collides in 96 bits, and each place (`context`) has an encryption key and a hash key of its own.
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from records.errors import SealBroken

KEY_BYTES = 32
OVERHEAD_BYTES = 32
"""How much longer sealed bytes are than plain ones."""

_NONCE_BYTES = 12
_TAG_BYTES = 16
_AES_256_GCM_SYNTHETIC_NONCE = 1
_HEADER = b"GD1" + bytes([_AES_256_GCM_SYNTHETIC_NONCE])


def seal(key: bytes, plain: bytes, context: str) -> bytes:
    """Encrypt `plain` so that it opens only with the same 32-byte `key` and the same `context`."""
    encrypting, hashing = _keys_of_place(key, context)
    nonce = hmac.digest(hashing, plain, "sha256")[:_NONCE_BYTES]
    return b"".join((_HEADER, nonce, AESGCM(encrypting).encrypt(nonce, plain, _HEADER)))


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal` gave.

    Raises:
        SealBroken: a bit changed, another key or context, or not this format.
    """
    if not is_sealed(sealed):
        raise SealBroken("These bytes are not in a sealed format this version reads.", size_bytes=len(sealed))
    encrypting, _ = _keys_of_place(key, context)
    body = memoryview(sealed)[len(_HEADER) :]
    try:
        return AESGCM(encrypting).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _HEADER)
    except InvalidTag as exc:
        raise SealBroken(size_bytes=len(sealed)) from exc


def is_sealed(stored: bytes) -> bool:
    """Whether the bytes have the shape of this format; says nothing of whether they open."""
    return stored.startswith(_HEADER) and len(stored) >= OVERHEAD_BYTES


def _keys_of_place(key: bytes, context: str) -> tuple[bytes, bytes]:
    """RFC 5869 expansion; its extraction is left out because the data key is uniformly random already."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a data key has {KEY_BYTES} bytes, not {len(key)}")
    derived = HKDFExpand(hashes.SHA256(), 2 * KEY_BYTES, b"guidang GD1\x00" + context.encode()).derive(key)
    return derived[:KEY_BYTES], derived[KEY_BYTES:]


assert len(_HEADER) + _NONCE_BYTES + _TAG_BYTES == OVERHEAD_BYTES
