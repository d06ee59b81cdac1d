"""A destruction list to print (销毁清册): the eight columns, the signatures, and room for hands (R98, R99)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.documents import objects_of
from records.models import Customer, Document, User
from retention import register
from retention.certificate_pdf import LISTED, LISTED_SHARES, SIGNED, SIGNED_SHARES, WRITTEN_INTO_PT
from retention.listed import policy_of_list, signatures
from retention.models import DestructionList, ListApproval, ListedDocument
from retention.pdfa import TITLE_PT, FontFile, Sheet
from retention.policies import SUPERVISORS
from retention.schedule import rule_of
from retention.supervision import supervisions_of


def render_list(session: Session, of: DestructionList, program: str, font: FontFile, today: dt.date) -> bytes:
    """Draw a list as it stands now; what is not signed yet has room for a hand.

    Raises:
        SettingInvalid: the font cannot be used.
    """
    title = f"销毁清册 {of.number}"
    sheet = Sheet(title=title, program=program, footer=title, font=font, is_wide=True)
    sheet.line("档案销毁清册", size_pt=TITLE_PT)
    sheet.line(f"{of.number}  {of.title}")
    sheet.line(f"拟制 {_person(session, of.proposed_by)}  {of.proposed_at:%Y-%m-%d}")
    rows = list(_rows(session, of, today))
    sheet.line(f"共 {len(rows)} 件，{sum(pages for _, pages in rows)} 页")
    sheet.heading("清册")
    sheet.table((*LISTED, "页数"), (*LISTED_SHARES, 6), [(*columns, str(pages)) for columns, pages in rows])
    sheet.heading("签署意见")
    sheet.table(SIGNED, SIGNED_SHARES, list(_signed(session, of)), least_pt=WRITTEN_INTO_PT)
    return sheet.done()


def _rows(session: Session, of: DestructionList, today: dt.date) -> Iterator[tuple[Sequence[str], int]]:
    """The columns and the pages of each record; of one that is destroyed, as the register has them."""
    listed = (
        select(Document)
        .join(ListedDocument, ListedDocument.document_id == Document.id)
        .where(ListedDocument.list_id == of.id)
        .order_by(Document.archival_code, Document.id)
    )
    for document in session.scalars(listed):
        columns = _registered(session, document, of) or _foreseen(session, document, today)
        yield [str(columns[name] or "") for name in LISTED], document.page_count or 0


def _registered(session: Session, document: Document, of: DestructionList) -> dict[str, object] | None:
    entries = register.entries_of(session, document.id)
    begun = next((each for each in entries if each.event == register.BEGUN and each.list_id == of.id), None)
    return dict(json.loads(begun.entry)) if begun else None


def _foreseen(session: Session, document: Document, today: dt.date) -> dict[str, object]:
    """As the register would have them today; the day of destruction is written by hand."""
    customer = session.get(Customer, document.customer_id) if document.customer_id else None
    columns = register.columns_of(
        document, customer, rule_of(session, document), objects_of(session, document.id), today
    )
    return columns | {"销毁时间": None}


def _signed(session: Session, of: DestructionList) -> Iterator[Sequence[str]]:
    by_seat = {each.seat: each for each in signatures(session, of)}
    policy = policy_of_list(of)
    for seat in policy.seats:
        yield _seat(session, seat.title, by_seat.get(seat.name))
    if of.confirmed_by and of.confirmed_at:
        yield ("二次确认", _person(session, of.confirmed_by), "", f"{of.confirmed_at:%Y-%m-%d}", "")
    watched = supervisions_of(session, of.id)
    for each in watched:
        counted = f"销毁前清点 {each.counted_documents} 件；{each.remark or ''}".rstrip("；")
        signed = f"{each.signed_at:%Y-%m-%d}" if each.signed_at else ""
        yield ("监销人", _person(session, each.user_id), counted, signed, "")
    for _missing in range((SUPERVISORS if policy.needs_supervision else 0) - len(watched)):
        yield ("监销人", "", "", "", "")
    executed = f"{of.executed_at:%Y-%m-%d}" if of.executed_at else ""
    yield ("执行人", _person(session, of.executed_by) if of.executed_by else "", "", executed, "")


def _seat(session: Session, title: str, signed: ListApproval | None) -> Sequence[str]:
    if signed is None:
        return (title, "", "", "", "")
    instead = f" 代 {_person(session, signed.on_behalf_of)}" if signed.on_behalf_of else ""
    opinion = f"{_DECISIONS.get(signed.decision, '')}{signed.opinion}"
    return (title, _person(session, signed.user_id) + instead, opinion, f"{signed.decided_at:%Y-%m-%d}", "")


_DECISIONS = {"refused": "不同意：", "returned": "退回："}


def _person(session: Session, user_id: str) -> str:
    user = session.get(User, user_id)
    return " ".join(filter(None, (user.name, user.department))) if user else user_id
