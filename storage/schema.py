"""The schema of the main database, made and changed by migrations only (`storage/migrations/versions`)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from records.errors import SettingInvalid
from storage.planning import tell_planner

_MIGRATION_LOCK = 0x6775_6964  # any number that only migrations of this program use


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to this version; harmless if it is there. Several processes may start at once.

    Args:
        revision: an earlier one only where a backup of that time is to be loaded into an empty database.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        command.upgrade(_config(connection), revision)
        if connection.dialect.name == "sqlite":
            tell_planner(connection)


def check_current(engine: Engine) -> None:
    """Raise SettingInvalid unless the schema is the one this version works with."""
    found = revision_of(engine)
    expected = ScriptDirectory.from_config(_config(None)).get_current_head()
    if found != expected:
        raise SettingInvalid(
            "The database's schema is not of this version. Run `guidang migrate`.", found=found, expected=expected
        )


def revision_of(engine: Engine) -> str | None:
    """Which migration the database stands at; None where there is no schema."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config
