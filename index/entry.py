"""What goes into the index, what is asked of it, what it answers, and the port all engines fulfil.

The index holds what finding needs and nothing more: tokens of the text, the codes, the region, two dates. Excerpts are
cut from the caller's own text (`index/excerpt.py`), identity numbers come as keyed fingerprints.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from sqlalchemy import Connection, Engine

MAX_LIMIT = 200
COUNT_LIMIT = 500
"""Hits are counted so far and no further: a person pages through some dozens, not through a million."""

DateName = Literal["filed_on", "document_on"]


@dataclass(frozen=True, kw_only=True)
class IndexedDocument:
    """One document as the index knows it; `pages` is the text of each page in order."""

    document_id: str
    customer_id: str | None = None
    kind: str
    region_code: str | None = None
    customer_code: str | None = None
    archival_code: str | None = None
    state: str
    filed_on: dt.date | None = None
    document_on: dt.date | None = None
    fingerprints: tuple[str, ...] = ()
    """Keyed HMACs of the credit code and the ID number; compared whole."""
    names: str = ""
    """The customer's names, found by the same text queries as the pages."""
    pages: tuple[str, ...] = ()

    @property
    def codes(self) -> dict[str, str | None]:
        """What is compared whole, by the name of its column; the day as ISO 8601."""
        return {
            "customer_id": self.customer_id,
            "kind": self.kind,
            "region_code": self.region_code,
            "customer_code": self.customer_code,
            "archival_code": self.archival_code,
            "state": self.state,
            "document_on": self.document_on.isoformat() if self.document_on else None,
        }


@dataclass(frozen=True, kw_only=True)
class SearchQuery:
    """What a person asks (`text`, codes, regions …) and what the person may see (`allowed_regions`; None is all).

    Every condition must hold. In `text` each run between blanks is a phrase; all must stand on one page, or in the
    names. Documents without a region are seen only by those who may see all. Ranges include both ends.
    """

    text: str = ""
    region_codes: frozenset[str] | None = None
    region_prefix: str | None = None
    allowed_regions: frozenset[str] | None = None
    customer_id: str | None = None
    customer_code: str | None = None
    customer_code_prefix: str | None = None
    code_from: str | None = None
    code_to: str | None = None
    archival_code: str | None = None
    archival_code_prefix: str | None = None
    kinds: frozenset[str] | None = None
    states: frozenset[str] | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    date_name: DateName = "filed_on"
    fingerprint: str | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """`page_no` is the first page that answers the text; None without text or pages. Highest `score` first."""

    document_id: str
    page_no: int | None
    score: int


class Counted(NamedTuple):
    """What one found document counts as; `filed_year` is None where it has no date."""

    kind: str | None
    region_code: str | None
    filed_year: int | None


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """`total_estimate` is how many were counted, the latest ones; None after the first page.

    Without `counted_all` there are that many or more: counting stops at COUNT_LIMIT, and where an engine found a page
    of hits among the latest documents and would look long for the rest.
    """

    hits: tuple[SearchHit, ...]
    next_cursor: str | None = None
    total_estimate: int | None = None
    counted_all: bool = True
    counted: tuple[Counted, ...] = ()
    """The documents behind `total_estimate`, so that a caller can say how they divide."""


class SearchIndex(Protocol):
    """A full-text and code index. Latest filed first; within a day the latest added first, a replaced one in its place.

    The engines in the database work in the caller's transaction: nothing is found before its commit, nothing stays
    after its rollback. Whoosh ignores the connection and commits by itself.
    """

    def create(self, connection: Connection) -> None:
        """Make the tables; harmless if they are there."""

    def drop(self, connection: Connection) -> None:
        """Remove the tables with all they hold; harmless if they are not there."""

    def add(self, connection: Connection, entry: IndexedDocument) -> None:
        """Index a document, in place of what was indexed for it before."""

    def remove(self, connection: Connection, document_ids: Iterable[str]) -> None:
        """Take documents out; unknown ones are ignored. Their bytes are gone for good after `scrub`."""

    def scrub(self, engine: Engine) -> None:
        """Erase physically what committed removals and replacements left behind; harmless at any time.

        Raises:
            StoreUnavailable: somebody kept the bytes in use; try again.
        """

    def search(self, connection: Connection, query: SearchQuery) -> SearchPage:
        """Raises InvalidInput for a cursor this index did not give, a limit out of range or a text with no token."""

    def found_codes(self, connection: Connection, archival_codes: Iterable[str]) -> set[str]:
        """Those of the archival codes by which a search finds anything."""

    def count(self, connection: Connection) -> int:
        """How many documents are indexed."""

    def document_ids(self, connection: Connection) -> Iterator[str]:
        """The indexed documents' ids, sorted by code point."""
