"""`make desk`, as somebody meets it who has never seen it."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.commands.demo_people import Person
from api.commands.demo_stage import VISITOR
from tests.acceptance.processes import guidang

PATIENCE_S = 180.0


def test_the_samples_come_once_somebody_has_logged_in_and_it_ends_when_told(tmp_path: Path) -> None:
    printed = tmp_path / "printed"
    fresh = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": CHECKOUT}
    with printed.open("wb") as out:
        desk = subprocess.Popen([*guidang("demo"), "--desk"], cwd=tmp_path, env=fresh, stdout=out, stderr=out)
    try:
        wait_until(lambda: "(password)" in printed.read_text())
        address, password = re.findall(r"in a browser\s+(\S+)|\(password\)\s+(\S+)", printed.read_text())
        assert "files sent" not in printed.read_text()

        visitor = Person(address[0], VISITOR, password[1])
        wait_until(lambda: [each["state"] for each in visitor.all("/batches")] == ["sealed"])
        visitor.close()
        desk.terminate()

        assert desk.wait(PATIENCE_S) == 0, printed.read_text()
    finally:
        desk.kill()
        desk.wait()


CHECKOUT = str(Path(__file__).resolve().parents[2])


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail("It did not come to that.")
        time.sleep(0.2)
