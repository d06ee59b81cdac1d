"""The folder a scanner writes into, as the station's program sees it.

    FOLDER/                   scans that wait to be sent
    FOLDER/sent/              scans that a receipt names as kept
    FOLDER/refused/           scans that a receipt names as refused, each with NAME.reason.txt
    FOLDER/receipts/          the receipts, NUMBER.json
    FOLDER/.guidang-batch.json  the batch under way

Everything needed to go on after a crash is in the folder; every file here is replaced whole or not at all.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from records.errors import FolderInUse, InvalidInput
from records.terms import FileOutcome
from storage.files import sync_directory, write_whole

PLAN_NAME = ".guidang-batch.json"
LOCK_NAME = ".guidang-lock"
LOOK_PAUSE_S = 0.2

# What systems and copying programs leave in folders; files beginning with a dot are passed over as well.
_NOT_SCANS = re.compile(r"(?i)thumbs\.db|desktop\.ini|~.*|.*\.(?:tmp|part|partial|crdownload|filepart)")


@dataclass(frozen=True, kw_only=True)
class PlannedFile:
    """A scan under its number in the batch. The hash is that of the bytes as they were when the batch was planned."""

    file_no: int
    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class BatchPlan:
    """The batch under way. `batch_id` is None until the server has given one."""

    server: str
    idempotency_key: str
    operator: str
    capture: dict[str, Any]
    files: tuple[PlannedFile, ...]
    batch_id: str | None = None


class ScanFolder:
    def __init__(self, path: Path) -> None:
        """Raises InvalidInput: there is no such folder."""
        if not path.is_dir():
            raise InvalidInput(f"There is no folder {path}.")
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other station programs out; the lock ends with the process, however it ends."""
        with (self.path / LOCK_NAME).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as exc:
                raise FolderInUse(f"Another station program works on {self.path}. Only one may.") from exc
            yield

    def scans(self) -> list[Path]:
        """Every scan in natural order, those still being written included."""
        found = (p for p in self.path.iterdir() if not p.name.startswith(".") and not _NOT_SCANS.fullmatch(p.name))
        return sorted((p for p in found if p.is_file() and not p.is_symlink()), key=lambda p: natural_key(p.name))

    def new_plan(self, scans: list[Path], *, server: str, operator: str, capture: dict[str, Any]) -> BatchPlan:
        files = tuple(planned_file(scan, file_no) for file_no, scan in enumerate(scans, start=1))
        return BatchPlan(
            server=server, idempotency_key=secrets.token_hex(16), operator=operator, capture=capture, files=files
        )

    def load_plan(self) -> BatchPlan | None:
        path = self.path / PLAN_NAME
        try:
            content = json.loads(path.read_bytes())
            files = tuple(PlannedFile(**row) for row in content.pop("files"))
            return BatchPlan(files=files, **content)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as exc:
            raise InvalidInput(f"{path} is not what this program wrote. Move it away to begin a new batch.") from exc

    def save_plan(self, plan: BatchPlan) -> None:
        write_whole(self.path / PLAN_NAME, json.dumps(asdict(plan), ensure_ascii=False, indent=1).encode())

    def drop_plan(self) -> None:
        (self.path / PLAN_NAME).unlink(missing_ok=True)
        sync_directory(self.path)

    def keep_receipt(self, receipt: dict[str, Any]) -> Path:
        directory = self.path / "receipts"
        directory.mkdir(exist_ok=True)
        path = directory / f"{receipt['batch_number']}.json"
        write_whole(path, json.dumps(receipt, ensure_ascii=False, indent=1).encode())
        return path

    def clear(self, name: str, sha256: str, outcome: FileOutcome, *, mark: str, reason: str) -> bool:
        """Take a scan out of the folder as its receipt says; tells whether the folder held just these bytes.

        Args:
            mark: makes the name unique where another scan of this name was cleared before.
            reason: why it was refused, for the person at the scanner.
        """
        scan = self.path / name
        if not scan.is_file() or file_sha256(scan) != sha256:
            return False
        self._set_aside(scan, outcome, mark=mark, reason=reason)
        return True

    def refuse(self, name: str, *, mark: str, reason: str) -> None:
        """Set a scan aside that the server would not even take in."""
        self._set_aside(self.path / name, FileOutcome.REFUSED, mark=mark, reason=reason)

    def _set_aside(self, scan: Path, outcome: FileOutcome, *, mark: str, reason: str) -> None:
        directory = self.path / ("refused" if outcome == FileOutcome.REFUSED else "sent")
        directory.mkdir(exist_ok=True)
        target = directory / scan.name
        if target.exists():
            target = directory / f"{target.stem}.{mark}{target.suffix}"
        if outcome == FileOutcome.REFUSED:
            write_whole(target.with_name(f"{target.name}.reason.txt"), f"{reason}\n".encode())
        scan.rename(target)
        sync_directory(directory)


class Settling:
    """Tells which scans are complete: those that looked the same for `settle_s`, by this machine's own clock."""

    def __init__(self, folder: ScanFolder, settle_s: float) -> None:
        self._folder, self._settle_s = folder, settle_s
        self._seen: dict[Path, tuple[tuple[int, int, int], float]] = {}

    def look(self) -> tuple[list[Path], list[Path]]:
        """The settled scans and those that may still be written, each in natural order."""
        now, seen = time.monotonic(), {}
        for scan in self._folder.scans():
            try:
                status = scan.stat()
            except FileNotFoundError:  # moved away between the two looks
                continue
            shape = (status.st_size, status.st_mtime_ns, status.st_ino)
            before = self._seen.get(scan)
            seen[scan] = before if before is not None and before[0] == shape else (shape, now)
        self._seen = seen
        settled = [scan for scan, (_, since) in seen.items() if now - since >= self._settle_s]
        return settled, [scan for scan in seen if scan not in set(settled)]

    def wait(self, *, patience_s: float) -> list[Path]:
        """Look until every scan has settled, or for so long; gives the settled ones."""
        deadline = time.monotonic() + patience_s
        while True:
            settled, unsettled = self.look()
            if not unsettled or time.monotonic() >= deadline:
                return settled
            time.sleep(min(LOOK_PAUSE_S, max(self._settle_s, 0.01)))


def planned_file(scan: Path, file_no: int) -> PlannedFile:
    return PlannedFile(file_no=file_no, name=scan.name, sha256=file_sha256(scan), size_bytes=scan.stat().st_size)


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sorts `scan2` before `scan10`.

    >>> sorted(["scan10.jpg", "scan2.jpg"], key=natural_key)
    ['scan2.jpg', 'scan10.jpg']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts]


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
