"""The end of an appraisal: what the group said is applied to each record, its report is written for ever (R96, R97)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, chain
from records.actors import Actor
from records.errors import NotPermitted, WrongState
from records.ids import utc_now
from records.models import Document
from records.terms import AppraisalPart, Verdict
from retention.appraisal import open_appraisal
from retention.appraisal_report import report_of
from retention.models import Appraisal, AppraisalOpinion, AppraisedDocument
from retention.terms import change_term


def conclude(session: Session, actor: Actor, appraisal_id: str) -> Appraisal:
    """End a round, by its leader: release what all want destroyed, prolong what anybody wants kept, write the report.

    Raises:
        NotPermitted: the actor does not lead the group.
        WrongState: a member has not said anything of some record yet.
    """
    concluded = open_appraisal(session, appraisal_id)
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


def _opinions(session: Session, appraisal_id: str) -> dict[str, list[AppraisalOpinion]]:
    statement = select(AppraisalOpinion).where(AppraisalOpinion.appraisal_id == appraisal_id)
    found: dict[str, list[AppraisalOpinion]] = {}
    for opinion in session.scalars(statement.order_by(AppraisalOpinion.given_at, AppraisalOpinion.user_id)):
        found.setdefault(opinion.document_id, []).append(opinion)
    return found


def _documents(session: Session, ids: Sequence[str]) -> dict[str, Document]:
    rows = select(Document).where(Document.id.in_(ids)).order_by(Document.id).with_for_update()
    return {document.id: document for document in session.scalars(rows)}
