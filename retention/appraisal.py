"""Appraisal (鉴定): a group judges what is due, record by record or a batch of like ones at a time (R94–R97).

open_round → give_opinion … → conclude. What any member wants kept is kept, until the latest day wanted: the longest
wins. The new period and its reason stay beside the record. The report is written here and cannot be changed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from records import audit, chain, numbering
from records.actors import READERS, Actor
from records.errors import InvalidInput, NotFound, NotPermitted, WrongState
from records.ids import utc_now
from records.models import Document
from records.terms import AppraisalPart, DocumentState, Role, Verdict
from retention.appraisal_report import report_of
from retention.delegations import signatory
from retention.due import due_documents, is_released
from retention.models import Appraisal, AppraisalOpinion, AppraisedDocument
from retention.terms import change_term, check_bound

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
        InvalidInput: a leader, the archives or a business department is missing, or somebody sits twice.
        NotFound: a member has no account.
        WrongState: nothing is due.
    """
    actor.require(Role.ARCHIVIST)
    _check_group(session, members)
    due = due_documents(actor, today).where(Document.state == DocumentState.FILED, ~is_released())
    documents = session.scalars(due.limit(MOST_DOCUMENTS).with_for_update()).all()
    if not documents:
        raise WrongState("Nothing is due that was not appraised.")
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
    appraised = _locked(session, appraisal_id)
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


def conclude(session: Session, actor: Actor, appraisal_id: str) -> Appraisal:
    """End a round, by its leader: release what all want destroyed, prolong what anybody wants kept, write the report.

    Raises:
        NotPermitted: the actor does not lead the group.
        WrongState: a member has not said anything of some record yet.
    """
    concluded = _locked(session, appraisal_id)
    if {"user_id": actor.id, "part": AppraisalPart.LEADER.value} not in concluded.members:
        raise NotPermitted("The leader of the group concludes the round.", appraisal_id=appraisal_id)
    opinions = _opinions(session, appraisal_id)
    rows = session.scalars(
        select(AppraisedDocument).where(AppraisedDocument.appraisal_id == appraisal_id)
        .order_by(AppraisedDocument.document_id)
    ).all()  # fmt: skip
    missing = [row.document_id for row in rows if len(opinions.get(row.document_id, [])) < len(concluded.members)]
    if missing:
        raise WrongState("Not every member has judged every record.", document_id=missing[0], left=len(missing))
    documents = _documents(session, [row.document_id for row in rows])
    concluded.concluded_by, concluded.concluded_at = actor.id, utc_now()
    told = [_settle(session, actor, concluded, row, documents[row.document_id], opinions[row.document_id])
            for row in rows]  # fmt: skip
    concluded.report = chain.canonical(report_of(session, concluded, told))
    concluded.report_sha256 = hashlib.sha256(concluded.report.encode()).hexdigest()
    counts = Counter(each["outcome"] for each in told)
    audit.record(session, actor, "appraisal.concluded", f"appraisal:{appraisal_id}", number=concluded.number,
                 report_sha256=concluded.report_sha256, **counts)  # fmt: skip
    return concluded


def _settle(
    session: Session,
    actor: Actor,
    appraised: Appraisal,
    row: AppraisedDocument,
    document: Document,
    opinions: Sequence[AppraisalOpinion],
) -> dict[str, Any]:
    """Apply what the group says of one record; gives its line in the report."""
    keeping = [opinion for opinion in opinions if opinion.verdict == Verdict.KEEP]
    row.outcome = Verdict.KEEP if keeping else Verdict.DESTROY
    due_before = document.due_on
    if keeping:
        until = max(opinion.keep_until for opinion in keeping if opinion.keep_until)
        reason = "；".join(dict.fromkeys(opinion.reason for opinion in keeping))
        change_term(session, actor, document, until, source=f"appraisal:{appraised.id}", reason=reason)
    return {
        "document": document.id,
        "档号": document.archival_code,
        "batch": row.batch,
        "outcome": row.outcome,
        "due_before": due_before.isoformat() if due_before else None,
        "due_on": document.due_on.isoformat() if document.due_on else None,
        "opinions": [
            {
                "user": opinion.user_id,
                "verdict": opinion.verdict,
                "reason": opinion.reason,
                "keep_until": opinion.keep_until.isoformat() if opinion.keep_until else None,
            }
            for opinion in opinions
        ],
    }


def _check_group(session: Session, members: Sequence[Member]) -> None:
    if not {member.part for member in members} >= NEEDED:
        raise InvalidInput("A group has a leader, the archives and the business departments concerned.")
    if len({member.user_id for member in members}) != len(members):
        raise InvalidInput("Nobody sits twice in a group.")
    for member in members:
        if signatory(session, member.user_id) is None:
            raise NotFound(user_id=member.user_id)


def _locked(session: Session, appraisal_id: str) -> Appraisal:
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


def _opinions(session: Session, appraisal_id: str) -> dict[str, list[AppraisalOpinion]]:
    statement = select(AppraisalOpinion).where(AppraisalOpinion.appraisal_id == appraisal_id)
    found: dict[str, list[AppraisalOpinion]] = {}
    for opinion in session.scalars(statement.order_by(AppraisalOpinion.given_at, AppraisalOpinion.user_id)):
        found.setdefault(opinion.document_id, []).append(opinion)
    return found


def _documents(session: Session, ids: Sequence[str]) -> dict[str, Document]:
    rows = select(Document).where(Document.id.in_(ids)).order_by(Document.id).with_for_update()
    return {document.id: document for document in session.scalars(rows)}


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
