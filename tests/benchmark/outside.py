"""Measurements that are programs of their own: run them and keep what they print."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence


def measure(title: str, programs: Sequence[Sequence[str]]) -> tuple[str, list[str]]:
    """The output of each program as a block of the page, and the names of those that failed."""
    blocks, failed = [f"## {title}\n"], []
    for module, *options in programs:
        finished = subprocess.run([sys.executable, "-m", module, *options], stdout=subprocess.PIPE, check=False)
        blocks.append(f"`python -m {' '.join([module, *options])}`\n\n```\n{finished.stdout.decode().strip()}\n```\n")
        if finished.returncode != 0:
            failed.append(f"{module} ended with status {finished.returncode}")
    return "\n".join(blocks), failed
