"""Numbers and codes: customer codes (R40), archival codes (档号, DA/T 13, R42, K8), batch and list numbers.

A code is a pattern filled with the number a counter gives out under the rest of the pattern, so that each is unique,
of fixed width and never given again. Patterns are settings; a pattern must contain `{seq}` with a width.

>>> render("{region}{seq:06d}", region="HD", seq=42)
'HD000042'
"""

from __future__ import annotations

import re
import string
from typing import cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from records.errors import CodesExhausted, SettingInvalid
from records.models import Counter
from records.terms import DocumentKind

KIND_CLASSES = {
    DocumentKind.BUSINESS_LICENSE: "YZ",
    DocumentKind.ID_CARD: "SF",
    DocumentKind.REGISTRATION_FORM: "DJ",
    DocumentKind.BANK_PERMIT: "KH",
    DocumentKind.CONTRACT: "HT",
    DocumentKind.OTHER: "QT",
}
"""The class letters of an archival code: 营业执照, 身份证, 登记表, 开户许可, 合同, 其他."""

_counters = cast(Table, Counter.__table__)
_RAISE = (
    update(_counters)
    .where(_counters.c.name == bindparam("series"))
    .values(value=_counters.c.value + 1)
    .returning(_counters.c.value)
)
_SEQ = re.compile(r"\{seq:0(\d+)d\}")


def check_pattern(pattern: str, *, allowed: frozenset[str]) -> str:
    """Give the pattern back, or raise SettingInvalid saying what is wrong with it."""
    names = [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
    unknown = set(names) - allowed - {"seq"}
    if unknown:
        raise SettingInvalid(f"The pattern uses unknown names; known are {sorted(allowed | {'seq'})}.", pattern=pattern)
    if names.count("seq") != 1 or not _SEQ.search(pattern):
        raise SettingInvalid("The pattern needs one number of fixed width, such as {seq:06d}.", pattern=pattern)
    return pattern


def render(pattern: str, *, seq: int, **names: object) -> str:
    """Fill the pattern; raises CodesExhausted where the number no longer fits its width."""
    match = _SEQ.search(pattern)
    if match and seq >= 10 ** int(match[1]):
        raise CodesExhausted(pattern=pattern)
    return pattern.format(seq=seq, **names)


def next_code(session: Session, pattern: str, **names: object) -> str:
    """The next code of the pattern, its counter raised in the caller's transaction."""
    series = _SEQ.sub("#", pattern).format(**names)
    return render(pattern, seq=next_number(session, series), **names)


def next_number(session: Session, series: str) -> int:
    """Raise the counter of this name by one and give the new value; the row stays locked until the commit."""
    number = session.scalar(_RAISE, {"series": series})
    if number is not None:
        return int(number)
    try:
        with session.begin_nested():
            session.execute(insert(_counters).values(name=series, value=1))
    except IntegrityError:  # another transaction made it first
        return int(session.scalars(_RAISE, {"series": series}).one())
    return 1
