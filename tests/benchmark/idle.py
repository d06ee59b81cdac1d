"""Memory of the service and of a worker that have nothing to do: `python -m tests.benchmark idle`.

The real service, as `guidang serve` starts it; a worker loads its models when the first page comes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.benchmark.report import Table
from tests.benchmark.sets import SETS, archive_settings
from tests.crash.processes import DidNotHappen, Service

SETTLES_S = 10.0
WORKERS_APPEAR_S = 120.0
GOAL_MIB = 200


def measure(sets: Sequence[str] = SETS) -> Table:
    table = Table(
        title="Memory with nothing to do",
        head=("parts", "service, MiB", "worker, MiB"),
        note=f"Resident memory {SETTLES_S:.0f} s after the start, one request answered.",
    )
    for name in sets:
        with (
            tempfile.TemporaryDirectory(prefix="guidang-idle-") as directory,
            archive_settings(name, directory) as settings,
        ):
            service = Service(Path(directory), settings.model_copy(update={"workers": 1}))
            service.command = [sys.executable, "-m", "api.cli", "serve", "--ready-file", str(service.ready_file)]
            try:
                table.rows.append((name, *map(str, _resident(service))))
            finally:
                service.clear()
    return table


def _resident(service: Service) -> tuple[int, int]:
    service.start()
    service.wait_until_ready()
    httpx.get(f"{service.address}/api/v1/batches", trust_env=False)
    deadline = time.monotonic() + WORKERS_APPEAR_S
    while not (workers := service.worker_pids()):
        if time.monotonic() > deadline:
            raise DidNotHappen("no worker started")
        time.sleep(0.2)
    time.sleep(SETTLES_S)
    return _resident_mib(service.pid), _resident_mib(workers[0])


def _resident_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) // 1024
