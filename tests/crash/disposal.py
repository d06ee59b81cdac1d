"""The crash test of destruction: lists carried out by a process that is killed at random moments and begun again."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.settings import Settings
from index.entry import SearchQuery
from intake import fsck
from intake.archive import Archive
from records.ids import utc_now
from records.models import AuditEntry, Document
from records.sealing import document_subject
from records.terms import DocumentState, ListState, Role
from retention.lists import decide_list, propose_list
from retention.models import DestructionList, RegisterEntry
from storage.objects import document_prefix
from tests.archives import Bench, actor, licence_lines, open_bench
from tests.crash.destroyer import AT_WORK
from tests.crash.line import Say
from tests.crash.processes import DidNotHappen, environment_of

DOCUMENTS = 5
"""On each list; one more of the same customers stays."""
EXECUTOR = "d"
FIRST_GUESS_S = 1.0
PATIENCE_S = 180.0
WATCHED = ("destruction.begun", "document.destroyed")


@dataclass(frozen=True, kw_only=True)
class DisposalOutcome:
    seed: int
    kills: int
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
        return DisposalOutcome(
            seed=seed, kills=run.kills, lists=len(run.lists), destroyed=len(run.doomed),
            seconds=time.monotonic() - began, faults=list(_faults(bench.archive, run)),
        )  # fmt: skip
    finally:
        bench.archive.close()


class _Run:
    def __init__(self, directory: Path, bench: Bench, chance: random.Random) -> None:
        self._bench, self._chance, self._log = bench, chance, directory / "destroyer.log"
        self._papers = 0
        self._whole_s = FIRST_GUESS_S
        self.kills = 0
        self.lists: list[str] = []
        self.doomed: list[str] = []
        self.kept: list[str] = []

    def carry_out_one_list(self) -> None:
        """Kill its execution until one is through, seen or unseen."""
        *doomed, kept = self._file(DOCUMENTS + 1)
        list_id = _approved(self._bench, doomed)
        while not self._is_executed(list_id):
            self.kills += self._is_killed(list_id)
        self.lists.append(list_id)
        self.doomed += doomed
        self.kept.append(kept)

    def _is_executed(self, list_id: str) -> bool:
        with self._bench.archive.reading() as session:
            return session.get_one(DestructionList, list_id).state == ListState.EXECUTED

    def _is_killed(self, list_id: str) -> bool:
        """Carry the list out with a kill waiting; tells whether it struck."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.destroyer", list_id, EXECUTOR],
                env=environment_of(self._bench.settings, 0), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=log,
            )  # fmt: skip
        with process:
            try:
                self._wait_for_work(process)
                began = time.monotonic()
                process.wait(self._chance.uniform(0.0, self._whole_s))
            except subprocess.TimeoutExpired:
                return True
            finally:
                process.kill()
        if process.returncode != 0:
            raise DidNotHappen(f"the list was not carried out:\n{self._log.read_text()[-2000:]}")
        # Kills spread over what an execution takes on this machine, so that later ones fall on every step of it.
        self._whole_s = (self._whole_s + 1.5 * (time.monotonic() - began)) / 2
        return False

    def _wait_for_work(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        if process.stdout.read(len(AT_WORK)) != AT_WORK:
            raise DidNotHappen(f"the execution did not begin:\n{self._log.read_text()[-2000:]}")

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


def _faults(archive: Archive, run: _Run) -> Iterator[str]:
    """Whatever is not destroyed, is destroyed without being on a list, or is told twice."""
    with archive.reading() as session:
        yield from _told(session, run)
        for document_id in run.doomed:
            yield from _remains(archive, session, document_id)
        for document_id in run.kept:
            if (state := session.get_one(Document, document_id).state) != DocumentState.FILED:
                yield f"{state} without being on a list: {document_id}"
    yield from (f"fsck: {finding.code} {finding.subject}" for finding in fsck.check(archive, deep=True))


def _told(session: Session, run: _Run) -> Iterator[str]:
    """The register tells beginning and end of each once, in this order; the audit log as well; every list is closed."""
    told: dict[str, list[str]] = {document_id: [] for document_id in run.doomed}
    rows = select(RegisterEntry.document_id, RegisterEntry.event).order_by(RegisterEntry.seq)
    for document_id, event in session.execute(rows):
        told.setdefault(document_id, []).append(event)
    yield from (f"the register tells {e} of {d}" for d, e in told.items() if e != ["begun", "destroyed"])
    acts = Counter(tuple(row) for row in session.execute(select(AuditEntry.object, AuditEntry.action)))
    for document_id in run.doomed:
        for action in WATCHED:
            if (times := acts[(f"document:{document_id}", action)]) != 1:
                yield f"{action} {times} times for {document_id}"
    states = Counter(session.scalars(select(DestructionList.state)))
    if states != Counter({ListState.EXECUTED.value: len(run.lists)}):
        yield f"lists are {dict(states)}"


def _remains(archive: Archive, session: Session, document_id: str) -> Iterator[str]:
    document = session.get_one(Document, document_id)
    if document.state != DocumentState.DESTROYED or document.archival_code is None:
        yield f"{document.state} instead of destroyed: {document_id}"
    if list(archive.objects.versions(document_prefix(document_id))):
        yield f"objects are left: {document_id}"
    if archive.keyring.has_key(document_subject(document_id)):
        yield f"its key is left: {document_id}"
    if archive.index.search(session.connection(), SearchQuery(archival_code=document.archival_code)).hits:
        yield f"it is still found: {document_id}"
