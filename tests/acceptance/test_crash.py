"""Killed at random moments, nothing acknowledged is lost and nothing is done twice: the short form.

The long form is `python -m tests.benchmark.crash --kills 333`.
"""

from __future__ import annotations

from pathlib import Path

from api.settings import Settings
from tests.crash.disposal import run_disposal_test
from tests.crash.line import KINDS, run_crash_test

KILLS = 6
SEED = 20


def test_worker_server_and_station_killed_in_turn(bench_settings: Settings, tmp_path: Path) -> None:
    settings = bench_settings.model_copy(update={"workers": 2})

    outcome = run_crash_test(tmp_path, settings, kills=KILLS, seed=SEED)

    assert outcome.faults == []
    assert all(outcome.kills[kind] >= KILLS for kind in KINDS)


def test_destruction_killed_and_taken_up_again(bench_settings: Settings, tmp_path: Path) -> None:
    outcome = run_disposal_test(tmp_path, bench_settings, kills=KILLS, seed=SEED)

    assert outcome.faults == []
    assert outcome.destroyed > 0
