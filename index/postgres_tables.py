"""The table of the PostgreSQL index: its partitions and their indexes, the rows of a page, rewriting what was removed.

A row for each page, with the document's codes beside the tokens so that no join is needed; the rows marked `head` (one
a document) answer searches without text. Positions end at 16,383 and a lexeme keeps 256 of them at most, so a long page
is split into parts that overlap. Regions and fingerprints are lexemes too (`r:…`, `f:…`): GIN intersects them with the
text, which keeps a search fast for somebody who may see little; the column decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, text

from index.entry import IndexedDocument
from index.query import MAX_TEXT, SERIAL_BITS
from index.tokens import tokens_of

PARTITIONS = 8
"""Each costs every search some planning and one more scan; fewer make `scrub` rewrite more."""
_MAX_POSITION = 16_000
_MAX_OCCURRENCES = 250
_MAX_NAMES = 200
_OVERLAP = MAX_TEXT
"""As many tokens as a query can have: a phrase is whole in one of two neighbouring parts."""
_LONG = "SET LOCAL statement_timeout = '30min'"
"""An index or a partition of a large archive is not made within the time a search has."""

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

_INSERT = text("""
    INSERT INTO search_page VALUES (:document_id, :place, :page_no, :part, :head, :customer_id, :kind, :region_code,
        :customer_code, :archival_code, :state, :document_on, CAST(:tokens AS tsvector))""")


def create(connection: Connection) -> None:
    """Make what is not there yet; of tables made by an earlier version that may be an index."""
    connection.execute(text(_LONG))
    # Two processes that start together would both find nothing there and collide in the catalogue.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('guidang search schema'))"))
    is_there = connection.execute(text("SELECT to_regclass('search_page')")).scalar_one() is not None
    for sql in _indexes_of_all() if is_there else _schema():
        connection.execute(text(sql))


def drop(connection: Connection) -> None:
    for sql in ("DROP TABLE IF EXISTS search_page, search_erasure", "DROP SEQUENCE IF EXISTS search_serial"):
        connection.execute(text(sql))


def _schema() -> Iterator[str]:
    yield f"CREATE TABLE search_page ({_PAGE_COLUMNS}) PARTITION BY HASH (document_id)"
    for number in range(PARTITIONS):
        name = partition(number)
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


def _create_indexes(table: str) -> Iterator[str]:
    for name, definition in _INDEXES.items():
        yield f"CREATE INDEX IF NOT EXISTS {table}_{name} ON {table} {definition}"


def _indexes_of_all() -> Iterator[str]:
    for number in range(PARTITIONS):
        yield from _create_indexes(partition(number))


def partition(number: int) -> str:
    return f"search_page_{number:02d}"


def rewrite(connection: Connection, name: str) -> None:
    """Give the partition new files that hold its living rows only; searches wait meanwhile."""
    connection.execute(text(_LONG))
    connection.execute(text(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"))
    # Removals of this partition that commit from here on wait for the lock: those noted now are those rewritten.
    connection.execute(text("DELETE FROM search_erasure WHERE partition = :name"), {"name": name})
    connection.execute(text(f"CREATE TEMPORARY TABLE search_living ON COMMIT DROP AS TABLE {name}"))
    for index in _INDEXES:
        connection.execute(text(f"DROP INDEX {name}_{index}"))
    connection.execute(text(f"TRUNCATE {name}"))
    connection.execute(text(f"INSERT INTO {name} TABLE search_living"))
    for sql in _create_indexes(name):
        connection.execute(text(sql))
    connection.execute(text(f"ANALYZE {name}"))


def add_rows(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Rows of `rows_of`."""
    connection.execute(_INSERT, rows)


def rows_of(place: int, entry: IndexedDocument) -> list[dict[str, object]]:
    """A row for each page, more for a long one; a document without pages has one, under page number 0."""
    values = {"place": place, "document_id": entry.document_id} | entry.codes
    return [values | row for row in _rows(entry)]


def _rows(entry: IndexedDocument) -> Iterator[dict[str, object]]:
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


def _facets_of(entry: IndexedDocument) -> list[str]:
    facets = [fingerprint_facet(each) for each in entry.fingerprints]
    return facets if entry.region_code is None else [*facets, region_facet(entry.region_code)]


def region_facet(code: str) -> str:
    """No token has a colon, and no code in hexadecimal a quote."""
    return f"r:{code.encode().hex()}"


def fingerprint_facet(fingerprint: str) -> str:
    return f"f:{fingerprint.encode().hex()}"
