"""Days that a paper states and a period may run from: the end of 营业期限 or 有效期限, 签订日期, 发证日期 … (K32).

What a field says is sealed under the key of its document, and millions of records are looked at before a schedule is
changed. So the day alone is taken out when a document is filed, as that of its formation is; it goes with the document.
Of a period the day is its end. A person's date of birth is none of these days.

>>> stated_day("business_term", "2011年04月22日至2061年04月21日").day
datetime.date(2061, 4, 21)
>>> stated_day("business_term", "2014年07月22日至长期").no_day
<NoDay.ENDLESS: 'endless'>
>>> stated_day("business_term", "2014年07月22日至").no_day  # of a period one end says nothing
<NoDay.UNREADABLE: 'unreadable'>
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.dates import dates_in
from records.fields import FieldView
from records.identity import TRUSTED
from records.models import RecordDate
from records.terms import DocumentKind, FieldState, NoDay

STATED: Mapping[DocumentKind, frozenset[str]] = {
    DocumentKind.BUSINESS_LICENSE: frozenset({"business_term", "established_on", "issued_on"}),
    DocumentKind.ID_CARD: frozenset({"valid_period"}),
    DocumentKind.BANK_PERMIT: frozenset({"issued_on"}),
    DocumentKind.CONTRACT: frozenset({"signed_on"}),
    DocumentKind.REGISTRATION_FORM: frozenset({"填表日期", "填写时间"}),
    DocumentKind.OTHER: frozenset(),
}
"""What is taken out of each kind of paper; of a company's own forms also what the schedule in force names."""

_PERIODS = frozenset({"business_term", "valid_period"})
_NO_END = re.compile("长期|永久|永续|不约定期限|无固定期限|无期限|未约定")
_NEVER = 2900
"""From this year on a day is how somebody writes that there is no end: 2999, 9999."""


@dataclass(frozen=True, kw_only=True)
class StatedDay:
    """`no_day` says why there is no `day`."""

    field: str
    day: dt.date | None = None
    no_day: NoDay | None = None


def stated_day(field: str, value: str | None) -> StatedDay:
    """What a field says, as it was read or typed."""
    days = dates_in(value or "")
    last = days[-1] if days else None
    if value and _NO_END.search(value) and len(days) < 2:
        return StatedDay(field=field, no_day=NoDay.ENDLESS)
    if last is None or None in days or (field in _PERIODS and len(days) != 2):
        return StatedDay(field=field, no_day=NoDay.UNREADABLE)
    if last.year >= _NEVER:
        return StatedDay(field=field, no_day=NoDay.ENDLESS)
    return StatedDay(field=field, day=last)


def stated_days(
    kinds: Mapping[int, DocumentKind], fields: Iterable[FieldView], named: Collection[str]
) -> list[StatedDay]:
    """What the parts of a document state, one for each name: where several state it the last, and no day is the last.

    Args:
        named: the fields that the schedule in force names.
    """
    found: dict[str, list[StatedDay]] = {}
    for field in fields:
        is_wanted = field.name in named or field.name in STATED[kinds[field.part_no]]
        if is_wanted and (field.state in TRUSTED or field.state == FieldState.UNREADABLE):
            value = field.value if field.state in TRUSTED else None
            found.setdefault(field.name, []).append(stated_day(field.name, value))
    return [max(each, key=_lateness) for each in found.values()]


def _lateness(stated: StatedDay) -> tuple[bool, bool, dt.date]:
    return stated.day is None, stated.no_day == NoDay.ENDLESS, stated.day or dt.date.min


def row_of(document_id: str, stated: StatedDay) -> RecordDate:
    return RecordDate(document_id=document_id, field=stated.field, day=stated.day, no_day=stated.no_day)


def days_of_many(
    session: Session, document_ids: Sequence[str], names: Collection[str]
) -> dict[str, dict[str, StatedDay]]:
    """What was taken out of these fields of each record, by its id and the field's name."""
    days: dict[str, dict[str, StatedDay]] = {document_id: {} for document_id in document_ids}
    if not names:
        return days
    columns = (RecordDate.document_id, RecordDate.field, RecordDate.day, RecordDate.no_day)
    rows = select(*columns).where(RecordDate.document_id.in_(document_ids), RecordDate.field.in_(names))
    for document_id, field, day, no_day in session.execute(rows):
        why = None if no_day is None else NoDay(no_day)
        days[document_id][field] = StatedDay(field=field, day=day, no_day=why)
    return days
