from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from api.anchors import check_anchors, write_anchor
from records import audit
from records.errors import ChainBroken
from tests.archives import Bench, actor


def record_acts(bench: Bench, count: int) -> None:
    with bench.archive.transaction() as session:
        for number in range(count):
            audit.record(session, actor("somebody"), "thing.done", f"thing:{number}")


def test_an_anchor_holds_while_the_chain_grows(bench: Bench, tmp_path: Path) -> None:
    record_acts(bench, 3)
    write_anchor(bench.archive, tmp_path)
    record_acts(bench, 3)
    write_anchor(bench.archive, tmp_path)

    assert check_anchors(bench.archive, tmp_path) == 2


def test_a_tail_cut_off_shows(bench: Bench, tmp_path: Path) -> None:
    record_acts(bench, 3)
    write_anchor(bench.archive, tmp_path)
    with bench.archive.transaction() as session:
        last = session.execute(text("SELECT max(seq) FROM audit_entries")).scalar_one()
        session.execute(text("DELETE FROM audit_entries WHERE seq = :seq"), {"seq": last})

    with pytest.raises(ChainBroken):
        check_anchors(bench.archive, tmp_path)


@pytest.mark.parametrize("part", ["seq", "hash", "at"])
def test_an_anchor_that_was_changed_is_known(bench: Bench, tmp_path: Path, part: str) -> None:
    record_acts(bench, 3)
    path = write_anchor(bench.archive, tmp_path)
    assert path is not None
    content = json.loads(path.read_bytes())
    content[part] = 1 if part == "seq" else f"{content[part]}0"
    path.write_text(json.dumps(content))

    with pytest.raises(ChainBroken):
        check_anchors(bench.archive, tmp_path)
