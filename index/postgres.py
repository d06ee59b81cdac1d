"""Full text in PostgreSQL: the same tokens as `tsvector` under GIN indexes, in the caller's transaction.

One table holds a row for each page (`index/postgres_tables.py`). Its lexemes narrow what may be seen, columns decide.

Erasing: a deleted row stays in its file until the file is rewritten. Removing therefore notes the partition, and
`scrub` rewrites the noted partitions with the rows that live, indexes and TOAST included; old files are unlinked by the
server. The table is partitioned by document so that destroying little rewrites little. `VACUUM FULL` would keep rows
that some open transaction may still see; this does not. What pg_wal and its archive hold is outside its reach
(docs/decisions).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from index import postgres_tables
from index.entry import IndexedDocument, SearchPage, SearchQuery
from index.postgres_tables import fingerprint_facet, region_facet, rows_of
from index.query import (
    Condition,
    Found,
    PreparedQuery,
    first_place,
    is_same_day,
    page_of,
    prepare,
    statement,
)
from index.tokens import Phrase

_MANY_REGIONS = 64
_FEW = 200
"""Up to so many documents left by a code, the text is sought on their pages only."""
_COMMON = 2_000
"""Up to so many pages a phrase is checked on all of them; beyond, the newest are looked at first."""
_DENSE = 100
"""A character found in so many documents among the newest pages is common; with fewer all its pages are sought."""
_LATEST = 1_000
"""So many pages are the newest."""
_MET = "SELECT * FROM search_page WHERE tokens @@ CAST(:lexemes AS tsquery) LIMIT {most}"
_NEWEST = """SELECT * FROM search_page WHERE place >= :floor AND place < :ceiling
    ORDER BY place DESC LIMIT {most}"""
_NEWEST_OF_REGIONS = """SELECT page.* FROM json_array_elements_text(CAST(:seen AS json)) AS region(code)
    CROSS JOIN LATERAL (SELECT * FROM search_page AS p
        WHERE p.region_code = region.code AND p.place >= :floor AND p.place < :ceiling
        ORDER BY p.place DESC LIMIT {most}) AS page
    ORDER BY page.place DESC LIMIT {most}"""
_OF_FEW = "(SELECT * FROM search_page WHERE document_id IN :few OFFSET 0)"
"""OFFSET keeps the planner from asking the full text first."""


class Looked(NamedTuple):
    """What was found among some pages; `is_all` says that there were no more to look at."""

    is_all: bool
    found: list[Found]

    def gives(self, prepared: PreparedQuery, least: int = 0) -> bool:
        """Whether it is enough for a page of hits, and for so many counted."""
        return self.is_all or len(self.found) >= min(prepared.wanted, max(prepared.limit + 1, least))


class PostgresIndex:
    """A SearchIndex in PostgreSQL."""

    def create(self, connection: Connection) -> None:
        postgres_tables.create(connection)

    def drop(self, connection: Connection) -> None:
        postgres_tables.drop(connection)

    def add(self, connection: Connection, entry: IndexedDocument) -> None:
        place = connection.execute(
            text("SELECT place FROM search_page WHERE document_id = :id LIMIT 1"), {"id": entry.document_id}
        ).scalar_one_or_none()
        if place is not None:
            self.remove(connection, [entry.document_id])
        if place is None or not is_same_day(place, entry.filed_on):
            serial = connection.execute(text("SELECT nextval('search_serial')")).scalar_one()
            place = first_place(entry.filed_on) + int(serial)
        postgres_tables.add_rows(connection, rows_of(place, entry))

    def remove(self, connection: Connection, document_ids: Iterable[str]) -> None:
        ids = list(document_ids)
        touched = "DELETE FROM search_page WHERE document_id = ANY(:ids) RETURNING tableoid::regclass::text AS name"
        connection.execute(
            text(f"WITH gone AS ({touched}) INSERT INTO search_erasure (partition) SELECT DISTINCT name FROM gone"),
            {"ids": ids},
        )

    def scrub(self, engine: Engine) -> None:
        with engine.connect() as connection:
            names = connection.execute(text("SELECT DISTINCT partition FROM search_erasure ORDER BY 1")).scalars().all()
        for name in names:
            with engine.begin() as connection:
                postgres_tables.rewrite(connection, str(name))

    def search(self, connection: Connection, query: SearchQuery) -> SearchPage:
        prepared = prepare(query)
        if prepared.regions is not None and not prepared.regions:
            return page_of(prepared, ())
        if prepared.phrases or prepared.fingerprint is not None:
            # Tokens lie outside the row, which the planner does not count: it would read all of a small partition.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            return self._search_text(connection, prepared)
        return page_of(prepared, _find(connection, prepared))

    def _search_text(self, connection: Connection, prepared: PreparedQuery) -> SearchPage:
        few = _few_documents(connection, prepared)
        if few is not None:
            return page_of(prepared, _find(connection, prepared, _OF_FEW, few=few))
        if not prepared.phrases:
            return page_of(prepared, _find(connection, prepared))
        return _search_phrases(connection, prepared)

    def found_codes(self, connection: Connection, archival_codes: Iterable[str]) -> set[str]:
        sql = "SELECT archival_code FROM search_page WHERE head AND archival_code = ANY(:codes)"
        return set(connection.execute(text(sql), {"codes": list(archival_codes)}).scalars())

    def count(self, connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(*) FROM search_page WHERE head")).scalar_one())

    def document_ids(self, connection: Connection) -> Iterator[str]:
        rows = connection.execute(text("SELECT document_id FROM search_page WHERE head ORDER BY document_id"))
        return (str(row[0]) for row in rows)


def _tsquery(prepared: PreparedQuery, adjacent: str = "<->") -> str:
    parts = [_phrase(phrase, adjacent) for phrase in prepared.phrases]
    if prepared.fingerprint is not None:
        parts.append(f"'{fingerprint_facet(prepared.fingerprint)}'")
    if prepared.regions is not None and len(prepared.regions) <= _MANY_REGIONS:
        parts.append(" | ".join(f"'{region_facet(code)}'" for code in sorted(prepared.regions)))
    return " & ".join(f"({part})" for part in parts)


def _phrase(phrase: Phrase, adjacent: str) -> str:
    *whole, last = (f"'{token}'" for token in phrase.tokens)
    return f" {adjacent} ".join([*whole, f"{last}:*" if phrase.open_ended else last])


def _search_phrases(connection: Connection, prepared: PreparedQuery) -> SearchPage:
    newest = _find_newest(connection, prepared) if _begins_many_lexemes(prepared) else None
    if newest is None or not newest.gives(prepared, _DENSE):
        met = _find_met(connection, prepared)
        if met.is_all:
            return page_of(prepared, met.found)
        newest = newest or _find_newest(connection, prepared)
    if newest.gives(prepared):
        return page_of(prepared, newest.found, broke_off=not newest.is_all)
    return page_of(prepared, _find(connection, prepared))


def _begins_many_lexemes(prepared: PreparedQuery) -> bool:
    """Whether a single Chinese character is sought.

    The index joins the lists of all 2-grams it begins, whatever the region, before it gives a page.
    """
    return any(phrase.open_ended and len(phrase.tokens[-1]) == 1 for phrase in prepared.phrases)


def _find_met(connection: Connection, prepared: PreparedQuery) -> Looked:
    """What the pages give on which the text's lexemes meet; nothing where they are too many to look at all."""
    lexemes, query = _tsquery(prepared, adjacent="&"), _tsquery(prepared)
    # Where each phrase is one lexeme the index has said all.
    phrase = {} if query == lexemes else {"query": query}
    which = "known.is_all" + (" AND d.tokens @@ CAST(:query AS tsquery)" if phrase else "")
    return _look(connection, prepared, (_MET, _COMMON), which, lexemes=lexemes, **phrase)


