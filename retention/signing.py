"""The archive's own signature, Ed25519 (RFC 8032), under certificates and anchors; checked without the archive."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from records.sealing import Keyring

_PURPOSE = "certificate-signing-key"


def signing_key(keyring: Keyring) -> Ed25519PrivateKey:
    """The archive's key for certificates and anchors.

    It is derived from the key store's own key: so it is written nowhere, comes back with a backup of the keys, and
    outlives a change of the master key.
    """
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(keyring.fingerprint(_PURPOSE, "ed25519")))


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Base64 of its 32 bytes: what an auditor keeps, from a day he trusts."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signed(key: Ed25519PrivateKey, text: str) -> str:
    return base64.b64encode(key.sign(text.encode())).decode()


def is_signed(public_key: str, signature: str, text: str) -> bool:
    """Whether this signature stands under this text. Raises ValueError where key or signature is no base64."""
    key = Ed25519PublicKey.from_public_bytes(_decoded(public_key))
    try:
        key.verify(_decoded(signature), text.encode())
    except InvalidSignature:
        return False
    return True


def _decoded(text: str) -> bytes:
    """Base64 in its one right spelling: of the last letter some bits are not read, and could be changed unseen."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise ValueError("not base64") from exc
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("not the base64 of these bytes")
    return decoded
