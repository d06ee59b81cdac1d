"""No sequence of calls by any roles destroys a record that is held, not due, or short of an approval."""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from records.errors import ArchiveError
from records.terms import DocumentState, Role
from retention.destruction import execute_list
from retention.holds import HoldOrder, place_hold, release_hold
from retention.lists import decide_list, propose_list
from tests.archives import PEOPLE, actor, embedded_settings, licence_lines, open_bench

ROLES = [Role.ARCHIVIST, Role.APPROVER, Role.ADMINISTRATOR, Role.VERIFIER]
people, documents, lists, days = st.sampled_from(PEOPLE), st.integers(0, 2), st.integers(0, 3), st.integers(-2, 2)
roles = st.sets(st.sampled_from(ROLES), min_size=1)


class Disposal(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.bench = open_bench(embedded_settings(Path(self.directory.name)))
        self.documents = self.bench.file(*(licence_lines(n) for n in range(3)))
        self.due_on = self.bench.document(self.documents[0]).due_on or dt.date.max
        self.lists: list[tuple[str, str, list[str]]] = []  # id, author, documents
        self.approvals: dict[str, set[str]] = {}
        self.holds: dict[str, str] = {}  # hold id → document
        self.cases = 0
        self.destroyed: set[str] = set()

    @rule(who=people, having=roles, which=st.sets(documents, min_size=1), offset=days)
    def propose(self, who: str, having: set[Role], which: set[int], offset: int) -> None:
        chosen = [self.documents[i] for i in sorted(which)]
        with contextlib.suppress(ArchiveError), self.bench.archive.transaction() as session:
            today = self.due_on + dt.timedelta(days=offset)
            made = propose_list(session, actor(who, *having), title="x", document_ids=chosen, today=today)
            self.lists.append((made.id, who, chosen))
            assert Role.ARCHIVIST in having
            assert offset >= 0
            assert not set(chosen) & (set(self.holds.values()) | self.destroyed)

    @rule(who=people, having=roles, which=lists, agrees=st.booleans())
    def decide(self, who: str, having: set[Role], which: int, agrees: bool) -> None:
        if which >= len(self.lists):
            return
        list_id, author, _ = self.lists[which]
        with contextlib.suppress(ArchiveError):
            with self.bench.archive.transaction() as session:
                decide_list(session, actor(who, *having), list_id, is_approved=agrees, opinion="x")
            assert Role.APPROVER in having
            assert who != author
            if agrees:
                self.approvals.setdefault(list_id, set()).add(who)

    @rule(which=documents)
    def hold(self, which: int) -> None:
        document_id = self.documents[which]
        self.cases += 1
        with contextlib.suppress(ArchiveError):
            order = HoldOrder(
                case_no=str(self.cases), reason="诉讼", authority="法务", subjects=[f"document:{document_id}"]
            )
            with self.bench.archive.transaction() as session:
                made = place_hold(session, actor("a", Role.ARCHIVIST), order)
            self.holds[made.id] = document_id

    @rule(having=roles)
    def release(self, having: set[Role]) -> None:
        for hold_id in list(self.holds)[:1]:
            with contextlib.suppress(ArchiveError):
                with self.bench.archive.transaction() as session:
                    release_hold(session, actor("b", *having), hold_id, reason="x")
                assert Role.APPROVER in having
                del self.holds[hold_id]

    @rule(who=people, having=roles, which=lists, offset=days)
    def execute(self, who: str, having: set[Role], which: int, offset: int) -> None:
        if which >= len(self.lists):
            return
        list_id, author, listed = self.lists[which]
        today = self.due_on + dt.timedelta(days=offset)
        outcomes: dict[str, str] = {}
        with contextlib.suppress(ArchiveError):
            means = self.bench.archive.destruction_means()
            outcomes = dict(execute_list(means, actor(who, *having), list_id, today))
        for document_id in (d for d, outcome in outcomes.items() if outcome == "destroyed"):
            assert document_id in listed
            assert document_id not in self.holds.values()
            assert offset >= 0
            assert Role.ARCHIVIST in having
            assert len(self.approvals[list_id] - {author}) >= 2
            assert who not in self.approvals[list_id] | {author}
            self.destroyed.add(document_id)

    @invariant()
    def only_what_was_destroyed_rightly_is_gone(self) -> None:
        if not hasattr(self, "bench"):
            return
        for document_id in self.documents:
            is_gone = self.bench.document(document_id).state != DocumentState.FILED
            assert is_gone == (document_id in self.destroyed)

    def teardown(self) -> None:
        if hasattr(self, "bench"):
            self.bench.archive.engine.dispose()
            self.directory.cleanup()


TestDisposal = Disposal.TestCase
TestDisposal.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
