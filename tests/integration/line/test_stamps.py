"""Time stamps over anchors: a real authority made with openssl, answers that are wrong in ways with names."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api import stamps, timestamping
from api.anchoring import keep_anchoring, stamp_if_missing
from api.anchors import write_anchor
from api.cli import app
from api.commands.evidence import _write
from api.metrics import Metrics
from api.settings import Settings
from api.stamps import StampState, check_stamp_of, check_stamps, stamp_newest, stamp_standing
from api.timestamping import Authority, authority_of
from records import audit
from records.errors import SettingInvalid, StoreUnavailable, TimestampInvalid
from records.ids import utc_now
from retention.signing import public_key_of, signing_key
from retention.timestamps import read_trust
from tests.archives import Bench, actor
from tests.time_authority import FAULTS, Fault, TimeAuthority, garbage, never_answers, time_authority

pytestmark = pytest.mark.parametrize("bench_settings", ["embedded"], indirect=True)


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[TimeAuthority]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: nothing was stamped")
    with time_authority(tmp_path / "tsa") as made:
        yield made


@pytest.fixture
def authority(tsa: TimeAuthority) -> Authority:
    return Authority(tsa.url, read_trust(tsa.ca_file))


@pytest.fixture
def anchor(bench: Bench, tmp_path: Path) -> Path:
    with bench.archive.transaction() as session:
        audit.record(session, actor("somebody"), "thing.done", "thing:1")
    written = write_anchor(bench.archive, tmp_path / "anchors")
    assert written is not None
    return written


def test_the_newest_anchor_is_stamped_once(anchor: Path, authority: Authority, tsa: TimeAuthority) -> None:
    stamped = stamp_newest(anchor.parent, authority)

    assert stamped is not None
    assert stamp_newest(anchor.parent, authority) is None
    assert tsa.asked == 1
    assert check_stamps(anchor.parent, authority.trust) == 1
    assert abs(check_stamp_of(anchor, authority.trust) - utc_now()) < dt.timedelta(minutes=1)


def test_another_program_reads_the_stamp(anchor: Path, authority: Authority, tsa: TimeAuthority) -> None:
    stamped = stamp_newest(anchor.parent, authority)

    command = f"openssl ts -verify -in {stamped} -data {anchor} -CAfile {tsa.ca_file}"
    said = subprocess.run(command.split(), capture_output=True, text=True, check=False)

    assert "Verification: OK" in said.stdout + said.stderr


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_of_no_use_is_not_kept(
    anchor: Path, authority: Authority, tsa: TimeAuthority, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timestamping, "TIMEOUT", httpx.Timeout(0.5))
    tsa.fault = fault

    with pytest.raises(StoreUnavailable):
        stamp_newest(anchor.parent, authority)

    assert list(anchor.parent.glob("*.tsr")) == []


def test_an_answer_that_drips_in_or_never_ends_is_given_up(
    anchor: Path, authority: Authority, tsa: TimeAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    tsa.fault = lambda _query, _authority: b"0" * (timestamping.MOST_BYTES + 1)
    with pytest.raises(StoreUnavailable, match="no end"):
        stamp_newest(anchor.parent, authority)

    tsa.fault = garbage
    monkeypatch.setattr(timestamping, "PATIENCE_S", -1.0)
    with pytest.raises(StoreUnavailable, match="no end"):
        stamp_newest(anchor.parent, authority)


def test_a_silent_authority_is_late_asked_again_and_blocks_nothing(
    bench: Bench, anchor: Path, authority: Authority, tsa: TimeAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timestamping, "TIMEOUT", httpx.Timeout(0.5))
    tsa.fault = never_answers
    with keep_anchoring(bench.archive, anchor.parent, authority), bench.archive.transaction() as session:
        audit.record(session, actor("somebody"), "thing.done", "thing:2")
    assert stamp_standing(anchor.parent, authority).state == StampState.LATE
    assert b"guidang_timestamp_age_seconds" not in Metrics(bench.archive, anchor.parent, authority).text()

    tsa.fault = None
    stamp_if_missing(anchor.parent, authority)

    assert stamp_standing(anchor.parent, authority).state == StampState.CURRENT
    assert b"guidang_timestamp_age_seconds" in Metrics(bench.archive, anchor.parent, authority).text()
    tomorrow = utc_now() + dt.timedelta(hours=26)
    monkeypatch.setattr(stamps, "utc_now", lambda: tomorrow)
    assert stamp_standing(anchor.parent, authority).state == StampState.LATE


def test_the_running_service_stamps_what_it_anchors(
    bench: Bench, tmp_path: Path, authority: Authority, tsa: TimeAuthority
) -> None:
    with bench.archive.transaction() as session:
        audit.record(session, actor("somebody"), "thing.done", "thing:1")
    arrived = threading.Event()
    tsa.fault = lambda query, known: (arrived.set(), known.reply(query))[1]

    with keep_anchoring(bench.archive, tmp_path / "anchors", authority):
        assert arrived.wait(20)

    assert check_stamps(tmp_path / "anchors", authority.trust) == 1


def test_every_changed_byte_of_a_stamp_is_known(anchor: Path, authority: Authority) -> None:
    """Those too that no signature covers: the hash in the name does."""
    stamped = stamp_newest(anchor.parent, authority)
    assert stamped is not None
    whole = stamped.read_bytes()
    for at in range(len(whole)):
        stamped.write_bytes(whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :])
        with pytest.raises(TimestampInvalid):
            check_stamp_of(anchor, authority.trust)

    assert stamp_standing(anchor.parent, authority).state == StampState.INVALID


def test_what_a_stamp_means_cannot_be_changed_under_a_fitting_name(anchor: Path, authority: Authority) -> None:
    """Whoever changes a stamp may give it the name that fits: hash, time and signer are held by its signature."""
    stamped = stamp_newest(anchor.parent, authority)
    assert stamped is not None
    whole, accepted = stamped.read_bytes(), []
    stamped.unlink()
    for at in range(len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :]
        path = anchor.with_name(f"{anchor.stem}.{hashlib.sha256(changed).hexdigest()}.tsr")
        path.write_bytes(changed)
        with contextlib.suppress(TimestampInvalid):
            accepted.append(check_stamp_of(anchor, authority.trust))
        path.unlink()
    stamped.write_bytes(whole)

    assert set(accepted) <= {check_stamp_of(anchor, authority.trust)}
    assert len(accepted) < 16  # numbers of versions and the name of an algorithm


def test_every_changed_byte_of_the_anchor_is_known(anchor: Path, authority: Authority) -> None:
    stamp_newest(anchor.parent, authority)
    whole = anchor.read_bytes()
    for at in range(len(whole)):
        anchor.write_bytes(whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :])
        with pytest.raises(TimestampInvalid):
            check_stamp_of(anchor, authority.trust)

    anchor.unlink()
    with pytest.raises(TimestampInvalid, match="not there"):
        check_stamps(anchor.parent, authority.trust)


def test_anybody_checks_an_export_its_anchor_and_its_stamp(
    bench: Bench, anchor: Path, authority: Authority, tsa: TimeAuthority, tmp_path: Path
) -> None:
    with bench.archive.reading() as session:
        _write(tmp_path / "audit.jsonl", audit.links(session))
    key = public_key_of(signing_key(bench.archive.keyring))

    def verify(ca: Path) -> BaseException | str | None:
        told = [str(tmp_path / "audit.jsonl"), "--anchor", str(anchor), "--public-key", key, "--timestamp-ca", str(ca)]
        done = CliRunner().invoke(app, ["audit", "verify", *told])
        return done.exception or done.stderr

    assert isinstance(verify(tsa.ca_file), TimestampInvalid)  # not stamped yet
    stamp_newest(anchor.parent, authority)
    assert "The authority saw the anchor on" in str(verify(tsa.ca_file))
    assert isinstance(verify(tsa.directory / "stranger.pem"), TimestampInvalid)


def test_nobody_is_asked_unless_the_settings_say_whom(anchor: Path, tmp_path: Path, tsa: TimeAuthority) -> None:
    assert authority_of(Settings()) is None
    assert stamp_standing(anchor.parent, None).state == StampState.NOT_ASKED
    assert authority_of(Settings(timestamp_url=tsa.url, timestamp_ca=tsa.ca_file)) is not None
    for wrong in (None, tmp_path / "none.pem", tsa.directory / "openssl.cnf"):
        with pytest.raises(SettingInvalid, match="GUIDANG_TIMESTAMP_CA"):
            authority_of(Settings(timestamp_url=tsa.url, timestamp_ca=wrong))
