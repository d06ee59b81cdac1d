"""The installed commands as processes: a server with its address, a station, and their violent ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.settings import Settings

START_PATIENCE_S = 120.0


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as variables, for processes of their own."""
    secret = {
        "GUIDANG_DATABASE": settings.database.get_secret_value(),
        "GUIDANG_OBJECTS": settings.objects.get_secret_value(),
        "GUIDANG_KEYS": settings.keys.get_secret_value(),
    }
    return {"GUIDANG_DATA": str(settings.data)} | {name: value for name, value in secret.items() if value}


@dataclass
class ServerProcess:
    process: subprocess.Popen[bytes]
    ready_file: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ready_file.read_text().strip()}"

    def stop(self) -> int:
        """SIGTERM; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def start_server(directory: Path, environment: Mapping[str, str], *, port: int = 0, workers: int = 0) -> ServerProcess:
    """Start `guidang serve` and wait until it answers."""
    ready = directory / "ready"
    ready.unlink(missing_ok=True)
    command = [*guidang("serve"), "--port", str(port), "--workers", str(workers), "--ready-file", str(ready)]
    with (directory / "server.log").open("ab") as log:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
    deadline = time.monotonic() + START_PATIENCE_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError((directory / "server.log").read_text()[-2000:])
        time.sleep(0.05)
    return ServerProcess(process=process, ready_file=ready)


def start_station(folder: Path, address: str, token: str, *more: str) -> subprocess.Popen[bytes]:
    command = [*guidang("station"), "send", str(folder), "--server", address, "--token", token, "--settle", "0", *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def guidang(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", *arguments]
