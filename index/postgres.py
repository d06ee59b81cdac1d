"""Full text in PostgreSQL: the same tokens as `tsvector` under GIN indexes, in the caller's transaction.

One table holds a row for each page, with the document's codes beside the tokens so that no join is needed; the rows
marked `head` (one a document) answer searches without text. Positions end at 16,383 and a lexeme keeps 256 of them at
most, so a long page is split into parts that overlap. Regions and fingerprints are lexemes too (`r:…`, `f:…`): GIN
intersects them with the text, which keeps a search fast for somebody who may see little; the column decides.

Erasing: a deleted row stays in its file until the file is rewritten. Removing therefore notes the partition, and
`scrub` rewrites the noted partitions with the rows that live, indexes and TOAST included; old files are unlinked by the
server. The table is partitioned by document so that destroying little rewrites little. `VACUUM FULL` would keep rows
that some open transaction may still see; this does not. What pg_wal and its archive hold is outside its reach
(docs/decisions).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from index.entry import IndexedDocument, SearchPage, SearchQuery
from index.query import (
    MAX_TEXT,
    SERIAL_BITS,
    Condition,
    Found,
    PreparedQuery,
    first_place,
    is_same_day,
    page_of,
    prepare,
    statement,
)
from index.tokens import Phrase, tokens_of

PARTITIONS = 8
"""Each costs every search some planning and one more scan; fewer make `scrub` rewrite more."""
_MAX_POSITION = 16_000
_MAX_OCCURRENCES = 250
_MAX_NAMES = 200
_OVERLAP = MAX_TEXT
"""As many tokens as a query can have: a phrase is whole in one of two neighbouring parts."""
_MANY_REGIONS = 64
_SCRUB_TIMEOUT = "30min"

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

_PAGE_COLUMNS = """
    document_id text COLLATE "C" NOT NULL, place bigint NOT NULL, page_no integer NOT NULL, part integer NOT NULL,
    head boolean NOT NULL, customer_id text COLLATE "C", kind text NOT NULL, region_code text COLLATE "C",
    customer_code text COLLATE "C", archival_code text COLLATE "C", state text NOT NULL, document_on text COLLATE "C",
    tokens tsvector NOT NULL, PRIMARY KEY (document_id, page_no, part)"""
_INDEXES = {
    "tokens": "USING gin (tokens) WITH (fastupdate = off)",
    "place": "(place DESC)",
    "head": "(place DESC) WHERE head",
    "newest": "(region_code, place DESC)",
    "region": "(region_code, place DESC) WHERE head",
    "customer": "(customer_id) WHERE head",
    "customer_code": "(customer_code) WHERE head",
    "archival_code": "(archival_code) WHERE head",
}
# The server keeps frequent and dividing values of a column as statistics, where no rewrite of the table reaches them.
_WITHOUT_STATISTICS = ("document_id", "customer_id", "customer_code", "archival_code", "tokens")


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
        # Two processes that start together would both find nothing there and collide in the catalogue.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('guidang search schema'))"))
        is_there = connection.execute(text("SELECT to_regclass('search_page')")).scalar_one() is not None
        for sql in _indexes_of_all() if is_there else _schema():
            connection.execute(text(sql))

    def drop(self, connection: Connection) -> None:
        for sql in (
            "DROP TABLE IF EXISTS search_page, search_erasure",
            "DROP SEQUENCE IF EXISTS search_serial",
        ):
            connection.execute(text(sql))

    def add(self, connection: Connection, entry: IndexedDocument) -> None:
        place = connection.execute(
            text("SELECT place FROM search_page WHERE document_id = :id LIMIT 1"), {"id": entry.document_id}
        ).scalar_one_or_none()
        if place is not None:
            self.remove(connection, [entry.document_id])
        if place is None or not is_same_day(place, entry.filed_on):
            serial = connection.execute(text("SELECT nextval('search_serial')")).scalar_one()
            place = first_place(entry.filed_on) + int(serial)
        connection.execute(_INSERT, [_values(entry) | row | {"place": place} for row in _rows(entry)])

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
                _rewrite(connection, str(name))

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


_INSERT = text("""
    INSERT INTO search_page VALUES (:document_id, :place, :page_no, :part, :head, :customer_id, :kind, :region_code,
        :customer_code, :archival_code, :state, :document_on, CAST(:tokens AS tsvector))""")


def _schema() -> Iterator[str]:
    yield f"CREATE TABLE search_page ({_PAGE_COLUMNS}) PARTITION BY HASH (document_id)"
    for number in range(PARTITIONS):
        name = _partition(number)
        modulus = f"MODULUS {PARTITIONS}, REMAINDER {number}"
        yield f"CREATE TABLE {name} PARTITION OF search_page FOR VALUES WITH ({modulus})"
        # Indexes belong to the partitions, not to the whole: `scrub` takes them off one and puts them back.
        yield from _create_indexes(name)
    for column in _WITHOUT_STATISTICS:
        yield f"ALTER TABLE search_page ALTER COLUMN {column} SET STATISTICS 0"
    yield f"CREATE SEQUENCE search_serial MINVALUE 0 MAXVALUE {(1 << SERIAL_BITS) - 1} CYCLE"
    # A row for each removal rather than one for each partition: two transactions that remove never wait here.
    yield """CREATE TABLE search_erasure
        (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, partition text NOT NULL)"""


def _create_indexes(partition: str) -> Iterator[str]:
    for name, definition in _INDEXES.items():
        yield f"CREATE INDEX IF NOT EXISTS {partition}_{name} ON {partition} {definition}"


def _indexes_of_all() -> Iterator[str]:
    """Tables made by an earlier version may lack one."""
    for number in range(PARTITIONS):
        yield from _create_indexes(_partition(number))


def _partition(number: int) -> str:
    return f"search_page_{number:02d}"


def _rewrite(connection: Connection, partition: str) -> None:
    """Give the partition new files that hold its living rows only; searches wait meanwhile."""
    connection.execute(text(f"SET LOCAL statement_timeout = '{_SCRUB_TIMEOUT}'"))
    connection.execute(text(f"LOCK TABLE {partition} IN ACCESS EXCLUSIVE MODE"))
    # Removals of this partition that commit from here on wait for the lock: those noted now are those rewritten.
    connection.execute(text("DELETE FROM search_erasure WHERE partition = :name"), {"name": partition})
    connection.execute(text(f"CREATE TEMPORARY TABLE search_living ON COMMIT DROP AS TABLE {partition}"))
    for name in _INDEXES:
        connection.execute(text(f"DROP INDEX {partition}_{name}"))
    connection.execute(text(f"TRUNCATE {partition}"))
    connection.execute(text(f"INSERT INTO {partition} TABLE search_living"))
    for sql in _create_indexes(partition):
        connection.execute(text(sql))
    connection.execute(text(f"ANALYZE {partition}"))


def _values(entry: IndexedDocument) -> dict[str, object]:
    return {
        "document_id": entry.document_id,
        "customer_id": entry.customer_id,
        "kind": entry.kind,
        "region_code": entry.region_code,
        "customer_code": entry.customer_code,
        "archival_code": entry.archival_code,
        "state": entry.state,
        "document_on": entry.document_on and entry.document_on.isoformat(),
    }


def _rows(entry: IndexedDocument) -> Iterator[dict[str, object]]:
    """A row for each page, more for a long one; a document without pages has one, under page number 0."""
    facets, names = _facets_of(entry), tokens_of(entry.names)[:_MAX_NAMES]
    pages = entry.pages or ("",)
    for page_no, page in enumerate(pages, 1 if entry.pages else 0):
        for part, tokens in enumerate(_parts(tokens_of(page), names)):
            head = page_no <= 1 and part == 0
            yield {"page_no": page_no, "part": part, "head": head, "tokens": _tsvector(facets, names, tokens)}


def _parts(tokens: list[str], names: list[str]) -> Iterator[list[str]]:
    """Cut where positions or the occurrences of one token would run out."""
    start = 0
    while True:
        end = _end_of_part(tokens, start, names)
        yield tokens[start:end]
        if end == len(tokens):
            return
        start = end - min(_OVERLAP, (end - start) // 2)


def _end_of_part(tokens: list[str], start: int, names: list[str]) -> int:
    limit = min(len(tokens), start + _MAX_POSITION - len(names))
    seen = Counter(names)
    for at in range(start, limit):
        seen[tokens[at]] += 1
        if seen[tokens[at]] > _MAX_OCCURRENCES:
            return at
    return limit


def _tsvector(facets: list[str], names: list[str], tokens: list[str]) -> str:
    """Text of a tsvector. A free position keeps names and text apart; facets have no position."""
    places: dict[str, list[int]] = {}
    for position, token in enumerate([*names, "", *tokens], 1):
        places.setdefault(token, []).append(position)
    places.pop("")
    lexemes = [f"'{token}':{','.join(map(str, positions))}" for token, positions in places.items()]
    return " ".join([*(f"'{facet}'" for facet in facets), *lexemes])


def _tsquery(prepared: PreparedQuery, adjacent: str = "<->") -> str:
    parts = [_phrase(phrase, adjacent) for phrase in prepared.phrases]
    if prepared.fingerprint is not None:
        parts.append(f"'{_fingerprint_facet(prepared.fingerprint)}'")
    if prepared.regions is not None and len(prepared.regions) <= _MANY_REGIONS:
        parts.append(" | ".join(f"'{_region_facet(code)}'" for code in sorted(prepared.regions)))
    return " & ".join(f"({part})" for part in parts)


def _phrase(phrase: Phrase, adjacent: str) -> str:
    *whole, last = (f"'{token}'" for token in phrase.tokens)
    return f" {adjacent} ".join([*whole, f"{last}:*" if phrase.open_ended else last])


def _facets_of(entry: IndexedDocument) -> list[str]:
    facets = [_fingerprint_facet(each) for each in entry.fingerprints]
    return facets if entry.region_code is None else [*facets, _region_facet(entry.region_code)]


def _region_facet(code: str) -> str:
    """No token has a colon, and no code in hexadecimal a quote."""
    return f"r:{code.encode().hex()}"


def _fingerprint_facet(fingerprint: str) -> str:
    return f"f:{fingerprint.encode().hex()}"


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
