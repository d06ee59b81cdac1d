"""Bootstrap: the one place where settings become parts and parts become an archive."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from api.settings import MIB, Settings
from index.entry import SearchIndex
from intake.archive import Archive, Numbering
from intake.confined import Confinement
from intake.formats.inspection import Limits
from intake.pipeline import Reader
from intake.worker import Opener, WorkerLimits
from ocr.engine import OcrEngine
from records.sealing import Keyring
from storage import schema
from storage.database import is_sqlite, open_engine, read_engine, session_factory, truncate_wal
from storage.keyring import open_keyring
from storage.master_key import MasterKey, master_key_from_command, master_key_from_file
from storage.places import open_object_store


def open_archive(settings: Settings, *, migrate: bool = False, any_schema: bool = False) -> Archive:
    """Open every part the archive works with.

    Args:
        migrate: bring database, object store and index into being, or up to this version, first.
        any_schema: do not ask whether the schema is of this version: a backup of an earlier one is to be brought in.

    Raises:
        SettingInvalid: names the setting that is wrong.
        StoreUnavailable: a part does not answer.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_engine(settings.database_url)
    objects = open_object_store(settings.objects_location)
    index = _open_index(settings, engine)
    if migrate:
        schema.upgrade(engine)
        objects.prepare()
        with engine.begin() as connection:
            index.create(connection)
    elif not any_schema:
        schema.check_current(engine)
    return Archive(
        engine=engine,
        sessions=session_factory(engine),
        reading_sessions=session_factory(read_engine(engine)),
        keyring=_open_keyring(settings),
        objects=objects,
        index=index,
        limits=limits_of(settings),
        numbering=Numbering(
            fonds=settings.fonds,
            customer_code_pattern=settings.customer_code_pattern,
            archival_code_pattern=settings.archival_code_pattern,
        ),
        notices_are_here=not settings.notices_elsewhere.strip(),
        scrub_tables=partial(_scrub_tables, engine),
    )


def limits_of(settings: Settings) -> Limits:
    return Limits(
        max_bytes=settings.max_file_mib * MIB, max_pixels=settings.max_page_pixels, max_pages=settings.max_pages
    )


def open_ocr(settings: Settings) -> OcrEngine:
    """The recognition engine; its models are loaded when the first page is read."""
    return _open_engine(settings.cache, settings.ocr_models)


def _open_engine(cache: Path, models: Path | None) -> OcrEngine:
    from ocr.paddle import PaddleEngine  # heavy: only where pages are read

    cache.mkdir(parents=True, exist_ok=True)
    return PaddleEngine(cache, models)


def confinement_of(settings: Settings) -> Confinement:
    """How the web process has files opened that are not received."""
    return Confinement(
        open_engine=partial(_open_engine, settings.cache, settings.ocr_models),
        limits=limits_of(settings),
        memory_bytes=settings.worker_memory_mib * MIB,
        timeout_s=settings.page_timeout_s,
    )


def worker_opener(settings: Settings) -> Opener:
    return partial(_open_for_worker, settings)


def worker_limits(settings: Settings) -> WorkerLimits:
    return WorkerLimits(step_timeout_s=settings.page_timeout_s, memory_bytes=settings.worker_memory_mib * MIB)


def _open_for_worker(settings: Settings) -> tuple[Archive, Reader]:
    from api.logs import set_up_logging

    set_up_logging(settings.log_level)
    return open_archive(settings), Reader(open_ocr(settings))


def open_master_key(settings: Settings) -> MasterKey:
    command = settings.master_key_command
    return master_key_from_command(command) if command else master_key_from_file(settings.master_key_path)


def _open_keyring(settings: Settings) -> Keyring:
    return open_keyring(settings.keys_url, open_master_key(settings))


def _open_index(settings: Settings, engine: Engine) -> SearchIndex:
    if settings.index == "whoosh":
        from index.whoosh_engine import WhooshIndex

        return WhooshIndex(settings.data / "whoosh")
    if is_sqlite(engine):
        from index.fts5 import Fts5Index

        return Fts5Index()
    from index.postgres import PostgresIndex

    return PostgresIndex()


def _scrub_tables(engine: Engine) -> None:
    """Nothing of a deleted row stays in the database files: SQLite zeroes it at once, its log follows here.

    PostgreSQL keeps dead rows until VACUUM and its own log for longer, but what those hold is sealed with a key that
    is destroyed (docs/storage-format.md).
    """
    if is_sqlite(engine):
        truncate_wal(engine)
