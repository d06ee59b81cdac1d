"""The master key that wraps all data keys: 32 random bytes kept outside every database.

Either a file only its owner may read, made on first start, or what an external command prints (base64), for sites
that keep keys in a vault or a hardware module.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import secrets
import shlex
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from records.errors import SettingInvalid
from storage.files import sync_directory, write_once

KEY_BYTES = 32
COMMAND_TIMEOUT_S = 30


@dataclass(frozen=True, kw_only=True)
class MasterKey:
    """`key` never shows in a representation; `id` names the key without telling anything of it."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise SettingInvalid("A master key is 32 bytes, written in base64.", found_bytes=len(self.key))

    @property
    def id(self) -> str:
        return hmac.digest(self.key, b"guidang master key id", "sha256")[:8].hex()


def new_master_key() -> MasterKey:
    return MasterKey(key=secrets.token_bytes(KEY_BYTES))


def master_key_from_file(path: Path) -> MasterKey:
    """Read the key, making it first if the file is not there.

    Raises:
        SettingInvalid: the file may be read by others than its owner, or holds no key.
    """
    if not path.exists():
        _make(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise SettingInvalid(
            f"The master key can be read by others than its owner. Run: chmod 600 {shlex.quote(str(path))}",
            mode=f"{mode:04o}",
        )
    try:
        return _decode(path.read_bytes())
    except OSError as exc:
        raise SettingInvalid("The master key file cannot be read.", path=path) from exc


def master_key_from_command(command: str) -> MasterKey:
    """Run a command, without a shell, that prints the key in base64.

    Raises:
        SettingInvalid: it fails, takes too long, or prints something else. What it printed is never repeated.
    """
    try:
        printed = subprocess.run(
            shlex.split(command), check=True, capture_output=True, timeout=COMMAND_TIMEOUT_S, stdin=subprocess.DEVNULL
        )
    except subprocess.CalledProcessError as exc:
        raise SettingInvalid("The master key command failed.", status=exc.returncode) from None
    except subprocess.TimeoutExpired:
        raise SettingInvalid("The master key command took too long.", timeout_s=COMMAND_TIMEOUT_S) from None
    except (OSError, ValueError, IndexError) as exc:
        raise SettingInvalid("The master key command cannot be run.") from exc
    return _decode(printed.stdout)


def _make(path: Path) -> None:
    """Write a new key durably; of two processes starting at once one makes it and the other reads it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        write_once(path, base64.b64encode(new_master_key().key) + b"\n")
        sync_directory(path.parent)


def _decode(text: bytes) -> MasterKey:
    try:
        return MasterKey(key=base64.b64decode(text.strip(), validate=True))
    except binascii.Error:
        raise SettingInvalid("A master key is 32 bytes, written in base64.") from None
