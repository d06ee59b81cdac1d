"""The service as its keepers meet it: starting, stopping, being killed."""

from __future__ import annotations

import hashlib
import json
import random
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from intake import fsck
from records.accounts import create_station
from records.models import Batch, BatchFile, Document
from tests.acceptance.processes import ServerProcess, environment_of, start_server, start_station
from tests.archives import Bench, actor
from tests.pixel_text import page_png


@pytest.fixture
def token(bench: Bench) -> str:
    with bench.archive.transaction() as session:
        return create_station(session, actor("setup"), name="二号扫描站", region_code="HD")[1]


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(1, 25):
        (folder / f"scan{number}.png").write_bytes(page_png([f"第{number}页"]))
    return folder


@pytest.fixture
def running(bench: Bench, tmp_path: Path) -> Iterator[ServerProcess]:
    server = start_server(tmp_path, environment_of(bench.settings))
    yield server
    server.kill()


def test_the_first_start_makes_the_first_administrator_and_a_second_none(tmp_path: Path) -> None:
    environment = {"GUIDANG_DATA": str(tmp_path / "new")}
    for _ in range(2):
        assert start_server(tmp_path, environment).stop() == 0

    log = (tmp_path / "server.log").read_text()
    passwords = re.findall(r"First administrator: admin  one-time password: (\S+)", log)
    assert len(passwords) == 1
    assert not (tmp_path / "ready").exists()
    assert len(list((tmp_path / "new" / "anchors").glob("*.json"))) == 1


@pytest.mark.parametrize("bench_settings", ["embedded"], indirect=True)
def test_a_server_told_to_stop_stops_with_its_workers(bench: Bench, tmp_path: Path) -> None:
    server = start_server(tmp_path, environment_of(bench.settings), workers=1)
    with urllib.request.urlopen(f"{server.address}/healthz", timeout=10) as answer:
        assert json.load(answer)["status"] == "alive"

    assert server.stop() == 0


def test_station_and_server_killed_at_random_lose_nothing_and_double_nothing(
    bench: Bench, token: str, scans: Path, tmp_path: Path
) -> None:
    hashes = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in scans.iterdir())
    environment, draw = environment_of(bench.settings), random.Random(11)
    server = start_server(tmp_path, environment)
    address, port = server.address, int(server.address.rpartition(":")[2])
    try:
        for _ in range(3):
            station = start_station(scans, address, token)
            before = arrived(bench)
            while station.poll() is None and arrived(bench) < before + draw.randint(1, 5):
                time.sleep(0.02)
            if draw.random() < 0.6:
                station.kill()
            server.kill()
            station.kill()
            station.wait()
            server = start_server(tmp_path, environment, port=port)
        last = start_station(scans, address, token)
        assert last.wait(timeout=120) == 0
    finally:
        server.kill()

    with bench.archive.reading() as session:
        assert sorted(session.scalars(select(BatchFile.sha256))) == hashes
        assert sorted(session.scalars(select(Document.sha256))) == hashes
        assert set(session.scalars(select(Batch.state))) == {"sealed"}
    assert sorted(path.name for path in (scans / "sent").iterdir()) == sorted(f"scan{n}.png" for n in range(1, 25))
    # What was being received at a kill may leave bytes without a row: they are swept, and never the other way round.
    assert {finding.code for finding in fsck.check(bench.archive, deep=True)} <= {"orphan_object"}


def arrived(bench: Bench) -> int:
    with bench.archive.reading() as session:
        return session.scalar(select(func.count()).select_from(BatchFile)) or 0
