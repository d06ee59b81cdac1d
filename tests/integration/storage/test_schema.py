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
