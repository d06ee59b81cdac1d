"""Full text in SQLite FTS5, in the database file of the records and in the caller's transaction.

`search_document` holds a row for each document, FTS5 one for each page, in partitions by region
(`index/fts5_tables.py`). FTS5 keeps no text; to take a row out again it must be told the very tokens that went in, so
`search_page` keeps those, compressed.

The key of a page row is the document's place followed by the page number counted down, so that FTS5 itself delivers
hits in their order, the first page of a document first, and stops when there are enough.

Erasing: FTS5 `secure-delete` rewrites the lists a removed token stood in, SQLite's `secure_delete` overwrites freed
bytes with zeros, and `scrub` empties the write-ahead log. Every connection that writes must have `secure_delete` on,
because merging segments frees pages too; therefore it is set here at each write.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, PoolProxiedConnection

from index import fts5_tables
from index.entry import IndexedDocument, SearchPage, SearchQuery
from index.fts5_tables import LAST_PAGE, PAGE_BITS, PageRow, row_of, text_tables
from index.page_tokens import PageTokens, answers, unpacked
from index.query import (
    SERIAL_BITS,
    Condition,
    Found,
    PreparedQuery,
    first_place,
    is_same_day,
    page_of,
    prefix_end,
    prepare,
    statement,
)
from index.tokens import Phrase, tokens_of
from records.errors import StoreUnavailable

_NARROW = 2_000
"""Up to so many documents are fetched by their code and sorted; beyond, reading in order finds enough sooner."""
_FEW = 500
_FEW_PAGES = 1_000
"""Up to so many documents and pages left by a code, the text is compared with their tokens; beyond, FTS5 is asked."""
_MANY_REGIONS = 64
_PATIENCE_S = 5.0
_FETCHED = 100

_Rows = CursorResult[*tuple[Any, ...]]


class Fts5Index:
    """A SearchIndex in SQLite."""

    def create(self, connection: Connection) -> None:
        _erase_what_is_freed(connection)
        fts5_tables.create(connection)

    def drop(self, connection: Connection) -> None:
        _erase_what_is_freed(connection)
        fts5_tables.drop(connection)

    def add(self, connection: Connection, entry: IndexedDocument) -> None:
        _erase_what_is_freed(connection)
        place = _place_of(connection, entry.document_id)
        if place is not None:
            _remove_place(connection, place)
        if place is None or not is_same_day(place, entry.filed_on):
            place = _free_place(connection, first_place(entry.filed_on))
        _insert_document(connection, place, entry)
        _insert_pages(connection, place, entry)

    def remove(self, connection: Connection, document_ids: Iterable[str]) -> None:
        _erase_what_is_freed(connection)
        for document_id in document_ids:
            place = _place_of(connection, document_id)
            if place is not None:
                _remove_place(connection, place)

    def scrub(self, engine: Engine) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        with closing(engine.raw_connection()) as connection:
            while _log_is_in_use(engine, connection):
                if time.monotonic() > deadline:
                    raise StoreUnavailable("The write-ahead log could not be emptied: the database is in use.")
                time.sleep(0.02)

    def search(self, connection: Connection, query: SearchQuery) -> SearchPage:
        prepared = prepare(query)
        if prepared.regions is not None and not prepared.regions:
            return page_of(prepared, ())
        if not prepared.phrases and prepared.fingerprint is None:
            return page_of(prepared, _by_codes(connection, prepared))
        return page_of(prepared, _by_text(connection, prepared))

    def found_codes(self, connection: Connection, archival_codes: Iterable[str]) -> set[str]:
        sql = "SELECT archival_code FROM search_document WHERE archival_code IN :codes"
        codes = Condition(sql="", values={"codes": list(archival_codes)})
        return set(connection.execute(statement(sql, (codes,))).scalars())

    def count(self, connection: Connection) -> int:
        return int(connection.exec_driver_sql("SELECT count(*) FROM search_document").scalar_one())

    def document_ids(self, connection: Connection) -> Iterator[str]:
        sql = "SELECT document_id FROM search_document ORDER BY document_id"
        return (str(row[0]) for row in connection.exec_driver_sql(sql))


def _erase_what_is_freed(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _log_is_in_use(engine: Engine, connection: PoolProxiedConnection) -> bool:
    """Try to bring the write-ahead log into the file and empty it, waiting little: it keeps writers out meanwhile."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout")
    [timeout_ms] = cursor.fetchone() or (0,)
    try:
        cursor.execute("PRAGMA busy_timeout=200")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [blocked, _in_log, _moved] = cursor.fetchone() or (0, 0, 0)
    except engine.dialect.loaded_dbapi.OperationalError as exc:
        if "locked" in str(exc):
            return True
        raise StoreUnavailable("The write-ahead log could not be emptied.") from exc
    finally:
        cursor.execute(f"PRAGMA busy_timeout={timeout_ms}")
        cursor.close()
    return bool(blocked)


