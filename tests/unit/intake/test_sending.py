from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake import station_link
from intake.scan_folder import PLAN_NAME, ScanFolder, Settling, natural_key
from intake.sending import SentBatch, send_next, station_of_this_machine
from intake.station_link import StationLink
from records.errors import FolderInUse, InvalidInput, NotAuthenticated, ServerUnreachable
from tests.station_server import LIMIT_BYTES, TOKEN, Faults, MemoryServer, running


@pytest.fixture
def server() -> Iterator[MemoryServer]:
    with running(MemoryServer()) as started:
        yield started


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station_link, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(station_link, "LONGEST_PAUSE_S", 0.05)


def write_scans(folder: Path, *numbers: int) -> dict[str, str]:
    """Scans with contents of their own; gives name → hash."""
    contents = {f"scan{number}.png": f"scan {number} of {folder.name}".encode() for number in numbers}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def send(server: MemoryServer, folder: Path, *, patience_s: float = 20.0, token: str = TOKEN) -> SentBatch | None:
    link = StationLink(server.address, token, patience_s=patience_s)
    scans = ScanFolder(folder)
    try:
        return send_next(link, scans, station_of_this_machine("王五"), Settling(scans, 0.0))
    finally:
        link.close()


def waiting(folder: Path) -> list[str]:
    return [scan.name for scan in ScanFolder(folder).scans()]


def test_a_folder_becomes_one_batch_numbered_in_natural_order(server: MemoryServer, tmp_path: Path) -> None:
    hashes = write_scans(tmp_path, 10, 2, 1)

    sent = send(server, tmp_path)

    assert sent is not None
    assert (sent.kept, sent.duplicates, sent.refused, sent.left) == (3, 0, 0, 0)
    files = server.batches["batch1"].files
    assert [files[no]["sha256"] for no in (1, 2, 3)] == [hashes[f"scan{n}.png"] for n in (1, 2, 10)]
    assert sorted(p.name for p in (tmp_path / "sent").iterdir()) == ["scan1.png", "scan10.png", "scan2.png"]
    assert json.loads(sent.receipt.read_bytes())["batch_number"] == sent.number
    assert waiting(tmp_path) == []
    assert not (tmp_path / PLAN_NAME).exists()


def test_an_empty_folder_opens_no_batch(server: MemoryServer, tmp_path: Path) -> None:
    assert send(server, tmp_path) is None
    assert server.requests == 0


def test_names_travel_whole(server: MemoryServer, tmp_path: Path) -> None:
    (tmp_path / "营业执照 100%.png").write_bytes(b"x")

    send(server, tmp_path)

    assert server.names == ["营业执照 100%.png"]


def test_a_refused_scan_is_set_aside_with_its_reason(server: MemoryServer, tmp_path: Path) -> None:
    write_scans(tmp_path, 1)
    (tmp_path / "blank.png").write_bytes(b"")

    sent = send(server, tmp_path)

    assert sent is not None
    assert (sent.kept, sent.refused) == (1, 1)
    assert (tmp_path / "refused" / "blank.png").exists()
    assert "文件是空的。" in (tmp_path / "refused" / "blank.png.reason.txt").read_text(encoding="utf-8")


def test_the_same_bytes_again_count_as_duplicate_and_overwrite_nothing(server: MemoryServer, tmp_path: Path) -> None:
    write_scans(tmp_path, 1)
    send(server, tmp_path)
    write_scans(tmp_path, 1)

    sent = send(server, tmp_path)

    assert sent is not None
    assert sent.duplicates == 1
    assert len(list((tmp_path / "sent").iterdir())) == 2


def test_a_scan_that_changes_after_it_was_sent_stays_and_goes_again(server: MemoryServer, tmp_path: Path) -> None:
    write_scans(tmp_path, 1)
    scan = tmp_path / "scan1.png"
    original_seal = server._seal

    def rescan_then_seal(batch: object) -> object:
        scan.write_bytes(b"scanned anew")
        return original_seal(batch)  # type: ignore[arg-type]

    server._seal = rescan_then_seal  # type: ignore[method-assign,assignment]
    first = send(server, tmp_path)
    server._seal = original_seal  # type: ignore[method-assign]

    assert first is not None
    assert first.left == 1
    assert waiting(tmp_path) == ["scan1.png"]
    second = send(server, tmp_path)
    assert second is not None
    assert second.kept == 1
    assert hashlib.sha256(b"scanned anew").hexdigest() in server.kept


def test_an_unfinished_batch_is_finished_before_a_new_one_begins(tmp_path: Path) -> None:
    server = MemoryServer(Faults(unavailable=1.0))
    write_scans(tmp_path, 1, 2)
    with running(server), pytest.raises(ServerUnreachable):
        send(server, tmp_path, patience_s=0.1)
    write_scans(tmp_path, 3)

    server.faults.unavailable = 0.0
    with running(server, port=int(server.address.rpartition(":")[2])):
        first, second = send(server, tmp_path), send(server, tmp_path)

    assert first is not None
    assert second is not None
    assert (first.kept, second.kept) == (2, 1)


