"""Migrations make exactly the tables that the models describe, on both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

import intake.jobs
import records.desk_models
import records.models
import retention.models
from records.errors import SettingInvalid
from storage import schema
from storage.database import open_engine

# Importing them registers their tables with the metadata that is compared.
MODELS = (records.models, records.desk_models, retention.models, intake.jobs)


def test_migrations_and_models_agree(database_url: str) -> None:
    engine = open_engine(database_url)
    schema.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, records.models.Base.metadata)
    engine.dispose()

    assert len(MODELS) == 4
    assert differences == []


def test_what_was_filed_before_there_were_volumes_is_in_the_first(database_url: str) -> None:
    engine = open_engine(database_url)
    schema.upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO customers (id, kind, region_code, code, state, opened_at, version) "
            "VALUES ('c', 'company', 'HD', 'HD1', 'active', '2026-01-01', 1)"
        ))  # fmt: skip
        for number, subject in enumerate(("customer:c", "document:d")):
            connection.execute(text(
                "INSERT INTO retention_events (id, subject, kind, happened_on, note, reported_by, reported_at) "
                "VALUES (:id, :subject, 'lease_ended', '2026-01-01', '', 'u', '2026-01-01')"
            ), {"id": str(number), "subject": subject})  # fmt: skip
    schema.upgrade(engine)
    with engine.connect() as connection:
        customers = connection.execute(text("SELECT volume_no FROM customers")).scalars().all()
        events = connection.execute(text("SELECT volume_no FROM retention_events ORDER BY id")).scalars().all()
    engine.dispose()

    assert (customers, events) == ([1], [1, None])


def test_events_of_before_rest_on_what_was_noted_and_ends_can_be_retracted(database_url: str) -> None:
    engine = open_engine(database_url)
    schema.upgrade(engine, "0003")
    with engine.begin() as connection:
        for customer_id, state, day in (("c", "ended", "'2026-01-31'"), ("d", "active", "NULL")):
            connection.execute(text(
                "INSERT INTO customers (id, kind, region_code, code, state, opened_at, ended_on, version, volume_no) "
                f"VALUES (:id, 'company', 'HD', :id, :state, '2026-01-01', {day}, 1, 2)"
            ), {"id": customer_id, "state": state})  # fmt: skip
        for seq, actor in enumerate(("earlier", "archivist"), start=1):
            connection.execute(text(
                "INSERT INTO audit_entries (seq, at, actor, action, object, entry, previous_hash, hash) "
                "VALUES (:seq, '2026-02-01', :actor, 'customer.ended', 'customer:c', '{}', '', '')"
            ), {"seq": seq, "actor": actor})  # fmt: skip
        connection.execute(text(
            "INSERT INTO retention_events (id, subject, kind, happened_on, note, reported_by, reported_at) "
            "VALUES ('e', 'document:d', 'lease_ended', '2026-01-01', '公告', 'u', '2026-01-01')"
        ))  # fmt: skip
    schema.upgrade(engine)
    with engine.connect() as connection:
        columns = "id, subject, volume_no, kind, evidence, note, reported_by"
        rows = connection.execute(text(f"SELECT {columns} FROM retention_events ORDER BY id")).all()
    engine.dispose()

    assert [tuple(row) for row in rows] == [
        ("c", "customer:c", 2, "relationship_ended", "", "", "archivist"),
        ("e", "document:d", None, "lease_ended", "公告", "", "u"),
    ]


def test_papers_noted_before_have_a_first_line_in_their_ledger(database_url: str) -> None:
    engine = open_engine(database_url)
    schema.upgrade(engine, "0005")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO stations (id, name, token_sha256, created_at) VALUES "
                                "('s', 's', '', '2026-01-01')"))  # fmt: skip
        connection.execute(text(
            "INSERT INTO batches (id, number, station_id, operator, declared_files, capture, state, opened_at) "
            "VALUES ('b', 'b', 's', 'o', 1, '{}', 'sealed', '2026-01-01')"
        ))  # fmt: skip
        connection.execute(text(
            "INSERT INTO documents (id, batch_id, file_no, station_id, operator, sha256, size_bytes, media_type, "
            "received_at, state, version) VALUES ('d', 'b', 1, 's', 'o', '', 1, '', '2026-01-01', 'filed', 1)"
        ))  # fmt: skip
        connection.execute(text("INSERT INTO papers (document_id, place, noted_by, noted_at) VALUES "
                                "('d', 'A区', 'u', '2026-02-01')"))  # fmt: skip
    schema.upgrade(engine)
    with engine.connect() as connection:
        columns = "document_id, movement_no, kind, place, by"
        rows = connection.execute(text(f"SELECT {columns} FROM paper_movements")).all()
    engine.dispose()

    assert [tuple(row) for row in rows] == [("d", 1, "received", "A区", "u")]


def test_migrating_again_is_harmless(database_url: str) -> None:
    engine = open_engine(database_url)
    schema.upgrade(engine)
    schema.upgrade(engine)
    schema.check_current(engine)
    engine.dispose()


def test_a_database_of_no_version_is_named_with_what_to_do(database_url: str) -> None:
    engine = open_engine(database_url)

    with pytest.raises(SettingInvalid, match="guidang migrate"):
        schema.check_current(engine)
    engine.dispose()
