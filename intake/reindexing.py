"""The whole index made anew from the sealed text, while work goes on: after a restore, or when fsck finds it wrong."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from intake.archive import Archive
from intake.indexing import index_document, is_searchable
from records.models import Document

BATCH = 100


def rebuild(archive: Archive) -> Iterator[int]:
    """Index every filed document as it stands and take out what is not to be found; yields how many are done so far.

    Each batch is a transaction that locks its documents, so nothing filed, changed or destroyed meanwhile is undone.
    A run that was interrupted is simply begun again.
    """
    with archive.engine.begin() as connection:
        archive.index.create(connection)
    done, after = 0, ""
    while batch := _index_batch(archive, after):
        done, after = done + len(batch), batch[-1]
        yield done
    _take_out_strangers(archive)


def _index_batch(archive: Archive, after: str) -> list[str]:
    filed = (
        select(Document)
        .where(Document.id > after, is_searchable())
        .order_by(Document.id)
        .limit(BATCH)
        .with_for_update()
    )
    with archive.transaction() as session:
        documents = session.scalars(filed).all()
        for document in documents:
            index_document(session, archive, document)
        return [document.id for document in documents]


def _take_out_strangers(archive: Archive) -> None:
    with archive.reading() as session:
        indexed = list(archive.index.document_ids(session.connection()))
    for start in range(0, len(indexed), BATCH):
        some = indexed[start : start + BATCH]
        with archive.transaction() as session:
            searchable = select(Document.id).where(Document.id.in_(some), is_searchable())
            strangers = set(some) - set(session.scalars(searchable))
            archive.index.remove(session.connection(), sorted(strangers))
