"""A destruction list as the rest of the flow asks for it: locked, with its policy, its signatures and what is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from records.actors import Actor
from records.documents import visible_documents
from records.errors import NotFound, NotPermitted
from records.models import Document, User
from records.terms import DocumentState
from retention.models import DestructionList, ListApproval, ListedDocument, Paper
from retention.policies import DisposalPolicy, from_data


def locked_list(session: Session, list_id: str) -> DestructionList:
    statement = select(DestructionList).where(DestructionList.id == list_id).with_for_update()
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound(list_id=list_id)
    return found


def check_seen(session: Session, actor: Actor, list_id: str) -> None:
    """Raises NotPermitted where the list has a record that the actor may not see: nobody answers for what he cannot."""
    if actor.regions is None:
        return
    on_list = select(ListedDocument.document_id).where(ListedDocument.list_id == list_id)
    seen = visible_documents(actor, restricted=True).with_only_columns(Document.id)
    if session.scalar(on_list.where(ListedDocument.document_id.not_in(seen)).limit(1)) is not None:
        raise NotPermitted("The list has records of a region that you do not see.", list_id=list_id)


def policy_of_list(of: DestructionList) -> DisposalPolicy:
    return from_data(of.policy)


def signatures(session: Session, of: DestructionList) -> list[ListApproval]:
    """What was signed in the list's present round, in order."""
    statement = select(ListApproval).where(ListApproval.list_id == of.id, ListApproval.round_no == of.round_no)
    return list(session.scalars(statement.order_by(ListApproval.decided_at, ListApproval.id)))


def approvers(session: Session, list_id: str) -> set[str]:
    """Everybody whose agreement stands, and everybody in whose place one was given."""
    approved = select(ListApproval.user_id, ListApproval.on_behalf_of).where(
        ListApproval.list_id == list_id, ListApproval.is_approved.is_(True)
    )
    return {person for row in session.execute(approved) for person in row if person}


def unfinished(session: Session, list_id: str, *, among: Collection[str] | None = None) -> list[str]:
    """Documents of the list that still have no outcome, in a fixed order."""
    statement = (
        select(ListedDocument.document_id)
        .where(ListedDocument.list_id == list_id, ListedDocument.outcome.is_(None))
        .order_by(ListedDocument.document_id)
    )
    return list(session.scalars(statement if among is None else statement.where(ListedDocument.document_id.in_(among))))


def settle(session: Session, list_id: str, outcomes: Mapping[str, str]) -> None:
    """Write down what became of documents of the list."""
    for outcome in sorted(set(outcomes.values())):
        some = [document_id for document_id, each in outcomes.items() if each == outcome]
        theirs = update(ListedDocument).where(ListedDocument.list_id == list_id, ListedDocument.document_id.in_(some))
        session.execute(theirs.values(outcome=outcome))


def papers_of(list_id: str) -> Select[Paper]:
    """The paper of the list's documents and of the copies that share their fate."""
    return (
        select(Paper)
        .join(Document, Document.id == Paper.document_id)
        .join(
            ListedDocument,
            or_(ListedDocument.document_id == Document.id, ListedDocument.document_id == Document.duplicate_of),
        )
        .where(ListedDocument.list_id == list_id)
        .order_by(Paper.document_id)
    )


def papers_left(list_id: str) -> Select[Paper]:
    """Paper that is still there of documents that are not."""
    return papers_of(list_id).where(Paper.destroyed_on.is_(None), Document.state == DocumentState.DESTROYED)


def has_paper_left(session: Session, list_id: str) -> bool:
    return session.scalar(papers_left(list_id).limit(1)) is not None


def department_of(session: Session, user_id: str) -> str:
    user = session.get(User, user_id)
    return user.department if user is not None else ""
