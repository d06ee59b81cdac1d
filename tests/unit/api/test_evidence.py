"""An exported chain: every change of it is found where it was made, and a cut end by a head written down before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from api.cli import app
from api.commands.evidence import _write, read_links
from records import chain
from records.chain import Link
from records.errors import ChainBroken, InvalidInput

ENTRIES = 6


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file, previous, links = tmp_path_factory.mktemp("chain") / "register.jsonl", chain.GENESIS, []
    for seq in range(1, ENTRIES + 1):
        entry = chain.canonical({"seq": seq, "档号": f"GD01-{seq:06d}", "event": "begun"})
        digest = chain.link_hash(previous, entry)
        links.append(Link(seq=seq, entry=entry, previous_hash=previous, hash=digest))
        previous = digest
    _write(file, links)
    return file


def located(written: bytes, changed: bytes, place: Path) -> int:
    """The line on which the change is found; 0 where it is not."""
    place.write_bytes(changed)
    try:
        chain.verify(read_links(place))
    except ChainBroken as broken:
        return int(str(broken.facts.get("line") or broken.facts["seq"]))
    return 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_byte_changed_removed_or_added_is_found_where_it_was(
    exported: Path, tmp_path: Path, data: st.DataObject
) -> None:
    written = exported.read_bytes()
    at, byte = data.draw(st.integers(0, len(written) - 1)), bytes([data.draw(st.integers(0, 255))])
    line = written[:at].count(b"\n") + 1
    changes = [
        written[:at] + byte + written[at + 1 :],
        written[:at] + written[at + 1 :],
        written[:at] + byte + written[at:],
    ]

    for changed in changes:
        if changed != written:
            assert located(written, changed, tmp_path / "changed") in (line, line + 1)


@given(st.permutations(range(ENTRIES)), st.integers(0, ENTRIES - 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_entries_reordered_removed_or_repeated_are_found(
    exported: Path, tmp_path: Path, order: list[int], which: int
) -> None:
    lines = exported.read_bytes().splitlines(keepends=True)
    first_wrong = next((at for at, index in enumerate(order) if at != index), None)

    assert located(b"", b"".join(lines[index] for index in order), tmp_path / "x") == (
        0 if first_wrong is None else first_wrong + 1
    )
    assert located(b"", b"".join(lines[: which + 1] + lines[which:]), tmp_path / "x") == which + 2
    if which < ENTRIES - 1:
        assert located(b"", b"".join(lines[:which] + lines[which + 1 :]), tmp_path / "x") == which + 1


def test_a_cut_end_is_found_by_the_head_written_down_before(exported: Path, tmp_path: Path) -> None:
    lines = exported.read_bytes().splitlines(keepends=True)
    _, head = chain.verify(read_links(exported))
    (tmp_path / "cut").write_bytes(b"".join(lines[:-1]))

    def verify(*arguments: str) -> object:
        return CliRunner().invoke(app, ["register", "verify", *arguments]).exception

    assert verify(str(exported), "--head", head) is None
    assert verify(str(tmp_path / "cut")) is None  # nothing tells of it
    assert isinstance(verify(str(tmp_path / "cut"), "--head", head), ChainBroken)
    assert isinstance(verify("--head", head), InvalidInput)
