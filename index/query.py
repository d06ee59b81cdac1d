"""A search made ready for an engine: checked, its text in phrases, its conditions as SQL both databases understand.

Hits are ordered by one number, the document's place: the day it was filed, then a serial number within the day. It is
the key of the rows, the order of the hits and the cursor in one, so that a page of hits is a range read backwards.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import String, TextClause, bindparam, text

from index.entry import COUNT_LIMIT, MAX_LIMIT, Counted, SearchHit, SearchPage, SearchQuery
from index.tokens import Phrase, phrases_of
from records.errors import InvalidInput

SERIAL_BITS = 22
DAY_BITS = 20
MAX_TEXT = 200
MAX_PHRASES = 32

_FIRST_DAY = dt.date(1800, 1, 1).toordinal()
_CURSOR = re.compile(r"[0-9a-f]{1,12}")


class Found(NamedTuple):
    """A document that answers; `page_no` is the first page of it that does."""

    place: int
    document_id: str
    page_no: int | None
    kind: str | None
    region_code: str | None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """SQL on the columns of the alias `d`. `column` is what an index could serve, None when none can."""

    sql: str
    values: Mapping[str, Any]
    column: str | None = None
    is_exact: bool = False


@dataclass(frozen=True, kw_only=True)
class PreparedQuery:
    """`floor` ≤ place < `ceiling`; `regions` are those asked for and allowed, None when every region is."""

    phrases: tuple[Phrase, ...]
    floor: int
    ceiling: int
    conditions: tuple[Condition, ...]
    regions: frozenset[str] | None
    region_prefix: str | None
    fingerprint: str | None
    limit: int
    is_first_page: bool
    wanted: int
    """How many hits an engine should find: the first page counts a little further."""


def first_place(day: dt.date | None) -> int:
    """The lowest place of a day; documents without a date come last, those before 1800 among them."""
    return max(0, day.toordinal() - _FIRST_DAY + 1 if day else 0) << SERIAL_BITS


def is_same_day(place: int, day: dt.date | None) -> bool:
    return place >> SERIAL_BITS == first_place(day) >> SERIAL_BITS


def prepare(query: SearchQuery) -> PreparedQuery:
    """Raises InvalidInput: the limit, the text or the cursor is not one that can be answered."""
    if not 1 <= query.limit <= MAX_LIMIT:
        raise InvalidInput(f"Ask for 1 to {MAX_LIMIT} hits at once.", limit=query.limit)
    filed = query if query.date_name == "filed_on" else replace(query, date_from=None, date_to=None)
    last = filed.date_to
    ceiling = 1 << (DAY_BITS + SERIAL_BITS) if last is None else first_place(last) + (1 << SERIAL_BITS)
    # A document without a date is in no range of dates.
    floor = max(first_place(filed.date_from), 1 << SERIAL_BITS) if filed.date_from or filed.date_to else 0
    return PreparedQuery(
        phrases=_phrases(query.text),
        floor=floor,
        ceiling=ceiling if query.cursor is None else min(ceiling, _place_of_cursor(query.cursor)),
        conditions=tuple(_conditions(query)),
        regions=_intersection(query.region_codes, query.allowed_regions),
        region_prefix=query.region_prefix or None,
        fingerprint=query.fingerprint,
        limit=query.limit,
        is_first_page=query.cursor is None,
        wanted=COUNT_LIMIT if query.cursor is None else query.limit + 1,
    )


def page_of(prepared: PreparedQuery, found: Iterable[Found], *, broke_off: bool = False) -> SearchPage:
    """The page of hits from at most `prepared.wanted` found, best first."""
    rows = list(found)
    hits = tuple(
        SearchHit(document_id=row.document_id, page_no=row.page_no or None, score=row.place)
        for row in rows[: prepared.limit]
    )
    return SearchPage(
        hits=hits,
        next_cursor=f"{hits[-1].score:x}" if len(rows) > prepared.limit else None,
        total_estimate=len(rows) if prepared.is_first_page else None,
        counted_all=len(rows) < prepared.wanted and not broke_off,
        counted=tuple(_counted(row) for row in rows) if prepared.is_first_page else (),
    )


def _counted(row: Found) -> Counted:
    return Counted(row.kind, row.region_code, _year_of(row.place >> SERIAL_BITS))


@lru_cache(maxsize=1 << 12)
def _year_of(day: int) -> int | None:
    return dt.date.fromordinal(day + _FIRST_DAY - 1).year if day else None


def prefix_end(prefix: str) -> str | None:
    """The first text, by code point, after all that begin with the prefix; None when there is none."""
    for at in range(len(prefix) - 1, -1, -1):
        following = ord(prefix[at]) + 1
        if following <= 0x10FFFF:
            return prefix[:at] + chr(0xE000 if 0xD800 <= following <= 0xDFFF else following)
    return None


def statement(sql: str, conditions: Iterable[Condition]) -> TextClause:
    """The statement with its values bound; a list of texts is expanded."""
    values = {name: value for condition in conditions for name, value in condition.values.items()}
    return text(sql).bindparams(
        *(
            bindparam(name, value, String, expanding=True) if isinstance(value, list) else bindparam(name, value)
            for name, value in values.items()
        )
    )


def _phrases(asked: str) -> tuple[Phrase, ...]:
    if not asked.strip():
        return ()
    phrases = phrases_of(asked) if len(asked) <= MAX_TEXT else ()
    if not 1 <= len(phrases) <= MAX_PHRASES:
        raise InvalidInput(f"Search for at least one character or word, {MAX_TEXT} characters at most.")
    return phrases


def _place_of_cursor(cursor: str) -> int:
    if not _CURSOR.fullmatch(cursor):
        raise InvalidInput("The cursor is not one this search gave.")
    return int(cursor, 16)


def _intersection(asked: frozenset[str] | None, allowed: frozenset[str] | None) -> frozenset[str] | None:
    if asked is None or allowed is None:
        return asked if allowed is None else allowed
    return asked & allowed


def _conditions(query: SearchQuery) -> Iterable[Condition]:
    for name, codes in (("allowed_regions", query.allowed_regions), ("region_codes", query.region_codes)):
        if codes is not None:
            yield _one_of("region_code", name, codes)
    for name, terms in (("kind", query.kinds), ("state", query.states)):
        if terms is not None:
            yield Condition(sql=f"d.{name} IN :{name}s", values={f"{name}s": sorted(terms)})
    for name in ("customer_id", "customer_code", "archival_code"):
        value = getattr(query, name)
        if value is not None:
            yield Condition(sql=f"d.{name} = :{name}", values={name: value}, column=name, is_exact=True)
    yield from _prefixes_and_ranges(query)


def _one_of(column: str, name: str, codes: frozenset[str]) -> Condition:
    return Condition(sql=f"d.{column} IN :{name}", values={name: sorted(codes)}, column=column)


def _prefixes_and_ranges(query: SearchQuery) -> Iterable[Condition]:
    for column, prefix in (
        ("region_code", query.region_prefix),
        ("customer_code", query.customer_code_prefix),
        ("archival_code", query.archival_code_prefix),
    ):
        if prefix:
            yield _range(column, f"{column}_prefix", prefix, prefix_end(prefix), last_is_included=False)
    if query.code_from is not None or query.code_to is not None:
        yield _range("customer_code", "code", query.code_from, query.code_to, last_is_included=True)
    if query.date_name == "document_on" and (query.date_from or query.date_to):
        first, last = (None if day is None else day.isoformat() for day in (query.date_from, query.date_to))
        yield replace(_range("document_on", "document_on", first, last, last_is_included=True), column=None)


def _range(column: str, name: str, first: str | None, last: str | None, *, last_is_included: bool) -> Condition:
    parts, values = [], {}
    if first is not None:
        parts.append(f"d.{column} >= :{name}_first")
        values[f"{name}_first"] = first
    if last is not None:
        parts.append(f"d.{column} {'<=' if last_is_included else '<'} :{name}_last")
        values[f"{name}_last"] = last
    return Condition(sql=" AND ".join(parts), values=values, column=column)
