"""Whether a PDF asks for a password, found in its bytes without parsing it.

Many protected files open for everybody: only their *owner* password is set, and the user's is empty. So a file is
told apart by trying the empty user password against its encryption dictionary, which is never itself encrypted nor
compressed. Source: ISO 32000-2 §7.6, algorithms 2, 2.A, 2.B, 4, 5 and 6.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_ENCRYPT = re.compile(rb"/Encrypt\s{0,32}(?:(\d{1,10})\s{1,32}(\d{1,5})\s{1,32}R|<<)")
_DICTIONARY_BYTES_AT_MOST = 4096
_TRIES_AT_MOST = 100
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class _Protection:
    revision: int
    key_bits: int
    permissions: int
    owner: bytes
    user: bytes
    file_id: bytes
    metadata_too: bool


def needs_password(data: bytes) -> bool:
    """True only where the empty password certainly fails; a dictionary we cannot read is left to the opening."""
    protection = _protection(data)
    if protection is None:
        return False
    if protection.revision >= 5:
        return not _empty_password_fits_aes256(protection)
    return not _empty_password_fits_rc4(protection)


def _protection(data: bytes) -> _Protection | None:
    reference = _last(_ENCRYPT, b"/Encrypt", data)
    if reference is None:
        return None
    body = _dictionary(data, reference)
    owner, user = _string(body, rb"/O"), _string(body, rb"/U")
    revision, permissions = _integer(body, rb"/R"), _integer(body, rb"/P")
    if b"/Standard" not in body or revision is None or permissions is None or len(owner) < 32 or len(user) < 32:
        return None
    return _Protection(
        revision=revision,
        key_bits=_integer(body, rb"/Length") or 40,
        permissions=permissions,
        owner=owner,
        user=user,
        file_id=_string(_around(data, reference.start()), rb"/ID\s*\["),
        metadata_too=re.search(rb"/EncryptMetadata\s+false", body) is None,
    )


def _last(pattern: re.Pattern[bytes], literal: bytes, data: bytes) -> re.Match[bytes] | None:
    """The last match, looked for from the end: the newest trailer and object count. Gives up after some tries."""
    end = len(data)
    for _ in range(_TRIES_AT_MOST):
        end = data.rfind(literal, 0, end)
        if end < 0:
            return None
        if found := pattern.match(data, end):
            return found
    return None


def _dictionary(data: bytes, reference: re.Match[bytes]) -> bytes:
    start = reference.end()
    if reference[1] is not None:
        header = b"%b %b obj" % (reference[1], reference[2])
        found = _last(re.compile(rb"(?<!\d)" + header), header, data)
        start = found.end() if found else len(data)
    body = data[start : start + _DICTIONARY_BYTES_AT_MOST]
    end = body.find(b"endobj")
    return body if end < 0 or reference[1] is None else body[:end]


def _around(data: bytes, position: int) -> bytes:
    return data[max(0, position - _DICTIONARY_BYTES_AT_MOST) : position + _DICTIONARY_BYTES_AT_MOST]


def _integer(body: bytes, name: bytes) -> int | None:
    found = re.search(name + rb"\s+(-?\d{1,10})(?!\d)", body)
    return None if found is None else int(found[1])


def _string(body: bytes, name: bytes) -> bytes:
    found = re.search(name + rb"\s*(?:<([0-9A-Fa-f\s]*)>|\(((?:[^\\()]|\\.)*)\))", body, re.DOTALL)
    if found is None:
        return b""
    if found[1] is not None:
        digits = b"".join(found[1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    return _ESCAPE.sub(_unescape, found[2])


def _unescape(escape: re.Match[bytes]) -> bytes:
    char = escape[1]
    if char.isdigit():
        return bytes([int(char, 8) & 0xFF])
    return b"" if char in (b"\n", b"\r", b"\r\n") else _ESCAPES.get(char, char)


def _empty_password_fits_rc4(protection: _Protection) -> bool:
    lengths = {5} if protection.revision == 2 else {protection.key_bits // 8, 16, 5}
    return any(_user_entry_fits(protection, length) for length in lengths if 5 <= length <= 16)


def _user_entry_fits(protection: _Protection, key_bytes: int) -> bool:
    seed = _PADDING + protection.owner[:32] + (protection.permissions & 0xFFFFFFFF).to_bytes(4, "little")
    seed += protection.file_id
    if protection.revision >= 4 and not protection.metadata_too:
        seed += b"\xff\xff\xff\xff"
    key = _md5(seed)
    if protection.revision == 2:
        return hmac.compare_digest(_rc4(key[:5], _PADDING), protection.user[:32])
    for _ in range(50):
        key = _md5(key[:key_bytes])
    expected = _md5(_PADDING + protection.file_id)
    for turn in range(20):
        expected = _rc4(bytes(byte ^ turn for byte in key[:key_bytes]), expected)
    return hmac.compare_digest(expected, protection.user[:16])


def _md5(seed: bytes) -> bytes:
    return hashlib.md5(seed, usedforsecurity=False).digest()


def _rc4(key: bytes, plain: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 0xFF
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in plain:
        i = (i + 1) & 0xFF
        j = (j + state[i]) & 0xFF
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) & 0xFF])
    return bytes(out)


def _empty_password_fits_aes256(protection: _Protection) -> bool:
    salt = protection.user[32:40]
    key = hashlib.sha256(salt).digest()
    if protection.revision >= 6:
        key = _hardened(key)
    return hmac.compare_digest(key, protection.user[:32])


def _hardened(key: bytes) -> bytes:
    """Algorithm 2.B for the empty password."""
    turn = 0
    last = 0
    while turn < 64 or last > turn - 32:
        encryptor = Cipher(AES(key[:16]), CBC(key[16:32])).encryptor()
        mixed = encryptor.update(key * 64)
        digest = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[int.from_bytes(mixed[:16]) % 3]
        key, last = digest(mixed).digest(), mixed[-1]
        turn += 1
    return key[:32]
