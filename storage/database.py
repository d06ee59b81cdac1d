"""Opens the two databases the archive runs on, so that one code path serves both.

SQLite: a transaction begins with `BEGIN IMMEDIATE`, because one that reads first and writes later would be refused at
the upgrade (SQLITE_BUSY, whatever the time-out) when another writer came between. Whoever only reads asks for
`read_engine`, which begins plainly and cannot write; in WAL mode readers and the writer do not wait for each other.

PostgreSQL: dead connections are noticed before use, and every wait (connect, statement, lock, idle) has an end.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite3
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from records.errors import SettingInvalid, StoreUnavailable

BUSY_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5
MOST_MORE = 10
"""Connections that may be opened beyond the pool's size."""
_READS_ONLY = "guidang_reads_only"
_NO_ANSWER = "The database does not answer."

# Each wait ends by itself; work that needs longer says so with SET LOCAL.
_POSTGRES_SETTINGS = {
    "application_name": "guidang",
    "statement_timeout": "120s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "300s",
    # Compiled before they run, searches for words took up to three times as long (decision 4).
    "jit": "off",
}

# Primary result codes that say "not now" or "not reachable", as against a mistake in a statement.
_SQLITE_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
    }
)


class _PatientPool(QueuePool):
    """Says in our terms that every connection stayed in use."""

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except PoolTimeout as exc:
            raise StoreUnavailable("Every connection to the database is in use.", cause="pool") from exc


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Open `sqlite:///path` or `postgresql+psycopg://…`; transactions may write.

    Every wait that runs out and every lost connection is raised as StoreUnavailable.

    Raises:
        SettingInvalid: the URL is not one of the two. The message never repeats the URL: it may hold a password.
    """
    parsed = _parse(url)
    engine = (
        _open_sqlite(parsed, pool_size) if parsed.get_backend_name() == "sqlite" else _open_postgres(parsed, pool_size)
    )
    event.listen(engine, "handle_error", _raise_unavailable)
    event.listen(engine, "handle_error", _withhold_values)
    return engine


def read_engine(engine: Engine) -> Engine:
    """The same database and pool for transactions that only read: they take no write lock, and writing fails."""
    return engine.execution_options(**{_READS_ONLY: True, "postgresql_readonly": True})


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay usable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def truncate_wal(engine: Engine, *, patience_s: float = 5.0) -> None:
    """Bring the write-ahead log of a SQLite database back into its file and empty it, so that erased bytes are gone.

    Raises:
        StoreUnavailable: readers or writers stayed in the way for `patience_s`.
    """
    deadline = time.monotonic() + patience_s
    with contextlib.closing(engine.raw_connection()) as connection:
        while _checkpoint_is_blocked(connection):
            if time.monotonic() > deadline:
                raise StoreUnavailable("The write-ahead log could not be emptied: the database is in use.")
            time.sleep(0.02)


def ping(engine: Engine) -> None:
    """Raise StoreUnavailable unless the database answers."""
    with read_engine(engine).connect() as connection:
        connection.execute(text("SELECT 1"))


def _checkpoint_is_blocked(connection: PoolProxiedConnection) -> bool:
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA busy_timeout=200")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = cursor.fetchone()  # (blocked, pages in the log, pages moved)
    except sqlite3.OperationalError as exc:
        if _is_unavailable(exc):
            return True
        raise
    finally:
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
        cursor.close()
    return row is None or bool(row[0])


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as exc:
        raise SettingInvalid("The database is not a URL. Use sqlite:///path or postgresql+psycopg://….") from exc
    if parsed.drivername in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        return parsed
    raise SettingInvalid(
        "This kind of database is not supported. Use sqlite:///path or postgresql+psycopg://….",
        driver=parsed.drivername,
    )


def _open_sqlite(url: URL, pool_size: int) -> Engine:
    if url.database and url.database != ":memory:":
        _make_private(Path(url.database))
        pool: dict[str, Any] = {
            "poolclass": _PatientPool,
            "pool_size": pool_size,
            "max_overflow": MOST_MORE,
            "pool_timeout": BUSY_TIMEOUT_S,
        }
    else:
        pool = {}
    engine = create_engine(url, module=sqlite3, hide_parameters=True, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_postgres(url: URL, pool_size: int) -> Engine:
    settings = {name: value for name, value in _POSTGRES_SETTINGS.items() if name not in url.query}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    own = url.query.get("options", ())
    options = " ".join([options, *([own] if isinstance(own, str) else own)])
    return create_engine(
        url.difference_update_query(["options"]),
        hide_parameters=True,
        poolclass=_PatientPool,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=MOST_MORE,
        pool_timeout=BUSY_TIMEOUT_S,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": options,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        },
    )


def _make_private(path: Path) -> None:
    """Make the file, readable by its owner only, before SQLite would make it with wider rights; its WAL follows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own transaction handling is off: `_begin_sqlite` begins
    for pragma in (
        f"busy_timeout={int(BUSY_TIMEOUT_S * 1000)}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Told to the driver itself: every transaction begins here, and the layers above took most of its time."""
    reads_only = bool(connection.get_execution_options().get(_READS_ONLY))
    driver: Any = connection.connection.driver_connection
    try:
        if connection.info.get(_READS_ONLY, False) is not reads_only:
            driver.execute(f"PRAGMA query_only={int(reads_only)}").close()
            connection.info[_READS_ONLY] = reads_only
        driver.execute("BEGIN" if reads_only else "BEGIN IMMEDIATE").close()
    except sqlite3.OperationalError as exc:
        if _is_unavailable(exc):
            raise StoreUnavailable(_NO_ANSWER, cause=_code_of(exc)) from exc
        raise


def _raise_unavailable(context: ExceptionContext) -> None:
    if context.is_pre_ping:
        return  # the pool mends this by itself
    if context.is_disconnect or _is_unavailable(context.original_exception):
        raise StoreUnavailable(_NO_ANSWER, cause=_code_of(context.original_exception))


def _withhold_values(context: ExceptionContext) -> None:
    """PostgreSQL quotes values in its messages (`Key (name)=(…) already exists`); messages end in logs."""
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if not isinstance(error, (psycopg.IntegrityError, psycopg.DataError)):
        return
    is_safe = isinstance(error, psycopg.IntegrityError)  # its first line names the constraint only
    message = (error.diag.message_primary if is_safe else None) or f"SQLSTATE {error.sqlstate}"
    error.args = (message,)
    if wrapped is not None:
        wrapped.args = (f"({type(error).__name__}) {message}",)


def _is_unavailable(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_UNAVAILABLE
    return _is_postgres_operational(error)


def _is_postgres_operational(error: BaseException | None) -> bool:
    """Lost connections, time-outs, deadlocks, full disks and refused log-ins; never a mistake in a statement."""
    return isinstance(error, psycopg.OperationalError)


def _code_of(error: BaseException) -> str:
    """The driver's code, never its message: a message may quote values."""
    return str(getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or type(error).__name__)
