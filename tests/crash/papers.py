"""What is scanned in a crash test: licences that read without doubt, two of each company, no two alike."""

from __future__ import annotations

import hashlib
from pathlib import Path

from intake.scan_folder import PLAN_NAME
from tests.archives import licence_lines
from tests.pixel_text import page_png

COPIES = 2
"""Papers of one company: filed at the same moment by two workers, they must meet in one customer."""


class Papers:
    """A scanner that puts paper after paper into a folder, each whole from the first moment."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.sha256_of: dict[str, str] = {}
        """Of every scan ever made, by its name."""

    @property
    def companies(self) -> int:
        return -(-len(self.sha256_of) // COPIES)

    def scan(self, count: int) -> None:
        for _ in range(count):
            number = len(self.sha256_of)
            page = page_png([*licence_lines(number // COPIES), f"第{number}张"])
            name = f"scan{number:05d}.png"
            self.sha256_of[name] = hashlib.sha256(page).hexdigest()
            unfinished = self.folder / f".{name}"
            unfinished.write_bytes(page)
            unfinished.rename(self.folder / name)

    def waiting(self) -> int:
        """Scans that are still in the folder, sent or not."""
        return sum(1 for path in self.folder.glob("scan*.png"))

    def is_settled(self) -> bool:
        """Whether the station has no batch under way."""
        return not (self.folder / PLAN_NAME).exists()

    def sent(self) -> dict[str, str]:
        """Name → SHA-256 of what the station has taken out of the folder: the server had acknowledged it."""
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.folder.glob("sent/*")}

    def receipts(self) -> int:
        return sum(1 for _ in self.folder.glob("receipts/*.json"))
