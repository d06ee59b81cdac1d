"""An office with six seats and two departments: short ways to do what its people do with a destruction list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from records import audit
from records.actors import Actor
from records.errors import WrongState
from records.models import User
from records.terms import AppraisalPart, ListState, Role, SignOffDecision, Verdict
from retention.appraisal import Member, Opinion, batches_of, give_opinion, open_round
from retention.concluding import conclude
from retention.destruction import execute_list
from retention.lists import SignOff, confirm_list, propose_list, sign_list
from retention.models import DestructionList
from retention.supervision import count_list
from tests.archives import CLASSES, Bench, actor, enact

TODAY = dt.date(2100, 1, 1)
AGREED, REFUSED, RETURNED = SignOffDecision.AGREED, SignOffDecision.REFUSED, SignOffDecision.RETURNED
PEOPLE = {
    "leader": (Role.APPROVER, ""),
    "office": (Role.APPROVER, "办公室"),
    "archives": (Role.APPROVER, "档案部"),
    "business": (Role.APPROVER, "销售部"),
    "clerk": (Role.ARCHIVIST, "档案部"),
    "trader": (Role.ARCHIVIST, "销售部"),
    "executor": (Role.ARCHIVIST, "档案部"),
    "deputy": (Role.ARCHIVIST, "办公室"),
    "watcher": (Role.ARCHIVIST, "档案部"),
    "observer": (Role.APPROVER, "销售部"),
}
SEATS = {
    "leader": "supervising_leader",
    "office": "office_head",
    "archives": "archives_head",
    "business": "business_head",
    "clerk": "archives_clerk",
    "trader": "business_clerk",
}
SUPERVISORS = ("watcher", "observer")
DISPOSAL = (
    "disposal: {policy: six, departments: {office_head: [办公室], archives_head: [档案部],\n"
    "           business_head: [销售部], archives_clerk: [档案部], business_clerk: [销售部]}}\n"
)
SIX = CLASSES.replace(b"version: 1", b"version: 2") + DISPOSAL.encode()


def furnish(bench: Bench) -> Bench:
    """Six seats, and people in their departments."""
    with bench.archive.transaction() as session:
        enact(session, SIX)
        session.add_all(
            User(id=name, name=name, password_hash="!", roles=[role], department=department)
            for name, (role, department) in PEOPLE.items()
        )
    return bench


def who(name: str) -> Actor:
    return actor(name, PEOPLE[name][0])


GROUP = (
    Member(user_id="leader", part=AppraisalPart.LEADER),
    Member(user_id="archives", part=AppraisalPart.ARCHIVES),
    Member(user_id="business", part=AppraisalPart.BUSINESS),
)


def opened(bench: Bench) -> str:
    """A round over everything that is due and was not released."""
    with bench.archive.transaction() as session:
        return open_round(session, who("clerk"), title="鉴定", members=GROUP, today=TODAY).id


def judge(bench: Bench, appraisal_id: str, name: str, **opinion: Any) -> int:
    with bench.archive.transaction() as session:
        said = Opinion(**({"verdict": Verdict.DESTROY, "reason": "期满"} | opinion))
        return give_opinion(session, who(name), appraisal_id, said, TODAY)


def finish(bench: Bench, appraisal_id: str, name: str = "leader") -> None:
    with bench.archive.transaction() as session:
        conclude(session, who(name), appraisal_id)


def release(bench: Bench) -> None:
    """Everything due is appraised, and all members want it destroyed."""
    try:
        appraisal_id = opened(bench)
    except WrongState:  # it was before
        return
    with bench.archive.reading() as session:
        batches = [batch.name for batch in batches_of(session, appraisal_id)]
    for member in GROUP:
        for batch in batches:
            judge(bench, appraisal_id, member.user_id, batch=batch)
    finish(bench, appraisal_id)


def proposed(bench: Bench, *document_ids: str) -> str:
    release(bench)
    with bench.archive.transaction() as session:
        made = propose_list(session, who("clerk"), title="到期", document_ids=document_ids, today=TODAY)
    return made.id


def sign(bench: Bench, list_id: str, name: str, decision: SignOffDecision = AGREED, **more: str) -> ListState:
    with bench.archive.transaction() as session:
        sign_off = SignOff(decision=decision, opinion="意见", **more)
        return ListState(sign_list(session, who(name), list_id, sign_off, TODAY).state)


def approved(bench: Bench, *document_ids: str) -> str:
    """A list with all six signatures."""
    list_id = proposed(bench, *document_ids)
    for name in SEATS:
        sign(bench, list_id, name)
    return list_id


def confirm(bench: Bench, list_id: str, name: str = "deputy", count: int = 1) -> None:
    with bench.archive.transaction() as session:
        number = session.get_one(DestructionList, list_id).number
        confirm_list(session, who(name), list_id, number=number, documents=count)


def look(bench: Bench, list_id: str, name: str) -> None:
    """Open every record of the sample, as the document page does."""
    with bench.archive.transaction() as session:
        for document_id in session.get_one(DestructionList, list_id).sample:
            audit.record(session, who(name), "document.viewed", f"document:{document_id}")


def count(bench: Bench, list_id: str, *names: str, documents: int = 1) -> None:
    """Look at the sample and count, one after the other; without names both supervisors."""
    for name in names or SUPERVISORS:
        look(bench, list_id, name)
        with bench.archive.transaction() as session:
            count_list(session, who(name), list_id, documents=documents)


def execute(bench: Bench, list_id: str, name: str = "executor") -> dict[str, str]:
    return dict(execute_list(bench.archive.destruction_means(), who(name), list_id, TODAY))


def ready(bench: Bench, document_ids: Iterable[str]) -> str:
    """A list that only waits to be carried out."""
    ids = list(document_ids)
    list_id = approved(bench, *ids)
    confirm(bench, list_id, count=len(ids))
    count(bench, list_id, documents=len(ids))
    return list_id