def _place_of(connection: Connection, document_id: str) -> int | None:
    sql = "SELECT place FROM search_document WHERE document_id = ?"
    return connection.exec_driver_sql(sql, (document_id,)).scalar_one_or_none()


def _free_place(connection: Connection, lowest: int) -> int:
    sql = "SELECT max(place) FROM search_document WHERE place >= ? AND place < ?"
    highest = connection.exec_driver_sql(sql, (lowest, lowest + (1 << SERIAL_BITS))).scalar_one()
    return lowest if highest is None else int(highest) + 1


def _insert_document(connection: Connection, place: int, entry: IndexedDocument) -> None:
    day = entry.document_on and entry.document_on.isoformat()
    connection.exec_driver_sql(
        "INSERT INTO search_document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            place,
            entry.document_id,
            entry.customer_id,
            entry.kind,
            entry.region_code,
            entry.customer_code,
            entry.archival_code,
            entry.state,
            day,
            len(entry.pages),
        ),
    )


def _insert_pages(connection: Connection, place: int, entry: IndexedDocument) -> None:
    facets, names = _facets_of(entry), " ".join(tokens_of(entry.names))
    pages = [
        PageRow(row_of(place, page_no), PageTokens(facets=facets, names=names, body=" ".join(tokens_of(page))))
        for page_no, page in enumerate(_pages_of(entry), 1)
    ]
    fts5_tables.add_pages(connection, entry.region_code, pages[::-1])


def _remove_place(connection: Connection, place: int) -> None:
    of_place = "SELECT region_code FROM search_document WHERE place = ?"
    [region_code] = connection.exec_driver_sql(of_place, (place,)).one()
    fts5_tables.remove_pages(connection, region_code, place)
    connection.exec_driver_sql("DELETE FROM search_document WHERE place = ?", (place,))


def _pages_of(entry: IndexedDocument) -> Sequence[str]:
    """A row for each page; one empty page for a document without text; what no key is left for joins the last."""
    if len(entry.pages) <= LAST_PAGE:
        return entry.pages or ("",)
    return (*entry.pages[: LAST_PAGE - 1], "。".join(entry.pages[LAST_PAGE - 1 :]))


def _by_text(connection: Connection, prepared: PreparedQuery) -> Iterator[Found]:
    code = next((each for each in prepared.conditions if _leaves_few_pages(connection, each)), None)
    if code is not None:
        return _by_comparing(connection, prepared, code)
    return _by_full_text(connection, prepared)


