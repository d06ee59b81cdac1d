from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api import anchoring, anchors
from api.anchoring import anchor_if_missing
from api.anchors import AnchorState, check_anchors, newest_anchor, standing_of, write_anchor
from api.cli import app
from api.commands.evidence import _write
from api.metrics import Metrics
from records import audit
from records.documents import visible_document
from records.errors import ChainBroken
from records.ids import utc_now
from retention import register
from retention.signing import public_key_of, signing_key
from tests.archives import Bench, actor, licence_lines


def record_acts(bench: Bench, count: int) -> None:
    with bench.archive.transaction() as session:
        for number in range(count):
            audit.record(session, actor("somebody"), "thing.done", f"thing:{number}")


def register_one(bench: Bench, number: int) -> None:
    (document_id,) = bench.file(licence_lines(number))
    with bench.archive.transaction() as session:
        document = visible_document(session, actor("somebody"), document_id)
        register.append(session, document, list_id="l" * 32, event=register.BEGUN, facts={})


def test_an_anchor_holds_while_the_chains_grow(bench: Bench, tmp_path: Path) -> None:
    record_acts(bench, 3)
    write_anchor(bench.archive, tmp_path)
    register_one(bench, 1)
    write_anchor(bench.archive, tmp_path)
    register_one(bench, 2)

    assert check_anchors(bench.archive, tmp_path) == 2
    assert standing_of(bench.archive, tmp_path).state == AnchorState.CURRENT


@pytest.mark.parametrize("table", ["audit_entries", "destruction_register"])
def test_a_tail_cut_off_shows(bench: Bench, tmp_path: Path, table: str) -> None:
    record_acts(bench, 3)
    register_one(bench, 1)
    write_anchor(bench.archive, tmp_path)
    with bench.archive.transaction() as session:
        last = session.execute(text(f"SELECT max(seq) FROM {table}")).scalar_one()
        session.execute(text(f"DELETE FROM {table} WHERE seq = :seq"), {"seq": last})

    assert standing_of(bench.archive, tmp_path).state == AnchorState.CONTRADICTED
    assert b"guidang_anchor_agrees 0.0" in Metrics(bench.archive, tmp_path).text()
    with pytest.raises(ChainBroken):
        check_anchors(bench.archive, tmp_path)
    with pytest.raises(ChainBroken):
        write_anchor(bench.archive, tmp_path)


@pytest.mark.parametrize("part", ["seq", "hash", "at", "public_key", "signature", "format", "more"])
def test_an_anchor_that_was_changed_is_known(bench: Bench, tmp_path: Path, part: str) -> None:
    record_acts(bench, 3)
    path = write_anchor(bench.archive, tmp_path)
    assert path is not None
    content = json.loads(path.read_bytes())
    if part in ("seq", "hash"):
        content["audit"][part] = 1 if part == "seq" else "0" * 64
    else:
        content[part] = f"{content.get(part, '')}0"
    path.write_text(json.dumps(content))

    with pytest.raises(ChainBroken):
        check_anchors(bench.archive, tmp_path)


def test_an_anchor_of_another_archive_is_not_this_ones(bench: Bench, tmp_path: Path) -> None:
    record_acts(bench, 1)
    path = write_anchor(bench.archive, tmp_path)
    assert path is not None

    anchors.read_anchor(path, public_key_of(signing_key(bench.archive.keyring)))
    with pytest.raises(ChainBroken):
        anchors.read_anchor(path, "A" * 43 + "=")


@pytest.mark.parametrize("bench_settings", ["embedded"], indirect=True)
def test_it_is_written_once_a_day_and_late_when_it_is_not(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "anchors"
    record_acts(bench, 1)
    directory.write_text("in the way")
    anchor_if_missing(bench.archive, directory)  # fails, says so in the log, and goes on
    directory.unlink()

    assert standing_of(bench.archive, directory).state == AnchorState.LATE
    assert b"guidang_anchor_age_seconds" not in Metrics(bench.archive, directory).text()

    for _look in range(2):
        anchor_if_missing(bench.archive, directory)
        record_acts(bench, 1)
    assert len(list(directory.iterdir())) == 1
    assert standing_of(bench.archive, directory).state == AnchorState.CURRENT
    assert b"guidang_anchor_age_seconds" in Metrics(bench.archive, directory).text()

    tomorrow = utc_now() + dt.timedelta(hours=26)
    for module in (anchors, anchoring):
        monkeypatch.setattr(module, "utc_now", lambda: tomorrow)
    assert standing_of(bench.archive, directory).state == AnchorState.LATE
    anchor_if_missing(bench.archive, directory)
    assert len(list(directory.iterdir())) == 2
    assert standing_of(bench.archive, directory).state == AnchorState.CURRENT


@pytest.mark.parametrize("bench_settings", ["embedded"], indirect=True)
def test_an_exported_register_is_held_against_an_anchor_by_anybody(bench: Bench, tmp_path: Path) -> None:
    register_one(bench, 1)
    register_one(bench, 2)
    directory, whole, cut = tmp_path / "anchors", tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    write_anchor(bench.archive, directory)
    with bench.archive.reading() as session:
        links = list(register.links(session))
    _write(whole, links)
    _write(cut, links[:-1])
    told = [
        "--anchor",
        str(newest_anchor(directory)),
        "--public-key",
        public_key_of(signing_key(bench.archive.keyring)),
    ]

    def verify(*said: str) -> BaseException | None:
        return CliRunner().invoke(app, ["register", "verify", *said]).exception

    assert verify(str(whole), *told) is None
    assert isinstance(verify(str(cut), *told), ChainBroken)
    assert isinstance(verify(str(whole), *told[:-1], "A" * 43 + "="), ChainBroken)
