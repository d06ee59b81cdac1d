"""Restoring a backup into an empty archive, without what was destroyed since it was made (`intake/replay.py`).

    verify     every byte, both chains, the signature; nothing is touched before
    objects    those that may come back, under their names
    keys       of what may not come back are destroyed
    rows       in one transaction: until it commits there is nothing to read
    newer      what the orders have in tables and columns that are younger than the backup
    index      made anew from the sealed text
    conclude   whatever was kept out is proved absent and audited

Interrupted before its rows are committed, it is simply begun again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from intake import backup as backups
from intake.archive import Archive
from intake.backup import Backup
from intake.dump import columns_of, load_table, tables
from intake.indexing import index_document
from intake.orders import Orders, check_signature
from intake.replay import Replay, plan_replay
from records import audit, chain
from records.actors import Actor
from records.audit import Act
from records.errors import KeyDestroyed, KeyMissing, NotEmpty
from records.ids import utc_now
from records.models import Document
from records.sealing import customer_subject, document_subject
from records.terms import DocumentState
from retention import register
from retention.erasing import verify_absent
from retention.models import Hold, RegisterEntry
from storage import schema

BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came back. `unreadable` documents came back with their rows, but their keys are gone.

    What was brought is not in the backup, but in the file of orders.
    """

    rows: int
    objects: int
    indexed: int
    unreadable: int
    destroyed_again: int
    missing_objects: int
    holds_brought: int
    tombstones_brought: int


def plan(backup: Backup, present_register: Sequence[chain.Link] | None, orders: Orders | None = None) -> Replay:
    """Verify everything before anything is touched, and say what must not come back.

    Args:
        present_register: the register as it is now; None only where it was lost with the archive.
        orders: what stands now, the register in it.

    Raises:
        BackupBroken: names the file that is not as it was written.
        ChainBroken: the register given does not hold, or does not continue that of the backup.
    """
    backups.verify(backup)
    return plan_replay(backup, present_register, orders)


def restore(archive: Archive, actor: Actor, backup: Backup, replay: Replay) -> Restored:
    """Bring a verified backup back. The archive's schema is at the backup's revision and holds no rows.

    Raises:
        BackupBroken: the backup was not made with this key store; nothing was touched.
        NotEmpty: there is something in the archive already.
    """
    backups.check_signature(backup, archive.keyring)
    if replay.orders is not None:
        check_signature(replay.orders, archive.keyring)
    _check_empty(archive, backup)
    objects = _bring_objects(archive, backup, replay)
    _destroy_keys(archive, replay)
    rows = _bring_rows(archive, backup, replay)
    schema.upgrade(archive.engine)
    if replay.orders is not None:
        _bring_what_is_newer(archive, backup, replay.orders)
    archive.scrub_tables()
    indexed, unreadable = _index(archive)
    destroyed = _conclude(archive, actor, replay)
    with archive.transaction() as session:
        details = {"made": backup.manifest["created_at"], "destroyed_again": destroyed, "unreadable": unreadable}
        audit.record(session, actor, "archive.restored", "archive:whole", **details)
    return Restored(
        rows=rows,
        objects=objects,
        indexed=indexed,
        unreadable=unreadable,
        destroyed_again=destroyed,
        holds_brought=_brought(replay, Hold.__tablename__),
        tombstones_brought=_brought(replay, Document.__tablename__),
        missing_objects=sum(name.split("/")[1] not in replay.doomed for name in backup.absent),
    )


def _brought(replay: Replay, table: str) -> int:
    return len(replay.orders.brought.get(table, ())) if replay.orders is not None else 0


def _check_empty(archive: Archive, backup: Backup) -> None:
    """No rows, and no objects but those an interrupted restore of this backup may have brought."""
    with archive.engine.connect() as connection:
        for table in tables():
            if table.name in backup.table_names and connection.execute(select(1).select_from(table).limit(1)).first():
                raise NotEmpty(table=table.name)
    expected = {row["name"] for row in backup.objects()}
    for stored in archive.objects.list("documents/"):
        if stored.name not in expected:
            raise NotEmpty(object=stored.name)