def _by_full_text(connection: Connection, prepared: PreparedQuery) -> Iterator[Found]:
    """Walk the full-text hits in order; the region's token narrows them early, its column decides."""
    regions = _narrowing_regions(connection, prepared)
    if regions is not None and not regions:
        return iter(())
    bounds = {"floor": prepared.floor << PAGE_BITS, "last": (prepared.ceiling << PAGE_BITS) - 1}
    values = Condition(sql="", values={"match": _match_of(prepared, regions), **bounds})
    # Each partition delivers its rows in order, and SQLite merges them as it goes.
    partitions = (_in_partition(table, prepared.conditions) for table in text_tables(regions))
    sql = f"{' UNION ALL '.join(partitions)} ORDER BY 1 DESC"
    rows = connection.execute(statement(sql, (values, *prepared.conditions)))
    return _first_of_each_place(_at_once(rows), prepared.wanted)


def _in_partition(table: str, conditions: Iterable[Condition]) -> str:
    return f"""
        SELECT t.rowid, d.document_id, d.page_count, d.kind, d.region_code
        FROM {table} AS t CROSS JOIN search_document AS d ON d.place = t.rowid >> {PAGE_BITS}
        WHERE {table} MATCH :match AND t.rowid >= :floor AND t.rowid <= :last {_and(conditions)}"""


def _at_once(rows: _Rows) -> Generator[Sequence[Any], None, None]:
    """Fetched some at a time: row by row took longer than FTS5 took to find them."""
    with closing(rows):
        for some in rows.partitions(_FETCHED):
            yield from some


def _leaves_few_pages(connection: Connection, condition: Condition) -> bool:
    if condition.column in {None, "region_code"}:  # a region's token narrows the full text itself
        return False
    sql = f"""SELECT count(*), coalesce(sum(max(1, page_count)), 0)
        FROM (SELECT page_count FROM search_document AS d WHERE {condition.sql} LIMIT {_FEW})"""
    documents, pages = connection.execute(statement(sql, (condition,))).one()
    return bool(documents < _FEW and pages <= _FEW_PAGES)


def _by_comparing(connection: Connection, prepared: PreparedQuery, code: Condition) -> Iterator[Found]:
    """Read the pages of the few documents in order. FTS5 would look up every token of the text for each of them."""
    sql = f"""
        SELECT p.row, d.document_id, d.page_count, d.kind, d.region_code, p.tokens
        FROM search_document AS d INDEXED BY search_by_{code.column} CROSS JOIN search_page AS p
            ON p.row BETWEEN d.place << {PAGE_BITS} AND (d.place << {PAGE_BITS}) + {LAST_PAGE}
        WHERE d.place >= :floor AND d.place < :ceiling {_and(prepared.conditions)}
        ORDER BY d.place DESC, p.row DESC"""
    values = Condition(sql="", values={"floor": prepared.floor, "ceiling": prepared.ceiling})
    rows = connection.execute(statement(sql, (values, *prepared.conditions)))
    return _first_of_each_place(_matching(rows, prepared), prepared.wanted)


def _matching(rows: _Rows, prepared: PreparedQuery) -> Generator[Sequence[Any], None, None]:
    facet = None if prepared.fingerprint is None else _fingerprint_facet(prepared.fingerprint)
    with closing(rows):
        for *row, tokens in rows:
            if answers(unpacked(tokens), prepared.phrases, facet):
                yield row


def _first_of_each_place(rows: Generator[Sequence[Any], None, None], wanted: int) -> Iterator[Found]:
    last_place = None
    with closing(rows):
        for row, document_id, page_count, kind, region_code in rows:
            place = row >> PAGE_BITS
            if place == last_place:
                continue
            if wanted == 0:
                return
            last_place, wanted = place, wanted - 1
            page_no = LAST_PAGE - (row & LAST_PAGE) if page_count else None
            yield Found(place, document_id, page_no, kind, region_code)


def _by_codes(connection: Connection, prepared: PreparedQuery) -> Iterator[Found]:
    sql = f"""
        SELECT d.place, d.document_id, d.kind, d.region_code FROM search_document AS d {_path(connection, prepared)}
        WHERE d.place >= :floor AND d.place < :ceiling {_and(prepared.conditions)}
        ORDER BY d.place DESC LIMIT :wanted"""
    bounds = {"floor": prepared.floor, "ceiling": prepared.ceiling, "wanted": prepared.wanted}
    rows = connection.execute(statement(sql, (Condition(sql="", values=bounds), *prepared.conditions)))
    return (Found(place, document_id, None, kind, region_code) for place, document_id, kind, region_code in rows)


