"""A process that opens files under limits, as a worker's child does; and the parent's view of it.

Run as a module it reads files from standard input (8 bytes of length, then the bytes) and answers each with one line
of JSON.
"""

from __future__ import annotations

import json
import resource
import select
import struct
import subprocess
import sys
import time
from typing import IO, Any

from intake.formats.inspection import Limits, inspect
from intake.formats.pages import PageImage, open_pages
from records.errors import Rejected

ADDRESS_SPACE_BYTES = 2 * 1024**3
TIME_LIMIT_S = 12.0
LIMITS = Limits(max_drawing_s=2.0)

_COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "grey": (128, 128, 128),
}


class Child:
    """Restarted when lost; `losses` counts how often that was."""

    def __init__(self) -> None:
        self.losses = 0
        self._process: subprocess.Popen[bytes] | None = None

    def open(self, data: bytes) -> dict[str, Any]:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(struct.pack(">Q", len(data)) + data)
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], TIME_LIMIT_S)
        line = process.stdout.readline() if ready else b""
        if not line:
            self.close()
            self.losses += 1
            return {"lost": "memory" if ready else "time", "status": process.returncode}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-m", "tests.hostile.confined"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert self._process.stdout is not None
            assert self._process.stdout.readline() == b"ready\n"
        return self._process


def main(files: IO[bytes], answers: IO[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers.write("ready\n")
    answers.flush()
    while header := files.read(8):
        answer = _answer(files.read(struct.unpack(">Q", header)[0]))
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answer(data: bytes) -> dict[str, Any]:
    began = time.monotonic()
    try:
        inspect(data, LIMITS)
        seen = [_seen(page) for page in open_pages(data, LIMITS)]
    except Rejected as exc:
        return {"refused": exc.code, "facts": exc.facts, "seconds": time.monotonic() - began}
    return {"pages": seen, "seconds": time.monotonic() - began}


def _seen(page: PageImage) -> dict[str, Any]:
    height, width = page.image.shape[:2]
    corners = [(y, x) for y in (height // 8, height - 1 - height // 8) for x in (width // 8, width - 1 - width // 8)]
    return {
        "page_no": page.page_no,
        "size": [width, height],
        "look": " ".join(_colour(page.image[corner][::-1].tolist()) for corner in corners),
        "dpi": page.dpi,
        "source": page.source.value,
    }


def _colour(rgb: list[int]) -> str:
    return min(_COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(_COLOURS[name], rgb, strict=True)))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout)
