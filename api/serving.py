"""The running service: the HTTP server, the workers' supervisor and the daily anchor in one process, stopped as one."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from api.anchoring import keep_anchoring
from api.app import create_app
from api.bootstrap import open_archive, worker_limits, worker_opener
from api.logs import set_up_logging
from api.passwords import Argon2Passwords
from api.settings import Settings
from api.timestamping import authority_of
from intake.archive import Archive
from intake.worker import Opener, Supervisor
from records.accounts import ensure_first_administrator
from records.errors import SettingInvalid
from storage.files import write_whole

log = logging.getLogger(__name__)

GRACE_S = 30
"""How long requests under way may take once the service was told to stop."""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """Said once the service answers. The one-time password is nowhere else."""

    address: str
    port: int
    first_administrator: tuple[str, str] | None


def run_service(
    settings: Settings,
    *,
    announce: Callable[[Announcement], None],
    ready_file: Path | None,
    opener: Opener | None = None,
) -> None:
    """Migrate, open, answer until SIGTERM or SIGINT; then finish what is under way.

    Args:
        opener: what the workers work with, where it is not what the settings say.
    """
    set_up_logging(settings.log_level)
    authority = authority_of(settings)
    archive = open_archive(settings, migrate=True)
    with archive.transaction() as session:
        administrator = ensure_first_administrator(session, Argon2Passwords())
    listening = _listen(settings)
    port = listening.getsockname()[1]

    def ready() -> None:
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        announce(Announcement(address=f"http://{shown}:{port}", port=port, first_administrator=administrator))
        if ready_file is not None:
            write_whole(ready_file, f"{port}\n".encode())

    try:
        workers = _workers(archive, settings, opener or worker_opener(settings))
        anchoring = keep_anchoring(archive, settings.anchors_directory, authority)
        with _signals_do_not_kill(), workers, anchoring:
            _Server(_configuration(archive, settings), ready).run(sockets=[listening])
    finally:
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        archive.close()


def run_workers(settings: Settings) -> None:
    """Only workers, until SIGTERM or SIGINT."""
    set_up_logging(settings.log_level)
    archive = open_archive(settings)
    supervisor = Supervisor(archive, worker_opener(settings), settings.workers, worker_limits(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: supervisor.stop())
    log.info("workers start", extra={"action": "workers.started", "count": settings.workers})
    try:
        supervisor.run()
    finally:
        archive.close()


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _configuration(archive: Archive, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(archive, settings),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as exc:
        raise SettingInvalid(
            "Nothing can listen at GUIDANG_HOST and GUIDANG_PORT: the port is taken or the address is not of "
            "this machine.",
            host=settings.host,
            port=settings.port,
        ) from exc


@contextmanager
def _signals_do_not_kill() -> Iterator[None]:
    """The HTTP server raises the signal that stopped it once more; the rest of the service is stopping by then."""

    def noted(_number: int, _frame: FrameType | None) -> None:
        log.info("told to stop", extra={"action": "service.stopping"})

    before = {number: signal.signal(number, noted) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _workers(archive: Archive, settings: Settings, opener: Opener) -> Iterator[None]:
    supervisor = Supervisor(archive, opener, settings.workers, worker_limits(settings))
    told_to_stop = threading.Event()

    def supervise() -> None:
        try:
            supervisor.run()
        finally:
            if not told_to_stop.is_set():  # a service that answers but reads nothing would deceive
                log.critical("the supervisor ended by itself; the service stops", extra={"action": "service.broken"})
                os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=supervise, name="supervisor")
    thread.start()
    try:
        yield
    finally:
        told_to_stop.set()
        supervisor.stop()
        thread.join()
