"""The whole flow under six signatures, driven by hypothesis: no sequence of calls by anybody with any roles destroys a
record that is held, not due, not appraised, or short of a signature, a supervisor or the second confirmation.

The machine keeps its own account of what was done, made from arguments and answers alone, and judges every destruction
by it. Rules that do everything one stage needs, by the right people, make sure that destruction is reached at all; the
others do single acts by anybody. Every example begins with a copy of the same archive.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from api.bootstrap import open_archive
from records import audit
from records.actors import Actor
from records.errors import ArchiveError
from records.models import Document
from records.terms import DocumentState, ListState, Role, SignOffDecision, Verdict
from retention.appraisal import Opinion, give_opinion, open_round
from retention.concluding import conclude
from retention.delegations import Mandate, delegate, end_delegation
from retention.destruction import execute_list
from retention.holds import HoldOrder, Scope, place_hold, release_hold
from retention.lists import SignOff, confirm_list, propose_list, revise_list, sign_list, withdraw_list
from retention.models import Appraisal, AppraisedDocument, DestructionList
from retention.supervision import count_list
from tests.archives import Bench, actor, embedded_settings, licence_lines, open_bench
from tests.integration.retention.office import GROUP, PEOPLE, SEATS, SUPERVISORS, furnish

DOCUMENTS = 3
PERSON = st.sampled_from(sorted(PEOPLE))
OWN_ROLES: frozenset[Role] = frozenset()
ROLES = st.sampled_from([OWN_ROLES, OWN_ROLES, OWN_ROLES, frozenset(Role), frozenset({Role.ADMINISTRATOR})])
"""Mostly what one has; sometimes everything, so that it is the other rules that must hold; sometimes nothing useful."""
DAY = st.sampled_from([0, 0, 0, 0, 1, -1])
AGREED, REFUSED, RETURNED = SignOffDecision.AGREED, SignOffDecision.REFUSED, SignOffDecision.RETURNED
DECISION = st.sampled_from([AGREED, AGREED, AGREED, AGREED, REFUSED, RETURNED])
MISSING = st.none() | st.sampled_from(
    ["appraisal", *sorted(SEATS), *SUPERVISORS, "deputy", "another executor", "no hold"]
)


@dataclass
class Account:
    """What the machine knows of a list."""

    author: str
    documents: list[str]
    signed: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Seat → who signed, and in whose place."""
    confirmed_by: str | None = None
    supervisors: set[str] = field(default_factory=set)