def test_a_vanished_scan_leaves_the_batch_open_and_the_rest_received(tmp_path: Path) -> None:
    server = MemoryServer(Faults(unavailable=1.0))
    write_scans(tmp_path, 1, 2)
    with running(server):
        with pytest.raises(ServerUnreachable):
            send(server, tmp_path, patience_s=0.1)
        (tmp_path / "scan1.png").unlink()
        server.faults.unavailable = 0.0

        sent = send(server, tmp_path)

    assert sent is not None
    assert (sent.kept, sent.vanished) == (1, 1)
    assert not server.batches["batch1"].sealed
    assert waiting(tmp_path) == []


def test_a_scan_too_large_for_the_server_is_set_aside(server: MemoryServer, tmp_path: Path) -> None:
    write_scans(tmp_path, 1)
    (tmp_path / "large.png").write_bytes(bytes(LIMIT_BYTES + 1))

    sent = send(server, tmp_path)

    assert sent is not None
    assert (sent.kept, sent.refused) == (1, 1)
    assert "larger" in (tmp_path / "refused" / "large.png.reason.txt").read_text(encoding="utf-8")


def test_a_bad_token_is_not_tried_again(server: MemoryServer, tmp_path: Path) -> None:
    write_scans(tmp_path, 1)

    with pytest.raises(NotAuthenticated):
        send(server, tmp_path, token="wrong")

    assert server.requests == 1
    assert waiting(tmp_path) == ["scan1.png"]


def test_a_batch_begun_with_another_server_is_not_sent_here(server: MemoryServer, tmp_path: Path) -> None:
    write_scans(tmp_path, 1)
    folder = ScanFolder(tmp_path)
    plan = folder.new_plan(folder.scans(), server="http://elsewhere", operator="王五", capture={})
    folder.save_plan(plan)

    with pytest.raises(InvalidInput):
        send(server, tmp_path)


@pytest.mark.parametrize("seed", range(5))
def test_faults_of_the_line_lose_nothing_and_double_nothing(seed: int, tmp_path: Path) -> None:
    server = MemoryServer(Faults(unavailable=0.15, lost_answer=0.15, lost_request=0.1), seed)
    hashes = write_scans(tmp_path, *range(1, 31))

    with running(server):
        sent = send(server, tmp_path)

    assert sent is not None
    assert sorted(server.kept) == sorted(hashes.values())
    assert len(server.batches) == 1
    assert waiting(tmp_path) == []


def test_only_one_program_works_on_a_folder(tmp_path: Path) -> None:
    with ScanFolder(tmp_path).locked(), pytest.raises(FolderInUse), ScanFolder(tmp_path).locked():
        pytest.fail("two hold the lock")


def test_what_programs_leave_behind_is_no_scan(tmp_path: Path) -> None:
    for name in (".hidden", "Thumbs.db", "scan.png.part", "~$scan.pdf", "scan.tmp"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "scan.tmp")

    assert waiting(tmp_path) == []


def test_a_scan_still_being_written_waits(tmp_path: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"begun")
    (tmp_path / "done.png").write_bytes(b"whole")
    settling = Settling(ScanFolder(tmp_path), 0.3)
    stop = threading.Event()

    def write_on() -> None:
        while not stop.wait(0.05):
            with scan.open("ab") as file:
                file.write(b"more")

    writer = threading.Thread(target=write_on)
    writer.start()
    settled = settling.wait(patience_s=1.0)
    stop.set()
    writer.join()

    assert [path.name for path in settled] == ["done.png"]
    assert [path.name for path in settling.wait(patience_s=5.0)] == ["done.png", "scan.png"]


def test_natural_order_reads_numbers_as_numbers() -> None:
    names = ["b1", "a10", "a9", "10", "9", "A1"]

    assert sorted(names, key=natural_key) == ["9", "10", "A1", "a9", "a10", "b1"]


def test_killed_at_random_moments_the_station_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """The true command, killed with SIGKILL until a run comes through; each run leaves what the next needs."""
    server = MemoryServer(Faults(lost_answer=0.05))
    hashes = write_scans(tmp_path, *range(1, 41))
    draw = random.Random(7)
    kills = 0
    with running(server):
        for _ in range(5):
            station = start_station(server, tmp_path)
            before = server.requests
            wait_for_requests(server, before + draw.randint(1, 25), station)
            if station.poll() is None:
                station.kill()
                kills += 1
            station.wait()
        final = start_station(server, tmp_path)
        assert final.wait(timeout=60) == 0

    assert kills >= 2
    assert sorted(server.kept) == sorted(hashes.values())
    assert sorted(p.name for p in (tmp_path / "sent").iterdir()) == sorted(hashes)
    assert all(batch.sealed for batch in server.batches.values())


def start_station(server: MemoryServer, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "api.cli", "station", "send", str(folder), "--server", server.address]
    return subprocess.Popen(
        [*command, "--token", TOKEN, "--settle", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_for_requests(server: MemoryServer, count: int, station: subprocess.Popen[bytes]) -> None:
    while server.requests < count and station.poll() is None:
        time.sleep(0.001)
