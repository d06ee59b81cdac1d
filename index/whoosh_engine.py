"""Full text in Whoosh, a directory of its own: the optional third engine (see docs/decisions).

It ignores the connection and COMMITS BY ITSELF: what it holds can be ahead of the records after a rollback, and behind
them when the process dies between the two commits. `guidang fsck` shows the difference and rebuilding mends it. Each
write waits for the one writer Whoosh allows, and a search looks at every match before it orders them.

Erasing: a removed document stays in its segment until the segment is merged away; `scrub` merges all into one new
segment and deletes the old files.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, KEYWORD, NUMERIC, STORED, TEXT, Schema
from whoosh.index import LockError, create_in, exists_in, open_dir
from whoosh.query import And, NumericRange, Or, Phrase, Prefix, Query, Sequence, Term, TermRange

from index import tokens
from index.entry import IndexedDocument, SearchPage, SearchQuery
from index.query import SERIAL_BITS, Found, PreparedQuery, first_place, is_same_day, page_of, prefix_end, prepare
from index.tokens import tokens_of
from records.errors import StoreUnavailable

_WRITER_PATIENCE_S = 30.0
_HEAD = Term("head", "1")


class WhooshIndex:
    """A SearchIndex in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def create(self, connection: Connection) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not exists_in(str(self._directory)):
            create_in(str(self._directory), _schema())

    def drop(self, connection: Connection) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)

    def add(self, connection: Connection, entry: IndexedDocument) -> None:
        place = self._place_for(entry)
        with self._writing() as writer:
            writer.delete_by_term("document_id", entry.document_id)
            for row in _rows(entry):
                writer.add_document(place=place, **row)

    def remove(self, connection: Connection, document_ids: Iterable[str]) -> None:
        with self._writing() as writer:
            for document_id in document_ids:
                writer.delete_by_term("document_id", document_id)

    def scrub(self, engine: Engine) -> None:
        with self._writing(optimize=True):
            pass

    def search(self, connection: Connection, query: SearchQuery) -> SearchPage:
        prepared = prepare(query)
        if prepared.regions is not None and not prepared.regions:
            return page_of(prepared, ())
        found = sorted(self._matches(_whoosh_query(query, prepared)), key=lambda row: (-row.place, row.page_no or 0))
        first_pages = list({row.place: row for row in reversed(found)}.values())[::-1]
        if not prepared.phrases:
            first_pages = [row._replace(page_no=None) for row in first_pages]
        return page_of(prepared, first_pages[: prepared.wanted])

    def found_codes(self, connection: Connection, archival_codes: Iterable[str]) -> set[str]:
        with open_dir(str(self._directory)).searcher() as searcher:
            return {code for code in archival_codes if any(searcher.docs_for_query(Term("archival_code", code)))}

    def count(self, connection: Connection) -> int:
        return sum(1 for _ in self._matches(_HEAD))

    def document_ids(self, connection: Connection) -> Iterator[str]:
        return iter(sorted(row.document_id for row in self._matches(_HEAD)))

    def _place_for(self, entry: IndexedDocument) -> int:
        """The place it has, if its day is the same, else the next of its day."""
        for row in self._matches(Term("document_id", entry.document_id)):
            if is_same_day(row.place, entry.filed_on):
                return row.place
        lowest = first_place(entry.filed_on)
        taken = self._matches(NumericRange("place", lowest, lowest + (1 << SERIAL_BITS) - 1))
        return max((row.place + 1 for row in taken), default=lowest)

    def _matches(self, query: Query) -> Iterator[Found]:
        with open_dir(str(self._directory)).searcher() as searcher:
            for number in searcher.docs_for_query(query):
                fields = searcher.stored_fields(number)
                at, which = fields["place"], fields["document_id"]
                yield Found(at, which, fields.get("page_no"), fields.get("kind"), fields.get("region_code"))

    @contextmanager
    def _writing(self, **commit: bool) -> Iterator[Any]:
        try:
            writer = open_dir(str(self._directory)).writer(timeout=_WRITER_PATIENCE_S)
        except LockError as exc:
            raise StoreUnavailable("Another process is writing to the search index.") from exc
        try:
            yield writer
        except BaseException:
            writer.cancel()
            raise
        writer.commit(**commit)


def _schema() -> Schema:
    codes = ("head", "customer_id", "customer_code", "archival_code", "state", "document_on")
    text = TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=True)
    return Schema(
        place=NUMERIC(int, bits=64, stored=True),
        document_id=ID(stored=True),
        page_no=STORED,
        kind=ID(stored=True),
        region_code=ID(stored=True),
        fingerprints=KEYWORD,
        names=text,
        body=text,
        **{name: ID() for name in codes},
    )


def _rows(entry: IndexedDocument) -> Iterator[dict[str, object]]:
    codes = {name: code for name, code in entry.codes.items() if code is not None}
    for page_no, page in enumerate(entry.pages or ("",), 1 if entry.pages else 0):
        yield codes | {
            "document_id": entry.document_id,
            "page_no": page_no or None,
            "head": "1" if page_no <= 1 else "0",
            "fingerprints": " ".join(entry.fingerprints),
            "names": " ".join(tokens_of(entry.names)),
            "body": " ".join(tokens_of(page)),
        }


def _whoosh_query(query: SearchQuery, prepared: PreparedQuery) -> Query:
    parts: list[Query] = [NumericRange("place", prepared.floor, prepared.ceiling - 1)]
    parts += [Or([_phrase("names", phrase), _phrase("body", phrase)]) for phrase in prepared.phrases]
    if prepared.fingerprint is not None:
        parts.append(Term("fingerprints", prepared.fingerprint))
    elif not prepared.phrases:
        parts.append(_HEAD)
    for field, values in (("region_code", prepared.regions), ("kind", query.kinds), ("state", query.states)):
        if values is not None:
            parts.append(Or([Term(field, value) for value in sorted(values)]))
    parts += [
        Term(field, value)
        for field in ("customer_id", "customer_code", "archival_code")
        if (value := getattr(query, field)) is not None
    ]
    return And([*parts, *_ranges(query)])


def _ranges(query: SearchQuery) -> Iterator[Query]:
    for field, prefix in (
        ("region_code", query.region_prefix),
        ("customer_code", query.customer_code_prefix),
        ("archival_code", query.archival_code_prefix),
    ):
        if prefix:
            yield TermRange(field, prefix, prefix_end(prefix), endexcl=True)
    if query.code_from is not None or query.code_to is not None:
        yield TermRange("customer_code", query.code_from, query.code_to)
    if query.date_name == "document_on" and (query.date_from or query.date_to):
        first, last = (None if day is None else day.isoformat() for day in (query.date_from, query.date_to))
        yield TermRange("document_on", first, last)


def _phrase(field: str, phrase: tokens.Phrase) -> Query:
    *whole, last = phrase.tokens
    if not phrase.open_ended:
        return Phrase(field, list(phrase.tokens)) if whole else Term(field, last)
    if not whole:
        return Prefix(field, last)
    return Sequence([*(Term(field, token) for token in whole), Prefix(field, last)])
