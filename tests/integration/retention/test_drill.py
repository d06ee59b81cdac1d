"""The drills: nothing is left of destroyed documents, what is left is found, and a rehearsal leaves nothing itself."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from api.cli import app
from api.commands import drill_stage
from api.commands.drill_stage import Rehearsal
from api.settings import Settings
from intake import remains
from intake.backup import make_backup
from intake.orders import write_orders
from intake.planted import plant
from intake.remains import CHUNK_BYTES, Search, Trace, traces_of_number, traces_of_phrase
from retention.holds import HoldOrder, place_hold
from tests.archives import actor, embedded_settings, licence_lines, open_bench
from tests.integration.retention.test_destruction import approved_list, execute


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(params=["embedded", "grown"])
def parts(request: pytest.FixtureRequest) -> list[str]:
    if request.param == "embedded":
        return []
    files = str(request.getfixturevalue("s3_server").data_dir)
    return ["--database", request.getfixturevalue("postgres_url"), "--objects", request.getfixturevalue("s3_bucket"),
            "--server-files", files]  # fmt: skip


def test_nothing_is_left_of_destroyed_documents(parts: list[str], tmp_path: Path) -> None:
    answer = run("drill", "destruction", "--documents", "6", "--keep", str(tmp_path / "kept"), "--json", *parts)

    result = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert (result["clean"], result["after"], result["opened"], result["findings"]) == (True, {}, 0, [])
    assert result["restored_unreadable"] == 6
    assert len(result["planted"]["phrases"]) == len(result["planted"]["numbers"]) == 6
    assert result["refused_without_keys"]
    assert result["not_searched"] == []
    assert b"guidang_documents" in (tmp_path / "kept" / "metrics.txt").read_bytes()
    everything = b"".join(path.read_bytes() for path in sorted((tmp_path / "kept").rglob("*")) if path.is_file())
    assert not any(phrase.encode() in everything for phrase in result["planted"]["phrases"])


def test_what_is_left_behind_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    destroy = drill_stage._destroy

    def leaves_a_cache(archive, ids, say) -> None:  # type: ignore[no-untyped-def]
        destroy(archive, ids, say)
        Path(tempfile.gettempdir(), "cache").write_bytes(b"x" + planted[0].phrase.encode("utf-16-le"))

    monkeypatch.setattr(drill_stage, "_destroy", leaves_a_cache)
    monkeypatch.setattr(drill_stage, "plant", lambda _count, seed: planted)
    planted = plant(5, seed=1)

    result = Rehearsal(tmp_path, database="", objects="", say=len).run(2)

    assert not result.is_clean
    assert result.after == {"tmp": {"phrase": 5}}


def test_the_search_is_a_program_that_shares_nothing_with_the_project(tmp_path: Path) -> None:
    """It stands alone in another directory, and finds by itself what another program left."""
    program, place = tmp_path / "alone" / "search.py", tmp_path / "place"
    program.parent.mkdir()
    shutil.copyfile(str(remains.__file__), program)
    place.mkdir()
    left, kept = plant(2, seed=5)
    planted = {"phrases": [left.phrase], "numbers": [left.number], "pixels": ["00112233445566778899"], "keys": []}
    (tmp_path / "drill.json").write_text(
        json.dumps({"planted": planted, "kept": {"phrases": [kept.phrase], "numbers": [kept.number]}})
    )

    def searched() -> tuple[int, dict[str, dict[str, int]]]:
        command = [sys.executable, "-I", str(program), str(tmp_path / "drill.json"), str(place)]
        ran = subprocess.run(command, capture_output=True, check=False, cwd=program.parent)
        return ran.returncode, json.loads(ran.stdout)["left"]

    assert searched() == (1, {})  # what is kept was not found: the search is worth nothing
    (place / "kept").write_text(kept.phrase)
    assert searched() == (0, {})
    with contextlib.closing(sqlite3.connect(place / "some.db")) as database, database:
        database.execute("CREATE TABLE packed (bytes BLOB)")
        database.execute("INSERT INTO packed VALUES (?)", [zlib.compress(b"x" + left.number.encode())])
    (place / "picture").write_bytes(b"x" + bytes.fromhex("00112233445566778899"))
    assert searched() == (1, {"place": {"pixels": 1}, "place: rows of packed": {"number": 1}})


def test_no_planted_number_can_stand_in_a_hash_by_chance() -> None:
    """The search looks for the last eight characters of a number, in small letters too."""
    assert not [each.number for each in plant(2_000, seed=11) if re.fullmatch("[0-9A-F]{8}", each.number[-8:])]


def test_a_drill_needs_an_empty_place(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")

    assert run("drill", "destruction", "--documents", "1", "--keep", str(tmp_path)).exit_code != 0
    assert (tmp_path / "mine").read_text() == "x"


def test_a_restore_is_rehearsed_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path / "data")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    bench = open_bench(embedded_settings(tmp_path))
    ids = bench.file(licence_lines(1), licence_lines(2))
    bench.archive.close()
    guidang = ("--data", str(settings.data))
    assert run(*guidang, "backup", str(tmp_path / "backup")).exit_code == 0
    assert run(*guidang, "backup", "keys", str(tmp_path / "keys.jsonl")).exit_code == 0
    before = sorted(tmp_path.rglob("*"))

    whole = run(*guidang, "drill", "restore", str(tmp_path / "backup"))
    with_file = run(*guidang, "drill", "restore", str(tmp_path / "backup"), "--keys", str(tmp_path / "keys.jsonl"))
    original = next((tmp_path / "backup" / "objects" / "documents" / ids[0] / "original").iterdir())
    original.write_bytes(original.read_bytes()[:-1] + b"x")
    changed = run(*guidang, "drill", "restore", str(tmp_path / "backup"))

    assert (whole.exit_code, with_file.exit_code) == (0, 0)
    assert changed.exception is not None
    assert original.name in str(changed.exception)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_rehearsed_restore_tells_what_was_ordered_since(tmp_path: Path) -> None:
    bench = open_bench(embedded_settings(tmp_path))
    doomed, held = bench.file(licence_lines(1), licence_lines(2))
    make_backup(bench.archive, tmp_path / "backup")
    with bench.archive.transaction() as session:
        order = HoldOrder(case_no="1", reason="诉讼", authority="法院", subjects=[f"document:{held}"])
        place_hold(session, actor("e"), order)
    execute(bench, approved_list(bench, doomed))
    write_orders(bench.archive, tmp_path / "orders.jsonl")
    bench.archive.close()

    arguments = ("drill", "restore", str(tmp_path / "backup"), "--orders", str(tmp_path / "orders.jsonl"))
    answer = run("--data", str(bench.settings.data), *arguments)

    told = " ".join(answer.output.split())
    assert answer.exit_code == 0
    assert "1 destroyed since were kept out; 1 holds placed since and 0 tombstones made since were put in" in told


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16": lambda text: text.encode("utf-16-le"),
    "utf-16 of the other order": lambda text: text.encode("utf-16-be"),
    "gb18030": lambda text: text.encode("gb18030"),
    "json": lambda text: json.dumps(text).encode(),
    "address": lambda text: quote(text).encode(),
    "hexadecimal": lambda text: text.encode().hex().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64, one byte later": lambda text: base64.b64encode(b"x" + text.encode()),
    "base64, two bytes later": lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
}


@given(st.binary(max_size=40), st.sampled_from(sorted(WRITTEN)), st.booleans())
def test_a_trace_is_found_wherever_and_however_it_stands(around: bytes, how: str, is_number: bool) -> None:
    planted = plant(1, seed=7)[0]
    text = planted.number if is_number else planted.phrase
    search = Search(traces_of_number(text) if is_number else traces_of_phrase(text))

    search.data("here", around + WRITTEN[how](text) + around)

    assert search.total >= 1


def test_a_trace_across_two_chunks_is_found_once(tmp_path: Path) -> None:
    needle = bytes(range(100, 116))
    for at in (CHUNK_BYTES - 16, CHUNK_BYTES - 9, CHUNK_BYTES - 1, CHUNK_BYTES):
        (tmp_path / "file").write_bytes(bytes(at) + needle + bytes(50))
        search = Search([Trace(what="key", needle=needle)])
        search.file("here", tmp_path / "file")

        assert search.found == {"here": {"key": 1}}


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    mine, other = plant(2, seed=3)
    (tmp_path / "file").write_bytes(other.phrase.encode() + other.number.encode() + other.bitmap)
    search = Search([*traces_of_phrase(mine.phrase), *traces_of_number(mine.number)])
    search.directory("here", tmp_path)

    assert search.found == {}