def _path(connection: Connection, prepared: PreparedQuery) -> str:
    """Which index to read by. SQLite keeps no statistics unless told to, so the question is put to the index itself."""
    served = sorted((each for each in prepared.conditions if each.column), key=lambda each: not each.is_exact)
    for condition in served:
        if condition.is_exact or _is_fewer_than(connection, condition, _NARROW):
            return f"INDEXED BY search_by_{condition.column}"
    if prepared.regions is not None and len(prepared.regions) == 1:
        return "INDEXED BY search_by_region_code"  # delivers the places of one region in order
    return "NOT INDEXED"


def _is_fewer_than(connection: Connection, condition: Condition, limit: int) -> bool:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM search_document AS d WHERE {condition.sql} LIMIT {limit})"
    return int(connection.execute(statement(sql, (condition,))).scalar_one()) < limit


def _narrowing_regions(connection: Connection, prepared: PreparedQuery) -> frozenset[str] | None:
    """The regions to ask FTS5 for, or None where they would be too many to narrow anything."""
    regions = prepared.regions
    if prepared.region_prefix is not None:
        below = _regions_below(connection, prepared.region_prefix)
        regions = below if regions is None else regions & below
    return regions if regions is not None and len(regions) <= _MANY_REGIONS else None


def _regions_below(connection: Connection, prefix: str) -> frozenset[str]:
    """The indexed regions with this prefix, one step of the index for each; a few more than are of use at most."""
    found: set[str] = set()
    end, code = prefix_end(prefix), _next_region(connection, prefix, ">=")
    while code is not None and (end is None or code < end) and len(found) <= _MANY_REGIONS:
        found.add(code)
        code = _next_region(connection, code, ">")
    return frozenset(found)


def _next_region(connection: Connection, code: str, relation: str) -> str | None:
    sql = f"SELECT min(region_code) FROM search_document WHERE region_code {relation} ?"
    found: str | None = connection.exec_driver_sql(sql, (code,)).scalar_one()
    return found


def _and(conditions: Iterable[Condition]) -> str:
    return " ".join(f"AND {condition.sql}" for condition in conditions)


def _match_of(prepared: PreparedQuery, regions: frozenset[str] | None) -> str:
    """What narrows most comes first: FTS5 walks by it and looks the rest up."""
    parts = []
    if prepared.fingerprint is not None:
        parts.append(f"facets : {_fingerprint_facet(prepared.fingerprint)}")
    if regions is not None:
        parts.append(f"facets : ({' OR '.join(map(_region_facet, sorted(regions)))})")
    if prepared.phrases:
        # Only where a text could be taken for a facet are columns named: FTS5 then copies every list of positions.
        columns = "{names body} : " if any(map(_is_like_a_facet, prepared.phrases)) else ""
        parts.append(f"{columns}({' AND '.join(map(_quoted, prepared.phrases))})")
    return " AND ".join(f"({part})" for part in parts)


def _is_like_a_facet(phrase: Phrase) -> bool:
    return phrase.tokens[0][0] in "fr"


def _quoted(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{"*" if phrase.open_ended else ""}'


def _facets_of(entry: IndexedDocument) -> str:
    facets = [_fingerprint_facet(each) for each in entry.fingerprints]
    if entry.region_code is not None:
        facets.append(_region_facet(entry.region_code))
    return " ".join(facets)


def _region_facet(code: str) -> str:
    """A token no folding can change: the index compares it whole and exactly."""
    return f"r{code.encode().hex()}"


def _fingerprint_facet(fingerprint: str) -> str:
    return f"f{fingerprint.encode().hex()}"
