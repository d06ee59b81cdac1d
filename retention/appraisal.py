"""Appraisal (鉴定): a group judges what is due, record by record or a batch of like ones at a time (R94–R97).

open_round → give_opinion … → conclude (`retention/concluding.py`). What any member wants kept is kept, until the latest
day wanted: the longest wins. The new period and its reason stay beside the record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from records import audit, numbering
from records.actors import READERS, Actor
from records.errors import InvalidInput, NotFound, NotPermitted, WrongState
from records.models import Document, User
from records.terms import AppraisalPart, DocumentState, Role, Verdict
from retention.delegations import signatory
from retention.due import due_documents, is_released
from retention.models import Appraisal, AppraisalOpinion, AppraisedDocument
from retention.terms import check_bound

NUMBER_PATTERN = "JD-{year}-{seq:04d}"
MOST_DOCUMENTS = 10_000
NEEDED = frozenset({AppraisalPart.LEADER, AppraisalPart.ARCHIVES, AppraisalPart.BUSINESS})


@dataclass(frozen=True, kw_only=True)
class Member:
    user_id: str
    part: AppraisalPart


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What a member says of some records, or of a batch of like ones. Keeping needs a day and a reason."""

    verdict: Verdict
    reason: str
    document_ids: Sequence[str] = ()
    batch: str | None = None
    keep_until: dt.date | None = None


def open_round(session: Session, actor: Actor, *, title: str, members: Sequence[Member], today: dt.date) -> Appraisal:
    """Collect what is due and no earlier round released, 10,000 at most, for a group to judge.

    Raises:
        InvalidInput: a leader, the archives or a business department is missing, somebody sits twice, or somebody does
            not see every record: he could not judge it.
        NotFound: a member has no account.
        WrongState: nothing is due.
    """
    actor.require(Role.ARCHIVIST)
    people = _check_group(session, members)
    due = due_documents(actor, today).where(Document.state == DocumentState.FILED, ~is_released())
    documents = session.scalars(due.limit(MOST_DOCUMENTS).with_for_update()).all()
    if not documents:
        raise WrongState("Nothing is due that was not appraised.")
    _check_seen(people, documents)
    opened = Appraisal(
        number=numbering.next_code(session, NUMBER_PATTERN, year=today.year),
        title=title,
        members=[{"user_id": member.user_id, "part": member.part.value} for member in members],
        opened_by=actor.id,
    )
    session.add(opened)
    session.flush()
    session.add_all(
        AppraisedDocument(appraisal_id=opened.id, document_id=document.id, batch=batch_of(document))
        for document in documents
    )
    audit.record(session, actor, "appraisal.opened", f"appraisal:{opened.id}", number=opened.number,
                 count=len(documents))  # fmt: skip
    return opened


def batch_of(document: Document) -> str:
    """What makes records alike: class, kind, region and the year they fell due."""
    year = document.due_on.year if document.due_on else "-"
    return f"{document.retention_class}/{document.kind}/{document.region_code}/{year}"


def give_opinion(session: Session, actor: Actor, appraisal_id: str, opinion: Opinion, today: dt.date) -> int:
    """Judge records of an open round, in place of what one said of them before; tells how many.

    Raises:
        NotPermitted: the actor does not sit in the group.
        NotFound: no such record or batch in this round.
        BeyondBound: a record's class may not be kept that long.
    """
    actor.require(*READERS)
    appraised = open_appraisal(session, appraisal_id)
    if actor.id not in {member["user_id"] for member in appraised.members}:
        raise NotPermitted("Only members of the group give opinions.", appraisal_id=appraisal_id)
    if opinion.verdict == Verdict.KEEP and (not opinion.reason or not opinion.keep_until):
        raise InvalidInput("Keeping a record longer needs a day and a reason.")
    if opinion.verdict == Verdict.DESTROY and opinion.keep_until is not None:
        raise InvalidInput("What shall be destroyed has no day until which it is kept.")
    if opinion.keep_until is not None and opinion.keep_until <= today:
        raise InvalidInput("The new period ends in the future.")
    judged = _judged(session, appraisal_id, opinion)
    for document in session.scalars(select(Document).where(Document.id.in_(judged))):
        if opinion.keep_until is not None:
            check_bound(session, document, opinion.keep_until)
    _replace(session, actor, appraisal_id, judged, opinion)
    audit.record(
        session, actor, "appraisal.opinion", f"appraisal:{appraisal_id}", verdict=opinion.verdict, count=len(judged),
        keep_until=opinion.keep_until.isoformat() if opinion.keep_until else None,
    )  # fmt: skip
    return len(judged)


