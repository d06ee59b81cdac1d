"""What a certificate of destruction says: everything the register tells of a list's documents, and who took part (K48).

Each register entry stands with its number and hash, so that a certificate can be held against an exported register; of
people it names those who acted for the archive, never a customer.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.errors import NotFound, WrongState
from records.ids import utc_now
from records.models import Document, User
from records.sealing import document_subject
from records.terms import DocumentState
from retention import register
from retention.certificate_statement import ERASURE, METHOD
from retention.listed import policy_of_list
from retention.models import (
    Appraisal,
    AppraisedDocument,
    DestructionList,
    ListApproval,
    ListedDocument,
    RegisterEntry,
    Supervision,
)

FORMAT = "guidang certificate 1"
COLUMNS = ("档号", "责任者", "题名", "形成时间", "应保管期限", "已保管时间", "销毁时间")


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the certificate says of the archive: where, with which program, how long backups of keys live."""

    archive: str
    program: str
    key_backup_days: int


def certificate_of(session: Session, number: str, place: Place) -> dict[str, Any]:
    """What is certified of an executed list.

    Raises:
        NotFound: there is no list of this number.
        WrongState: the list is not final: not carried out, or paper or a supervisor's signature is still missing.
    """
    found = session.scalars(select(DestructionList).where(DestructionList.number == number)).one_or_none()
    if found is None:
        raise NotFound("There is no list of this number.", number=number)
    if found.executed_at is None or found.closed_at is None:
        raise WrongState("A list is certified when it is final.", number=number, state=found.state)
    listed = session.execute(
        select(ListedDocument.document_id, ListedDocument.outcome)
        .where(ListedDocument.list_id == found.id)
        .order_by(ListedDocument.document_id)
    ).all()
    documents = _documents(session, found.id)
    policy = policy_of_list(found)
    began = min((each["begun_at"] for each in documents), default=None)
    ended = max((each["destroyed_at"] for each in documents), default=None)
    return {
        "format": FORMAT,
        "list": found.number,
        "title": found.title,
        "archive": place.archive,
        "program": place.program,
        "method": METHOD,
        "erasure": ERASURE,
        "made_at": utc_now().isoformat(timespec="seconds"),
        "begun_at": began,
        "ended_at": ended,
        "policy": {"name": policy.name, "waived": dict(policy.waived)},
        "proposed_by": _person(session, found.proposed_by),
        "proposed_at": _at(found.proposed_at),
        "approved_by": _approvals(session, found),
        "confirmed_by": _person(session, found.confirmed_by) if found.confirmed_by else None,
        "confirmed_at": _at(found.confirmed_at),
        "supervised_by": _supervisors(session, found.id),
        "executed_by": _person(session, found.executed_by),
        "executed_at": _at(found.executed_at),
        "final_at": _at(found.closed_at),
        "key_backup_days": place.key_backup_days,
        "complete_on": _complete_on(ended, place.key_backup_days),
        "destroyed": len(documents),
        "kept": [
            {"document": document_id, "reason": outcome}
            for document_id, outcome in listed
            if outcome != DocumentState.DESTROYED
        ],
        "documents": documents,
    }


def _documents(session: Session, list_id: str) -> list[dict[str, Any]]:
    """Each document of the list and each copy that shared its fate, as the register tells of them."""
    told: dict[str, dict[str, RegisterEntry]] = {}
    rows = select(RegisterEntry).where(RegisterEntry.list_id == list_id).order_by(RegisterEntry.seq)
    for entry in session.scalars(rows):
        told.setdefault(entry.document_id, {})[entry.event] = entry
    return [
        _document(session, document_id, events)
        for document_id, events in sorted(told.items())
        if register.DESTROYED in events
    ]


def _document(session: Session, document_id: str, events: dict[str, RegisterEntry]) -> dict[str, Any]:
    begun, destroyed = json.loads(events[register.BEGUN].entry), json.loads(events[register.DESTROYED].entry)
    said = {
        name: begun.get(name) for name in ("档号", "责任者", "题名", "形成时间", "应保管期限", "已保管时间", "销毁时间")
    }
    document = session.get(Document, document_id)
    return {
        "document": document_id,
        **said,
        "page_count": begun.get("page_count"),
        "media_type": document.media_type if document else None,
        "sha256": begun["sha256"],
        "object_count": begun["object_count"],
        "object_sha256": begun["object_sha256"],
        "retention_class": begun.get("retention_class"),
        "authority": begun.get("authority"),
        "schedule_version": begun.get("schedule_version"),
        "appraisal": _appraisal(session, document_id),
        "key_destroyed": document_subject(document_id),
        "begun_at": begun["at"],
        "destroyed_at": destroyed["at"],
        "verified": destroyed["verified"],
        "paper": _paper(session, json.loads(events[register.PAPER_DESTROYED].entry))
        if register.PAPER_DESTROYED in events
        else None,
        "register": [{"seq": each.seq, "event": each.event, "hash": each.hash} for each in events.values()],
    }


def _appraisal(session: Session, document_id: str) -> dict[str, str] | None:
    """The last round that judged the document, by its number and the hash of its report."""
    last = (
        select(Appraisal.number, Appraisal.report_sha256)
        .join(AppraisedDocument, AppraisedDocument.appraisal_id == Appraisal.id)
        .where(AppraisedDocument.document_id == document_id, Appraisal.concluded_at.is_not(None))
        .order_by(Appraisal.concluded_at.desc(), Appraisal.id.desc())
        .limit(1)
    )
    found = session.execute(last).one_or_none()
    return dict(found._mapping) if found else None


def _approvals(session: Session, found: DestructionList) -> list[dict[str, Any]]:
    """Who signed in which seat, in whose place, in the round that counts."""
    signed = select(ListApproval).where(
        ListApproval.list_id == found.id,
        ListApproval.round_no == found.round_no,
        ListApproval.is_approved.is_(True),
    )
    policy = policy_of_list(found)
    return [
        {
            **_person(session, each.user_id),
            "seat": each.seat,
            "title": policy.seat(each.seat).title,
            "on_behalf_of": _person(session, each.on_behalf_of) if each.on_behalf_of else None,
            "opinion": each.opinion,
            "at": _at(each.decided_at),
        }
        for each in session.scalars(signed.order_by(ListApproval.decided_at))
    ]


def _supervisors(session: Session, list_id: str) -> list[dict[str, Any]]:
    """监销人: what they counted before, and that they signed after."""
    counted = select(Supervision).where(Supervision.list_id == list_id)
    return [
        {
            **_person(session, each.user_id),
            "department": each.department,
            "counted_documents": each.counted_documents,
            "counted_at": _at(each.counted_at),
            "signed_at": _at(each.signed_at),
        }
        for each in session.scalars(counted.order_by(Supervision.counted_at))
    ]


def _paper(session: Session, said: dict[str, Any]) -> dict[str, Any]:
    """The paper's end, with the names of those who destroyed and witnessed it."""
    people = {name: _person(session, said.get(name)) for name in ("destroyed_by", "witness")}
    return {name: said.get(name) for name in ("method", "place", "on")} | people


def _at(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _person(session: Session, user_id: str | None) -> dict[str, Any]:
    user = session.get(User, user_id) if user_id else None
    return {"id": user_id, "name": user.name if user else None, "department": user.department if user else None}


def _complete_on(ended: str | None, days: int) -> str | None:
    """When the last backup of a key that could open anything must have been deleted."""
    return (dt.datetime.fromisoformat(ended) + dt.timedelta(days=days)).date().isoformat() if ended else None