class Flow(RuleBasedStateMachine):
    template: Path
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.place = self.template.with_name(f"example-{self.seen['examples']}")
        self.seen["examples"] += 1
        shutil.copytree(self.template, self.place)
        given = embedded_settings(self.place)
        self.bench = Bench(archive=open_archive(given), settings=given, station=actor("station"))
        with self.bench.archive.reading() as session:
            rows = session.scalars(select(Document).order_by(Document.id)).all()
        self.documents, self.due_on = [row.id for row in rows], rows[0].due_on or dt.date.max
        self.lists: dict[str, Account] = {}
        self.holds: dict[str, set[str]] = {}
        self.mandates: dict[str, tuple[str, str, str]] = {}
        self.released: set[str] = set()
        self.destroyed: set[str] = set()
        self.cases = 0

    def teardown(self) -> None:
        self.bench.archive.close()
        shutil.rmtree(self.place)

    # -- single acts by anybody

    @rule(who=PERSON, roles=ROLES, day=DAY, which=st.sets(st.integers(0, DOCUMENTS - 1), min_size=1))
    def propose(self, who: str, roles: frozenset[Role], day: int, which: set[int]) -> None:
        chosen = [self.documents[each] for each in sorted(which)]
        made = self.act(propose_list, who, roles, title="x", document_ids=chosen, today=self.on(day))
        if made is not None:
            assert day >= 0
            assert self.released >= set(chosen)
            assert not set(chosen) & (self.held() | self.destroyed)
            self.lists[made.id] = Account(author=who, documents=chosen)

    @precondition(lambda self: self.lists)
    @rule(data=st.data(), who=PERSON, roles=ROLES, decision=DECISION, place=st.none() | PERSON)
    def sign(self, data: Any, who: str, roles: frozenset[Role], decision: SignOffDecision, place: str | None) -> None:
        list_id = self.a_list(data)
        seat = data.draw(st.none() | st.sampled_from(sorted(SEATS.values())))
        before = set(self.lists[list_id].signed)
        sign_off = SignOff(decision=decision, opinion="x", seat=seat, on_behalf_of=place)
        signed = self.act(sign_list, who, roles, list_id, sign_off, self.on(0))
        if signed is not None:
            self.note_signature(list_id, who, place, decision, seat, before)

    @precondition(lambda self: self.lists)
    @rule(data=st.data(), who=PERSON, roles=ROLES, drop=st.booleans())
    def revise_or_withdraw(self, data: Any, who: str, roles: frozenset[Role], drop: bool) -> None:
        list_id = self.a_list(data)
        account = self.lists[list_id]
        if drop:
            done = self.act(withdraw_list, who, roles, list_id, reason="x")
        else:
            same = {"title": "x", "document_ids": account.documents, "today": self.on(0)}
            done = self.act(revise_list, who, roles, list_id, **same)
        if done is not None:
            assert who == account.author
            account.signed, account.confirmed_by, account.supervisors = {}, None, set()

    @precondition(lambda self: self.lists)
    @rule(data=st.data(), who=PERSON, roles=ROLES)
    def confirm(self, data: Any, who: str, roles: frozenset[Role]) -> None:
        list_id = self.a_list(data)
        account = self.lists[list_id]
        number = self.row(list_id).number
        if self.act(confirm_list, who, roles, list_id, number=number, documents=len(account.documents)):
            assert who != account.author
            account.confirmed_by = who

    @precondition(lambda self: self.lists)
    @rule(data=st.data(), who=PERSON, roles=ROLES, looks=st.booleans())
    def count(self, data: Any, who: str, roles: frozenset[Role], looks: bool) -> None:
        list_id = self.a_list(data)
        account = self.lists[list_id]
        if looks:
            self.look(list_id, who)
        if self.act(count_list, who, roles, list_id, documents=len(account.documents)):
            assert who != account.author
            account.supervisors.add(who)

    @precondition(lambda self: self.lists)
    @rule(data=st.data(), who=PERSON, roles=ROLES, day=DAY)
    def execute(self, data: Any, who: str, roles: frozenset[Role], day: int) -> None:
        self.carry_out(self.a_list(data), who, roles, day)

    @rule(data=st.data(), by_query=st.booleans(), who=PERSON)
    def hold(self, data: Any, by_query: bool, who: str) -> None:
        if len(self.holds) >= 2:  # while everything is held nothing else can be tried
            return
        self.cases += 1
        chosen = data.draw(st.sets(st.sampled_from(self.documents), min_size=1, max_size=1))
        query = Scope(retention_class="licences") if by_query else None
        subjects = [] if by_query else [f"document:{each}" for each in sorted(chosen)]
        order = HoldOrder(case_no=str(self.cases), reason="x", authority="x", subjects=subjects, query=query)
        placed = self.act(place_hold, who, OWN_ROLES, order)
        if placed is not None:
            self.holds[placed.id] = set(self.documents) if by_query else chosen

    @precondition(lambda self: self.holds)
    @rule(who=PERSON, roles=ROLES)
    def release(self, who: str, roles: frozenset[Role]) -> None:
        hold_id = next(iter(self.holds))
        if self.act(release_hold, who, roles, hold_id, reason="x") is not None:
            assert Role.APPROVER in self.roles_of(who, roles)
            del self.holds[hold_id]

    @rule(principal=PERSON, other=PERSON, seat=st.sampled_from(sorted(SEATS.values())))
    def delegate(self, principal: str, other: str, seat: str) -> None:
        today = self.on(0)
        mandate = Mandate(delegate_id=other, seats=[seat], starts_on=today, ends_on=today, reason="x")
        made = self.act(delegate, principal, OWN_ROLES, mandate)
        if made is not None:
            self.mandates[made.id] = (principal, other, seat)

    @precondition(lambda self: self.mandates)
    @rule(data=st.data())
    def take_back(self, data: Any) -> None:
        made = data.draw(st.sampled_from(sorted(self.mandates)))
        if self.act(end_delegation, self.mandates[made][0], OWN_ROLES, made) is not None:
            del self.mandates[made]

    # -- what one stage needs, by the right people

    @precondition(lambda self: len(self.released) < DOCUMENTS)
    @rule(is_whole=st.booleans())
    def appraise(self, is_whole: bool) -> None:
        opened = self.act(open_round, "clerk", OWN_ROLES, title="x", members=GROUP, today=self.on(0))
        with self.bench.archive.reading() as session:
            open_rounds = session.scalars(select(Appraisal).where(Appraisal.concluded_at.is_(None))).all()
            of_round = select(AppraisedDocument.document_id).where(
                AppraisedDocument.appraisal_id.in_([each.id for each in open_rounds])
            )
            ids = list(session.scalars(of_round))
        assert opened is None or not set(ids) & self.held()
        for each in open_rounds:
            for member in GROUP[: None if is_whole else 2]:
                opinion = Opinion(verdict=Verdict.DESTROY, reason="x", document_ids=ids)
                self.act(give_opinion, member.user_id, OWN_ROLES, each.id, opinion, self.on(0))
            if self.act(conclude, "leader", OWN_ROLES, each.id) is not None:
                self.released |= set(ids)

    @precondition(lambda self: self.lists)
    @rule(data=st.data(), but=st.none() | st.sampled_from(sorted(SEATS)))
    def everybody_signs(self, data: Any, but: str | None) -> None:
        self.sign_all(self.a_list(data), but)

    @precondition(lambda self: self.lists)
    @rule(data=st.data(), but=st.none() | st.sampled_from(["watcher", "observer", "deputy"]))
    def get_it_ready(self, data: Any, but: str | None) -> None:
        self.make_ready(self.a_list(data), but)

    @precondition(lambda self: len(self.destroyed) < DOCUMENTS)
    @rule(data=st.data(), missing=MISSING)
    def whole_way(self, data: Any, missing: str | None) -> None:
        """From the due record to its destruction, in one go – but for one thing, or with a hold at the last moment."""
        while self.holds:
            self.release("office", OWN_ROLES)
        self.appraise(missing != "appraisal")
        left = sorted(set(self.documents) - self.destroyed)
        known = set(self.lists)
        self.propose("clerk", OWN_ROLES, 0, {self.documents.index(data.draw(st.sampled_from(left)))})
        for list_id in set(self.lists) - known:
            self.sign_all(list_id, missing)
            self.make_ready(list_id, missing)
            if missing == "no hold":
                self.hold(data, True, "office")
            self.carry_out(list_id, "executor" if missing != "another executor" else "trader", OWN_ROLES, 0)
            is_gone = set(self.lists[list_id].documents) <= self.destroyed
            assert is_gone == (missing in (None, "appraisal"))  # released before, it needs no appraisal now

    @precondition(lambda self: self.lists)
    @rule(data=st.data())
    def carry_out_as_one_should(self, data: Any) -> None:
        self.carry_out(self.a_list(data), "executor", OWN_ROLES, 0)

    def sign_all(self, list_id: str, but: str | None) -> None:
        for name, seat in SEATS.items():
            if name != but and seat not in self.lists[list_id].signed:
                sign_off = SignOff(decision=AGREED, opinion="x", seat=seat)
                before = set(self.lists[list_id].signed)
                if self.act(sign_list, name, OWN_ROLES, list_id, sign_off, self.on(0)) is not None:
                    self.note_signature(list_id, name, None, AGREED, seat, before)

    def make_ready(self, list_id: str, but: str | None) -> None:
        account = self.lists[list_id]
        for name in (name for name in SUPERVISORS if name != but):
            self.look(list_id, name)
            if self.act(count_list, name, OWN_ROLES, list_id, documents=len(account.documents)) is not None:
                account.supervisors.add(name)
        said = {"number": self.row(list_id).number, "documents": len(account.documents)}
        if but != "deputy" and self.act(confirm_list, "deputy", OWN_ROLES, list_id, **said) is not None:
            account.confirmed_by = "deputy"

    # -- what must be so

    @invariant()
    def only_what_was_destroyed_is_gone(self) -> None:
        with self.bench.archive.reading() as session:
            states = dict(session.execute(select(Document.id, Document.state)).all())
        gone = {document_id for document_id, state in states.items() if state != DocumentState.FILED}
        assert gone == self.destroyed

    def carry_out(self, list_id: str, who: str, roles: frozenset[Role], day: int) -> None:
        account, held = self.lists[list_id], self.held()
        means, today = self.bench.archive.destruction_means(), self.on(day)
        outcomes: dict[str, str] = {}
        with suppress(ArchiveError):
            outcomes = dict(execute_list(means, self.person(who, roles), list_id, today))
        for document_id in (each for each, outcome in outcomes.items() if outcome == "destroyed"):
            assert document_id in account.documents
            assert document_id not in held
            assert document_id in self.released
            assert day >= 0
            self.judge(account, who, roles)
            self.destroyed.add(document_id)
            self.seen["destroyed"] += 1

    def judge(self, account: Account, who: str, roles: frozenset[Role]) -> None:
        """Whether everybody was there that must be, each of them once."""
        signed = account.signed
        people = [person for pair in signed.values() for person in pair if person is not None]
        assert set(signed) == set(SEATS.values())
        assert len(people) == len(set(people))
        assert account.author not in [person for seat, pair in signed.items() if seat != "archives_clerk"
                                      for person in pair]  # fmt: skip
        assert account.confirmed_by not in (None, account.author)
        assert len({PEOPLE[name][1] for name in account.supervisors}) == len(account.supervisors) == 2
        assert account.author not in account.supervisors
        assert who not in {account.author, account.confirmed_by, *people, *account.supervisors}
        assert Role.ARCHIVIST in self.roles_of(who, roles)

    def note_signature(
        self, list_id: str, who: str, place: str | None, decision: SignOffDecision, seat: str | None, before: set[str]
    ) -> None:
        account, state = self.lists[list_id], self.row(list_id).state
        if place is not None:
            assert any((place, who) == (given[0], given[1]) for given in self.mandates.values())
        if decision != AGREED:
            assert state == (ListState.REJECTED if decision == REFUSED else ListState.RETURNED)
            account.signed = {}
            return
        taken = seat or self.seat_taken(list_id, before)
        assert taken not in before
        if place is not None:
            assert (place, who, taken) in self.mandates.values()
        account.signed[taken] = (who, place)
        assert (state == ListState.APPROVED) == (set(account.signed) == set(SEATS.values()))

    def seat_taken(self, list_id: str, before: set[str]) -> str:
        from retention.listed import signatures

        with self.bench.archive.reading() as session:
            (taken,) = {each.seat for each in signatures(session, session.get_one(DestructionList, list_id))} - before
        return taken

    def act(self, use: Callable[..., Any], who: str, roles: frozenset[Role], *given: Any, **more: Any) -> Any:
        """The answer of a use, or None where it was refused; anything but a refusal of ours is a fault."""
        try:
            with self.bench.archive.transaction() as session:
                return use(session, self.person(who, roles), *given, **more)
        except ArchiveError as refusal:
            self.seen[refusal.code] += 1
            return None

    def look(self, list_id: str, who: str) -> None:
        with self.bench.archive.transaction() as session:
            for document_id in session.get_one(DestructionList, list_id).sample:
                audit.record(session, self.person(who, OWN_ROLES), "document.viewed", f"document:{document_id}")

    def person(self, who: str, roles: frozenset[Role]) -> Actor:
        return actor(who, *self.roles_of(who, roles))

    def roles_of(self, who: str, roles: frozenset[Role]) -> frozenset[Role]:
        return roles or frozenset({PEOPLE[who][0]})

    def a_list(self, data: Any) -> str:
        """One of the newest: older ones are mostly at their end."""
        return str(data.draw(st.sampled_from(list(self.lists)[-3:])))

    def row(self, list_id: str) -> DestructionList:
        with self.bench.archive.reading() as session:
            return session.get_one(DestructionList, list_id)

    def held(self) -> set[str]:
        return set().union(*self.holds.values())

    def on(self, day: int) -> dt.date:
        return self.due_on + dt.timedelta(days=day)


def test_no_sequence_of_calls_destroys_what_must_be_kept(tmp_path: Path) -> None:
    bench = open_bench(embedded_settings(tmp_path / "template"))
    furnish(bench)
    bench.file(*(licence_lines(number) for number in range(DOCUMENTS)))
    bench.archive.close()
    Flow.template, Flow.seen = tmp_path / "template", Counter()
    given = settings(
        max_examples=12, stateful_step_count=60, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip

    run_state_machine_as_test(Flow, settings=given)

    assert Flow.seen["destroyed"] > 0, "no example got as far as destroying anything: it proves nothing"
    assert Flow.seen["not_permitted"] > 0
    assert Flow.seen["wrong_state"] > 0
