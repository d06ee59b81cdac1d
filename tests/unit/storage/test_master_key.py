from __future__ import annotations

import base64
import shlex
import stat
import sys
import threading
from pathlib import Path

import pytest

from records.errors import SettingInvalid
from storage.master_key import MasterKey, master_key_from_command, master_key_from_file, new_master_key

TEXT = base64.b64encode(bytes(range(32))).decode()


def python(program: str) -> str:
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}"


def test_the_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "master.key"
    first = master_key_from_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert master_key_from_file(path) == first
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]


def test_of_several_starting_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    found: list[MasterKey] = []
    threads = [
        threading.Thread(target=lambda: found.append(master_key_from_file(tmp_path / "master.key"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.key for each in found}) == 1
    assert len(found) == 8


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610])
def test_a_file_others_may_read_is_refused_with_the_command_that_helps(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    master_key_from_file(path)
    path.chmod(mode)
    with pytest.raises(SettingInvalid, match=f"chmod 600 {path}"):
        master_key_from_file(path)


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(b"short"), base64.b64encode(bytes(33))])
def test_a_file_without_a_key_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(SettingInvalid):
        master_key_from_file(path)
    assert path.read_bytes() == content


def test_a_command_gives_the_key() -> None:
    assert master_key_from_command(python(f"print({TEXT!r})")).key == bytes(range(32))


@pytest.mark.parametrize(
    "program", ["print('hunter2')", "raise SystemExit('hunter2')", "pass", f"print({TEXT!r} + 'hunter2')"]
)
def test_a_command_that_gives_none_is_refused_without_repeating_it(program: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        master_key_from_command(python(program))
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("command", ["", "/nowhere/vault read", "'unbalanced"])
def test_a_command_that_cannot_run_is_refused(command: str) -> None:
    with pytest.raises(SettingInvalid):
        master_key_from_command(command)


def test_a_command_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.master_key.COMMAND_TIMEOUT_S", 0.2)
    with pytest.raises(SettingInvalid, match="too long"):
        master_key_from_command(python("import time; time.sleep(60)"))


def test_a_key_is_not_shown_and_its_id_tells_keys_apart() -> None:
    one, other = new_master_key(), new_master_key()
    assert one.id != other.id
    assert one.key.hex() not in repr(one)
    assert repr(one.key) not in repr(one)
    assert one.id == MasterKey(key=one.key).id
