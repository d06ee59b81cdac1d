from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from storage.files import UNFINISHED, unfinished_of, write_once, write_whole


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "said"
    for said in (b"a longer one", b"one"):
        write_whole(path, said, mode=0o600)

    assert path.read_bytes() == b"one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_crash_left_is_written_over(tmp_path: Path) -> None:
    unfinished_of(tmp_path / "said").write_bytes(b"half of something long")

    write_whole(tmp_path / "said", b"one")

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"one"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    listener = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    listener.start()

    write_whole(pipe, b"one")
    listener.join(10)

    assert heard == [b"one"]
    assert pipe.is_fifo()


def test_of_two_who_make_a_file_one_does(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_once(path, b"first")

    with pytest.raises(FileExistsError):
        write_once(path, b"second")

    assert path.read_bytes() == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(f"{UNFINISHED}*"))