def _find_newest(connection: Connection, prepared: PreparedQuery) -> Looked:
    """What the newest pages that may be seen give."""
    which, query = "d.tokens @@ CAST(:query AS tsquery)", _tsquery(prepared)
    if prepared.regions is None or len(prepared.regions) > _MANY_REGIONS:
        return _look(connection, prepared, (_NEWEST, _LATEST), which, query=query)
    seen = json.dumps(sorted(prepared.regions))
    return _look(connection, prepared, (_NEWEST_OF_REGIONS, _LATEST), which, query=query, seen=seen)


def _look(
    connection: Connection, prepared: PreparedQuery, source: tuple[str, int], which: str, **values: object
) -> Looked:
    """What at most so many pages give.

    They are put in order first and looked at until there are enough: fetching the tokens of a page is what takes long.
    """
    pages, most = source
    sql = f"""
        WITH looked AS MATERIALIZED ({pages.format(most=most)})
        SELECT known.is_all, found.* FROM (SELECT count(*) < {most} AS is_all FROM looked) AS known
        LEFT JOIN LATERAL (
            SELECT DISTINCT ON (place) place, document_id, page_no, kind, region_code
            FROM (SELECT * FROM looked AS d
                WHERE d.place >= :floor AND d.place < :ceiling {_and(prepared.conditions)}
                ORDER BY d.place DESC, d.page_no OFFSET 0) AS d
            WHERE {which}
            ORDER BY place DESC, page_no LIMIT :wanted) AS found ON true
        ORDER BY found.place DESC"""
    values |= {"floor": prepared.floor, "ceiling": prepared.ceiling, "wanted": prepared.wanted}
    rows = connection.execute(statement(sql, (Condition(sql="", values=values), *prepared.conditions))).all()
    return Looked(rows[0].is_all, _found(prepared, (row[1:] for row in rows if row.place is not None)))