def _check_group(session: Session, members: Sequence[Member]) -> list[User]:
    if not {member.part for member in members} >= NEEDED:
        raise InvalidInput("A group has a leader, the archives and the business departments concerned.")
    if len({member.user_id for member in members}) != len(members):
        raise InvalidInput("Nobody sits twice in a group.")
    people = []
    for member in members:
        if (person := signatory(session, member.user_id)) is None:
            raise NotFound(user_id=member.user_id)
        people.append(person)
    return people


def _check_seen(people: Sequence[User], documents: Sequence[Document]) -> None:
    regions = {document.region_code for document in documents}
    for person in people:
        if person.regions is not None and not regions <= set(person.regions):
            raise InvalidInput("A member of the group does not see every record.", user_id=person.id)


def open_appraisal(session: Session, appraisal_id: str) -> Appraisal:
    """A round that is not concluded, locked."""
    found = session.scalars(select(Appraisal).where(Appraisal.id == appraisal_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound(appraisal_id=appraisal_id)
    if found.concluded_at is not None:
        raise WrongState("The round is concluded.", appraisal_id=appraisal_id)
    return found


def _judged(session: Session, appraisal_id: str, opinion: Opinion) -> list[str]:
    of_round = select(AppraisedDocument.document_id).where(AppraisedDocument.appraisal_id == appraisal_id)
    if opinion.batch is not None:
        chosen = of_round.where(AppraisedDocument.batch == opinion.batch)
    else:
        chosen = of_round.where(AppraisedDocument.document_id.in_(opinion.document_ids))
    judged = list(session.scalars(chosen.order_by(AppraisedDocument.document_id)))
    if not judged or (opinion.batch is None and len(judged) != len(set(opinion.document_ids))):
        raise NotFound("The round has no such record or batch.", appraisal_id=appraisal_id)
    return judged


def _replace(session: Session, actor: Actor, appraisal_id: str, judged: Sequence[str], opinion: Opinion) -> None:
    own = delete(AppraisalOpinion).where(
        AppraisalOpinion.appraisal_id == appraisal_id,
        AppraisalOpinion.user_id == actor.id,
        AppraisalOpinion.document_id.in_(judged),
    )
    session.execute(own)
    session.add_all(
        AppraisalOpinion(
            appraisal_id=appraisal_id, document_id=document_id, user_id=actor.id, verdict=opinion.verdict,
            keep_until=opinion.keep_until, reason=opinion.reason,
        )
        for document_id in judged
    )  # fmt: skip
    session.flush()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Like records of a round: how many, and how many of the group have judged all of them."""

    name: str
    documents: int
    judged_by: dict[str, int]
    """How many of its records each member has judged."""


def batches_of(session: Session, appraisal_id: str) -> list[Batch]:
    counts = session.execute(
        select(AppraisedDocument.batch, func.count())
        .where(AppraisedDocument.appraisal_id == appraisal_id)
        .group_by(AppraisedDocument.batch)
        .order_by(AppraisedDocument.batch)
    ).all()
    judged = session.execute(
        select(AppraisedDocument.batch, AppraisalOpinion.user_id, func.count())
        .join(
            AppraisalOpinion,
            (AppraisalOpinion.document_id == AppraisedDocument.document_id)
            & (AppraisalOpinion.appraisal_id == AppraisedDocument.appraisal_id),
        )
        .where(AppraisedDocument.appraisal_id == appraisal_id)
        .group_by(AppraisedDocument.batch, AppraisalOpinion.user_id)
    ).all()
    by_batch: dict[str, dict[str, int]] = {}
    for batch, user_id, count in judged:
        by_batch.setdefault(batch, {})[user_id] = count
    return [Batch(name=name, documents=count, judged_by=by_batch.get(name, {})) for name, count in counts]