def _bring_objects(archive: Archive, backup: Backup, replay: Replay) -> int:
    count = 0
    for row in backup.objects():
        if row["document_id"] not in replay.doomed:
            data = backup.object_path(row["name"]).read_bytes()
            archive.objects.put(row["name"], data, row["stored_sha256"])
            count += 1
    return count


def _destroy_keys(archive: Archive, replay: Replay) -> None:
    """Also of documents that the backup does not have: the keys may come from a backup of their own."""
    doomed = [document_subject(each) for each in replay.doomed] + [customer_subject(each) for each in replay.forgotten]
    in_backup = {document_subject(each) for each in replay.in_backup}
    live = in_backup.union(archive.keyring.subjects())
    gone = [subject for subject in doomed if subject in live]
    for at in range(0, len(gone), BATCH):
        archive.keyring.destroy_keys(gone[at : at + BATCH])


def _bring_rows(archive: Archive, backup: Backup, replay: Replay) -> int:
    count = 0
    with archive.engine.begin() as connection:
        for table in backup.table_names:
            with closing(backup.rows(table)) as rows:
                count += load_table(connection, backup.path_of(table), replay.amended(table, rows))
            if table == RegisterEntry.__tablename__:
                count += load_table(connection, backup.path_of(table), iter(replay.register_rows))
    return count


def _bring_what_is_newer(archive: Archive, backup: Backup, orders: Orders) -> None:
    """What the backup's schema had no place for, a table or a column; what its migrations made of it gives way."""
    with archive.engine.begin() as connection:
        for table in (table for table in tables() if table.name in orders.rows):
            if table.name not in backup.table_names:
                connection.execute(delete(table))
                if rows := list(orders.laid_over(table.name, ())):
                    connection.execute(insert(table), rows)
            elif columns := set(table.columns.keys()) - columns_of(backup.path_of(table.name)):
                for row in (*orders.brought.get(table.name, ()), *orders.younger(table.name, columns)):
                    own = [column == row[column.name] for column in table.primary_key.columns]
                    connection.execute(update(table).where(*own).values(row))


def _index(archive: Archive) -> tuple[int, int]:
    """Index every filed document that can be opened; tells of how many, and how many cannot."""
    with archive.engine.begin() as connection:
        archive.index.create(connection)
    indexed, unreadable, after = 0, 0, ""
    while True:
        filed = select(Document).where(Document.id > after, Document.state == DocumentState.FILED)
        with archive.transaction() as session:
            batch = session.scalars(filed.order_by(Document.id).limit(BATCH)).all()
            readable = sum(_is_indexed(session, archive, document) for document in batch)
        indexed, unreadable = indexed + readable, unreadable + len(batch) - readable
        if len(batch) < BATCH:
            return indexed, unreadable
        after = batch[-1].id


def _is_indexed(session: Session, archive: Archive, document: Document) -> bool:
    if not archive.keyring.has_key(document_subject(document.id)):
        return False
    try:
        index_document(session, archive, document)
    except (KeyDestroyed, KeyMissing):  # its customer's
        return False
    return True


def _conclude(archive: Archive, actor: Actor, replay: Replay) -> int:
    """Prove absent whatever was kept out, and say so; what had only begun to be destroyed is now destroyed."""
    means, kept_out = archive.destruction_means(), sorted(replay.in_backup)
    for at in range(0, len(kept_out), BATCH):
        with archive.transaction() as session:
            some = select(Document).where(Document.id.in_(kept_out[at : at + BATCH])).order_by(Document.id)
            documents = session.scalars(some).all()
            verified = verify_absent(means, session, documents)
            _say_destroyed(session, actor, replay, documents, verified)
    return len(kept_out)


def _say_destroyed(
    session: Session, actor: Actor, replay: Replay, documents: Sequence[Document], verified: dict[str, bool]
) -> None:
    lists = {each.id: replay.doomed[each.id].list_id for each in documents}
    for document in documents:
        if document.state == DocumentState.DESTROYING:
            document.state, document.destroyed_at = DocumentState.DESTROYED, utc_now()
            document.version += 1
            facts = {"verified": verified, "executed_by": actor.id}
            register.append(session, document, list_id=lists[document.id], event=register.DESTROYED, facts=facts)
    again = ((f"document:{document_id}", {"list": list_id}) for document_id, list_id in lists.items())
    audit.record_all(session, actor, (Act("document.destroyed_again", *each) for each in again))
