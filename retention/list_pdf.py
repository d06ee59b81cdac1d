"""A destruction list to print (销毁清册): the eight columns, the signatures, and room for hands (R98, R99)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.documents import objects_of_many
from records.models import Customer, Document, User
from retention import register
from retention.certificate_pdf import LISTED, LISTED_SHARES, SIGNED, SIGNED_SHARES, WRITTEN_INTO_PT, waivers
from retention.listed import policy_of_list, signatures
from retention.models import DestructionList, ListApproval, ListedDocument, RegisterEntry
from retention.pdfa import TITLE_PT, FontFile, Sheet
from retention.policies import SUPERVISORS
from retention.schedule import rules_of_many
from retention.supervision import supervisions_of

BATCH = 500


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
    for text in waivers(policy_of_list(of).waived):
        sheet.line(text)
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
    registered = _registered(session, of)
    for documents in session.scalars(listed).partitions(BATCH):
        foreseen = _foreseen(session, [each for each in documents if each.id not in registered], today)
        for document in documents:
            columns = registered.get(document.id) or foreseen[document.id]
            yield [str(columns[name] or "") for name in LISTED], document.page_count or 0


def _registered(session: Session, of: DestructionList) -> dict[str, dict[str, object]]:
    """What the register says of each document of the list whose destruction was begun."""
    begun = select(RegisterEntry.document_id, RegisterEntry.entry).where(
        RegisterEntry.list_id == of.id, RegisterEntry.event == register.BEGUN
    )
    return {document_id: json.loads(entry) for document_id, entry in session.execute(begun)}


def _foreseen(session: Session, documents: Sequence[Document], today: dt.date) -> dict[str, dict[str, object]]:
    """As the register would have them today; the day of destruction is written by hand."""
    ids = {each.customer_id for each in documents}
    customers = {each.id: each for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    rules, objects = rules_of_many(session, documents), objects_of_many(session, [each.id for each in documents])
    columns = {
        each.id: register.columns_of(
            each, customers.get(each.customer_id or ""), rules[each.id], objects[each.id], today
        )
        for each in documents
    }
    return {document_id: {**each, "销毁时间": None} for document_id, each in columns.items()}


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
