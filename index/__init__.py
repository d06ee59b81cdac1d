"""Finding: full text and codes. One file per engine, one port for all (`index/entry.py`)."""

from __future__ import annotations

from index.entry import (
    COUNT_LIMIT,
    MAX_LIMIT,
    IndexedDocument,
    SearchHit,
    SearchIndex,
    SearchPage,
    SearchQuery,
)
from index.excerpt import Excerpt, excerpt
from index.fts5 import Fts5Index
from index.postgres import PostgresIndex

__all__ = [
    "COUNT_LIMIT",
    "MAX_LIMIT",
    "Excerpt",
    "Fts5Index",
    "IndexedDocument",
    "PostgresIndex",
    "SearchHit",
    "SearchIndex",
    "SearchPage",
    "SearchQuery",
    "excerpt",
]
