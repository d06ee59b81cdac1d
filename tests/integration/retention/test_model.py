"""No sequence of calls by any roles destroys a record that is held, not due, or short of an approval.

A random walk over everything people can do, beside a model of what must come of it. Seeded, so that a failure repeats;
walked rather than drawn by a property tester, because a destruction needs five acts in the right order, and short
drawn sequences never got that far.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from pathlib import Path

import pytest

from records.errors import ArchiveError
from records.terms import DocumentState, Role
from retention.destruction import execute_list
from retention.holds import HoldOrder, place_hold, release_hold
from retention.lists import decide_list, propose_list
from tests.archives import PEOPLE, Bench, actor, embedded_settings, licence_lines, open_bench

ROLES = [Role.ARCHIVIST, Role.APPROVER, Role.ADMINISTRATOR, Role.VERIFIER]
STEPS = 250
DOCUMENTS = 4


class Walk:
    """The archive beside the model: what was proposed, approved, held, and may therefore be gone."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench, self.random = bench, random.Random(seed)
        self.documents = bench.file(*(licence_lines(n) for n in range(DOCUMENTS)))
        self.due_on = bench.document(self.documents[0]).due_on or dt.date.max
        self.lists: list[tuple[str, str, list[str]]] = []  # id, author, documents
        self.approvals: dict[str, set[str]] = {}
        self.holds: dict[str, str] = {}  # hold id → document
        self.destroyed: set[str] = set()
        self.cases = 0

    def step(self) -> None:
        acts = [
            self.propose,
            self.decide,
            self.decide,
            self.decide,
            self.execute,
            self.execute,
            self.hold,
            self.release,
        ]
        with contextlib.suppress(ArchiveError):
            self.random.choice(acts)()
        self.check()

    def who(self) -> tuple[str, set[Role]]:
        """Mostly people who may do everything, so that it is the other rules that have to hold."""
        everything = set(ROLES) if self.random.random() < 0.8 else set(self.random.sample(ROLES, 2))
        return self.random.choice(PEOPLE), everything

    def day(self) -> int:
        return self.random.choice([0, 0, 0, 1, -1])

    def propose(self) -> None:
        (who, roles), offset = self.who(), self.day()
        chosen = self.random.sample(self.documents, self.random.choice([1, 1, 2]))
        with self.bench.archive.transaction() as session:
            today = self.due_on + dt.timedelta(days=offset)
            made = propose_list(session, actor(who, *roles), title="x", document_ids=chosen, today=today)
        self.lists.append((made.id, who, chosen))
        assert Role.ARCHIVIST in roles
        assert offset >= 0
        assert not set(chosen) & (set(self.holds.values()) | self.destroyed)

    def decide(self) -> None:
        (who, roles), agrees = self.who(), self.random.random() < 0.85
        list_id, author, _ = self.random.choice(self.lists[-2:] or [("none", "", [])])
        with self.bench.archive.transaction() as session:
            decide_list(session, actor(who, *roles), list_id, is_approved=agrees, opinion="x")
        assert Role.APPROVER in roles
        assert who != author
        if agrees:
            self.approvals.setdefault(list_id, set()).add(who)

    def execute(self) -> None:
        (who, roles), offset = self.who(), self.day()
        list_id, author, listed = self.random.choice(self.lists[-2:] or [("none", "", [])])
        means, today = self.bench.archive.destruction_means(), self.due_on + dt.timedelta(days=offset)
        outcomes = dict(execute_list(means, actor(who, *roles), list_id, today))
        for document_id in (each for each, outcome in outcomes.items() if outcome == "destroyed"):
            assert document_id in listed
            assert document_id not in self.holds.values()
            assert offset >= 0
            assert Role.ARCHIVIST in roles
            assert len(self.approvals[list_id] - {author}) >= 2
            assert who not in self.approvals[list_id] | {author}
            self.destroyed.add(document_id)

    def hold(self) -> None:
        if self.random.random() < 0.6:  # while everything is held, nothing else can be tried
            return
        self.cases += 1
        document_id = self.random.choice(self.documents)
        order = HoldOrder(case_no=str(self.cases), reason="x", authority="x", subjects=[f"document:{document_id}"])
        with self.bench.archive.transaction() as session:
            made = place_hold(session, actor("a", Role.ARCHIVIST), order)
        self.holds[made.id] = document_id

    def release(self) -> None:
        who, roles = self.who()
        for hold_id in list(self.holds)[:1]:
            with self.bench.archive.transaction() as session:
                release_hold(session, actor(who, *roles), hold_id, reason="x")
            assert Role.APPROVER in roles
            del self.holds[hold_id]

    def check(self) -> None:
        for document_id in self.documents:
            is_gone = self.bench.document(document_id).state != DocumentState.FILED
            assert is_gone == (document_id in self.destroyed)


@pytest.mark.parametrize("seed", range(4))
def test_no_sequence_of_calls_destroys_what_must_be_kept(tmp_path: Path, seed: int) -> None:
    bench = open_bench(embedded_settings(tmp_path))
    walk = Walk(bench, seed)
    for _ in range(STEPS):
        walk.step()
    bench.archive.close()

    assert walk.destroyed, "the walk never got as far as destroying anything: it proves nothing"
