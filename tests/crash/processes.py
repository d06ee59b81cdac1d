"""The processes of a crash test, killed and started again: the service with its workers, and the station."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from api.settings import Settings

START_PATIENCE_S = 120.0
STOP_PATIENCE_S = 60.0


class DidNotHappen(Exception):
    """Something of the test itself did not happen in time."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_of(settings: Settings, port: int) -> dict[str, str]:
    """The settings as variables; nothing else of GUIDANG_* gets through."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GUIDANG_")}
    return inherited | {
        "GUIDANG_DATA": str(settings.data),
        "GUIDANG_DATABASE": settings.database.get_secret_value(),
        "GUIDANG_OBJECTS": settings.objects.get_secret_value(),
        "GUIDANG_PORT": str(port),
        "GUIDANG_WORKERS": str(settings.workers),
        "GUIDANG_PAGE_TIMEOUT_S": "20",
        "GUIDANG_LOG_LEVEL": "WARNING",
    }


@dataclass
class Running:
    """A program in a session of its own, so that it can be killed with or without the processes it started.

    `groups` are those of every process that ever ran here, to find what was left behind.
    """

    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    groups: list[int] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.groups.append(self.process.pid)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self, *, whole: bool = True) -> None:
        """SIGKILL to the program, and to everything it started if `whole`; wait until it is gone."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            if whole:
                os.killpg(self.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit status. Raises DidNotHappen where it does not stop."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired as exc:
            raise DidNotHappen(f"it did not stop within {STOP_PATIENCE_S:.0f} s: {self.command[-1]}") from exc

    def left_behind(self) -> list[int]:
        """Processes of every group that ever ran here, the present one included."""
        return [pid for pid, group in _groups_of_processes() if group in self.groups]

    def clear(self) -> None:
        """Kill by its id whatever is left."""
        for pid in self.left_behind():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()


class Service(Running):
    """The service on one port for its whole life, so that the station finds it again."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self.port, self.ready_file = free_port(), directory / "ready"
        super().__init__(
            command=[sys.executable, "-m", "tests.crash.stub_service", str(self.ready_file)],
            environment=environment_of(settings, self.port),
            log=directory / "service.log",
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.ready_file.unlink(missing_ok=True)
        super().start()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_PATIENCE_S
        while not self.ready_file.exists():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise DidNotHappen(f"the service did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)

    def worker_pids(self) -> list[int]:
        return [pid for pid in _children_of(self.pid) if "spawn_main" in command_line(pid)]

    def kill_worker(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Station(Running):
    """`guidang station send --watch` over a folder."""

    def __init__(self, directory: Path, folder: Path, server: str, token: str) -> None:
        command = [sys.executable, "-m", "api.cli", "station", "send", str(folder), "--operator", "王五"]
        command += ["--watch", "--settle", "0", "--patience", "120", "--server", server, "--token", token]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GUIDANG_")}
        super().__init__(command=command, environment=inherited, log=directory / "station.log")


def _groups_of_processes() -> list[tuple[int, int]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat_of(int(entry.name))) and stat[0] != "Z":
            found.append((int(entry.name), int(stat[2])))
    return found


def _children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            if task.name != str(pid)
            for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []


def command_line(pid: int) -> str:
    """As it was started; empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _stat_of(pid: int) -> list[str]:
    """State, parent, group … of a process; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