def _few_documents(connection: Connection, prepared: PreparedQuery) -> list[str] | None:
    """The documents a code leaves, if they are few; a region's lexeme narrows the full text itself."""
    codes = [each for each in prepared.conditions if each.column not in {None, "region_code"}]
    if not codes:
        return None
    sql = f"SELECT d.document_id FROM search_page AS d WHERE d.head{_and(codes)} LIMIT {_FEW}"
    found = list(connection.execute(statement(sql, codes)).scalars())
    return found if len(found) < _FEW else None


def _and(conditions: Iterable[Condition]) -> str:
    return "".join(f" AND {condition.sql}" for condition in conditions)


def _find(
    connection: Connection, prepared: PreparedQuery, source: str = "search_page", **values: object
) -> list[Found]:
    has_text = bool(prepared.phrases) or prepared.fingerprint is not None
    which = "d.tokens @@ CAST(:query AS tsquery)" if has_text else "d.head"
    # The sum hides the place from its index: walking all pages in order is what the planner would do with it.
    place = "(d.place + 0)" if has_text else "d.place"
    # Matches of a text are collected before they are ordered: without statistics on tokens the planner would rather
    # walk all pages in order. Codes are read in order.
    collected = "MATERIALIZED" if has_text else "NOT MATERIALIZED"
    sql = f"""
        WITH matching AS {collected} (SELECT d.place, d.document_id, d.page_no, d.kind, d.region_code FROM {source} AS d
            WHERE {which} AND {place} >= :floor AND {place} < :ceiling {_and(prepared.conditions)})
        SELECT DISTINCT ON (place) place, document_id, page_no, kind, region_code FROM matching
        ORDER BY place DESC, page_no LIMIT :wanted"""
    values |= {"floor": prepared.floor, "ceiling": prepared.ceiling, "wanted": prepared.wanted}
    if has_text:
        values["query"] = _tsquery(prepared)
    rows = connection.execute(statement(sql, (Condition(sql="", values=values), *prepared.conditions)))
    return _found(prepared, rows)


def _found(prepared: PreparedQuery, rows: Iterable[Sequence[Any]]) -> list[Found]:
    return [
        Found(place, document_id, page_no if prepared.phrases else None, kind, region_code)
        for place, document_id, page_no, kind, region_code in rows
    ]
