"""The crash test of destruction: lists carried out by a process that is killed at random moments and begun again."""

from __future__ import annotations

import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from api.settings import Settings
from records.ids import utc_now
from records.terms import ListState, Role
from retention.lists import decide_list, propose_list
from retention.models import DestructionList
from tests.archives import Bench, actor, licence_lines, open_bench
from tests.crash import destroyer
from tests.crash.disposal_judgement import faults, told_too_much
from tests.crash.line import Say
from tests.crash.processes import DidNotHappen

DOCUMENTS = 5
"""On each list; one more of the same customers stays."""
FIRST_GUESS_S = 1.0
LONGER = 1.15


@dataclass(frozen=True, kw_only=True)
class DisposalOutcome:
    """`begun` counts the kills that met a list on its way: begun and not carried out."""

    seed: int
    kills: int
    begun: int
    lists: int
    destroyed: int
    seconds: float
    faults: list[str]


def run_disposal_test(
    directory: Path, settings: Settings, *, kills: int, seed: int, say: Say = lambda _line: None
) -> DisposalOutcome:
    """Destroy list after list until `kills` executions were killed at work. The archive of the settings must be new."""
    began = time.monotonic()
    bench = open_bench(settings)
    try:
        run = _Run(directory, bench, random.Random(seed))
        while run.kills < kills:
            run.carry_out_one_list()
            say(f"{run.kills} kills, {len(run.doomed)} destroyed")
        found = run.faults + list(faults(bench.archive, lists=len(run.lists), doomed=run.doomed, kept=run.kept))
        return DisposalOutcome(
            seed=seed, kills=run.kills, lists=len(run.lists), destroyed=len(run.doomed), begun=run.begun,
            seconds=time.monotonic() - began, faults=found,
        )  # fmt: skip
    finally:
        bench.archive.close()


class _Run:
    def __init__(self, directory: Path, bench: Bench, chance: random.Random) -> None:
        self._bench, self._chance, self._log = bench, chance, directory / "destroyer.log"
        self._papers = 0
        self._whole_s = FIRST_GUESS_S
        self.kills = self.begun = 0
        self.faults: list[str] = []
        self.lists: list[str] = []
        self.doomed: list[str] = []
        self.kept: list[str] = []

    def carry_out_one_list(self) -> None:
        """Kill its execution until one is through, seen or unseen; after every kill the register says what is true."""
        *doomed, kept = self._file(DOCUMENTS + 1)
        list_id = _approved(self._bench, doomed)
        while (state := self._state(list_id)) != ListState.EXECUTED:
            if self._is_killed(list_id):
                self.kills += 1
                self.begun += state == ListState.EXECUTING
                self.faults += told_too_much(self._bench.archive, list_id, doomed)
        self.lists.append(list_id)
        self.doomed += doomed
        self.kept.append(kept)

    def _state(self, list_id: str) -> str:
        with self._bench.archive.reading() as session:
            return session.get_one(DestructionList, list_id).state

    def _is_killed(self, list_id: str) -> bool:
        """Carry the list out with a kill waiting; tells whether it struck."""
        process = destroyer.begin(self._bench.settings, list_id, self._log)
        began = time.monotonic()
        process.join(self._chance.uniform(0.0, self._whole_s))
        if process.is_alive():
            process.kill()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            self._whole_s *= LONGER  # on a busy machine the guess may be too short for any execution to end
            return True
        if process.exitcode != 0:
            raise DidNotHappen(f"the list was not carried out:\n{self._log.read_text()[-2000:]}")
        # Kills spread over what an execution takes on this machine, so that later ones fall on every step of it.
        self._whole_s = (self._whole_s + 1.5 * (time.monotonic() - began)) / 2
        return False

    def _file(self, count: int) -> list[str]:
        """Documents of which neighbours belong to one customer, so that some customers go and some stay."""
        numbers = range(self._papers, self._papers + count)
        self._papers += count
        return self._bench.file(*([*licence_lines(number // 2), f"第{number}张"] for number in numbers))


def _approved(bench: Bench, doomed: list[str]) -> str:
    with bench.archive.transaction() as session:
        author, today = actor("a", Role.ARCHIVIST), utc_now().date()
        list_id = propose_list(session, author, title="到期", document_ids=doomed, today=today).id
    for name in ("b", "c"):
        with bench.archive.transaction() as session:
            decide_list(session, actor(name, Role.APPROVER), list_id, is_approved=True, opinion="同意")
    return list_id
