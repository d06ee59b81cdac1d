"""The key store: one wrapped data key for each subject, in a database of its own, so that a key can be forgotten.

A data key is random, wrapped with AES-256-GCM under the master key and bound to its subject. What was destroyed stays
known by its subject alone and never gets a key again. A key of the store's own, wrapped the same way, makes the
fingerprints by which identity numbers are looked up, so these outlive a change of the master key.

No data key is held beyond a call, or beyond one step of the line (`for_one_step`): everything else asks the store, so a
destroyed key is gone for every process at once.
"""

from __future__ import annotations

import copy
import datetime as dt
import functools
import hmac
import itertools
import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    BindParameter,
    Connection,
    Engine,
    bindparam,
    cast,
    insert,
    null,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.types import LargeBinary

from records.errors import ArchiveError, KeyDestroyed, KeyMissing, SealBroken, SettingInvalid
from storage import encryption
from storage.database import is_sqlite, open_engine, read_engine
from storage.key_erasure import delete_rows, empty_log, rewrite_all
from storage.key_tables import create_tables, data_keys, destroyed_keys, own_keys
from storage.master_key import MasterKey

log = logging.getLogger(__name__)

_NONCE_BYTES = 12
_LOOKUP = "lookup"
_SUBJECTS_A_QUERY = 5000
_ROWS_A_PAGE = 1000

_SUBJECTS: BindParameter[str] = bindparam("subjects", expanding=True)
_LIVE = select(data_keys.c.subject).where(data_keys.c.subject.in_(_SUBJECTS))
_DESTROYED = select(destroyed_keys.c.subject).where(destroyed_keys.c.subject.in_(_SUBJECTS))
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")
# Made once: building and caching them for each use took longer than the use.
_MAKE = insert(data_keys)
_LIVE_AND_DESTROYED = union_all(
    select(data_keys.c.subject, data_keys.c.wrapped).where(data_keys.c.subject.in_(_SUBJECTS)),
    select(destroyed_keys.c.subject, cast(null(), LargeBinary)).where(destroyed_keys.c.subject.in_(_SUBJECTS)),
)


def open_keyring(url: str, master_key: MasterKey) -> DatabaseKeyring:
    """Open the key store at a database URL, making its tables on first use (PostgreSQL: in the schema `keys`).

    Raises:
        SettingInvalid: the store's keys were wrapped with another master key.
    """
    engine = open_engine(url, pool_size=5)
    if is_sqlite(engine):
        engine = engine.execution_options(schema_translate_map={"keys": None})
    keyring = DatabaseKeyring(engine, master_key)
    try:
        keyring.prepare()
    except ArchiveError:
        keyring.close()
        raise
    return keyring


class DatabaseKeyring:
    """Answers `records.sealing.Keyring`. Every method raises StoreUnavailable when the store does not answer."""

    def __init__(self, engine: Engine, master_key: MasterKey) -> None:
        self._engine = engine
        # On PostgreSQL without BEGIN and ROLLBACK around: one journey to the server instead of three for each look-up.
        self._reading = (
            read_engine(engine) if is_sqlite(engine) else engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._master = master_key
        self._held: dict[str, bytes] | None = None

    def for_one_step(self) -> DatabaseKeyring:
        """The same keyring, asking for each key once: a step of the line needs one key a dozen times."""
        _ = self._lookup_key  # asked for before copying, so that every step has it from here
        holding = copy.copy(self)
        holding._held = {}
        return holding

    def prepare(self) -> None:
        create_tables(self._engine)
        with self._engine.begin() as connection:
            _lock(connection, _LOOKUP)
            found = connection.execute(select(own_keys.c.master_key_id)).scalar_one_or_none()
            if found is None:
                wrapped = _wrap(self._master, f"own:{_LOOKUP}", secrets.token_bytes(encryption.KEY_BYTES))
                row = {"name": _LOOKUP, "wrapped": wrapped, "master_key_id": self._master.id}
                connection.execute(insert(own_keys).values(row))
            elif found != self._master.id:
                raise SettingInvalid(
                    "The key store belongs to another master key. Give the one it was made with.",
                    expected=found,
                    found=self._master.id,
                )

    def create_key(self, subject: str) -> None:
        with self._engine.begin() as connection:
            _lock(connection, subject)
            found = connection.execute(_LIVE_AND_DESTROYED, {"subjects": [subject]}).first()
            if found is not None:
                if found.wrapped is None:
                    raise KeyDestroyed(subject=subject)
                return
            key = secrets.token_bytes(encryption.KEY_BYTES)
            wrapped = _wrap(self._master, subject, key)
            row = {"subject": subject, "wrapped": wrapped, "master_key_id": self._master.id, "created_at": _now()}
            connection.execute(_MAKE, row)
        if self._held is not None:  # not before it is committed
            self._held[subject] = key

    def seal(self, subject: str, plain: bytes, context: str) -> bytes:
        return encryption.seal(self._key(subject), plain, _context(subject, context))

    def seal_many(self, subject: str, plain: Iterable[tuple[bytes, str]]) -> list[bytes]:
        """Encrypt (plain, context) of one subject in one look-up of its key."""
        key = self._key(subject)
        return [encryption.seal(key, each, _context(subject, context)) for each, context in plain]

    def open(self, subject: str, sealed: bytes, context: str) -> bytes:
        return encryption.unseal(self._key(subject), sealed, _context(subject, context))

    def open_many(self, sealed: Iterable[tuple[str, bytes, str]]) -> list[bytes | None]:
        wanted = list(sealed)
        keys = self._keys(sorted({subject for subject, _, _ in wanted}))
        opened: list[bytes | None] = []
        for subject, each, context in wanted:
            key = keys[subject]
            opened.append(None if key is None else encryption.unseal(key, each, _context(subject, context)))
        return opened

    def destroy_key(self, subject: str) -> None:
        """Also repeats the erasure of what an interrupted call left, which is why it never stops at "already gone"."""
        self.destroy_keys([subject])

    def destroy_keys(self, subjects: Sequence[str]) -> None:
        if not subjects:
            return
        with self._engine.begin() as connection:
            _lock(connection, "erasure")  # it locks tables it reads before: two at once would wait for each other
            _lock(connection, *sorted(set(subjects)))
            known = set(connection.execute(_DESTROYED, {"subjects": subjects}).scalars())
            new = [{"subject": each, "destroyed_at": _now()} for each in sorted(set(subjects) - known)]
            if new:
                connection.execute(insert(destroyed_keys), new)
            delete_rows(connection, subjects)
        empty_log(self._engine)
        for subject in subjects:
            log.info("data key destroyed", extra={"action": "keys.destroy", "subject": subject})

    def has_key(self, subject: str) -> bool:
        return bool(self.with_key([subject]))

    def with_key(self, subjects: Sequence[str]) -> set[str]:
        with self._reading.connect() as connection:
            return {
                subject
                for some in _chunks(subjects, _SUBJECTS_A_QUERY)
                for subject in connection.execute(_LIVE, {"subjects": some}).scalars()
            }

    def subjects(self) -> Iterator[str]:
        last = ""
        while True:
            query = select(data_keys.c.subject).where(data_keys.c.subject > last)
            with self._reading.connect() as connection:
                page = connection.execute(query.order_by(data_keys.c.subject).limit(_ROWS_A_PAGE)).scalars().all()
            yield from page
            if len(page) < _ROWS_A_PAGE:
                return
            last = page[-1]

    def fingerprint(self, purpose: str, value: str) -> str:
        key = hmac.digest(self._lookup_key, purpose.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256").hex()

    @functools.cached_property
    def _lookup_key(self) -> bytes:
        """Held for good, like the master key: it lives as long as the archive and opens nothing."""
        with self._reading.connect() as connection:
            wrapped = connection.execute(select(own_keys.c.wrapped).where(own_keys.c.name == _LOOKUP)).scalar_one()
        return _unwrap(self._master, f"own:{_LOOKUP}", wrapped)

    def rewrap(self, new: MasterKey) -> int:
        """Wrap every key anew in one transaction and erase the old wrappings; gives how many data keys there are.

        This keyring uses the new master key from then on; other processes must be started anew with it.
        """
        with self._engine.begin() as connection:
            own = connection.execute(select(own_keys.c.wrapped)).scalar_one()
            wrapped = _wrap(new, f"own:{_LOOKUP}", _unwrap(self._master, f"own:{_LOOKUP}", own))
            connection.execute(update(own_keys).values(wrapped=wrapped, master_key_id=new.id))
            count = 0
            for subject, old in connection.execute(select(data_keys.c.subject, data_keys.c.wrapped)).all():
                wrapped = _wrap(new, subject, _unwrap(self._master, subject, old))
                row = update(data_keys).where(data_keys.c.subject == subject)
                connection.execute(row.values(wrapped=wrapped, master_key_id=new.id))
                count += 1
            rewrite_all(connection)
        self._master = new
        empty_log(self._engine)
        return count

    def close(self) -> None:
        self._engine.dispose()

    def _key(self, subject: str) -> bytes:
        key = self._keys([subject])[subject]
        if key is None:
            raise KeyDestroyed(subject=subject)
        return key

    def _keys(self, subjects: Sequence[str]) -> dict[str, bytes | None]:
        """The unwrapped key of each subject, None where it was destroyed."""
        held = self._held or {}
        keys: dict[str, bytes | None] = {subject: held[subject] for subject in subjects if subject in held}
        if len(keys) < len(subjects):
            keys |= self._asked([subject for subject in subjects if subject not in keys])
        if self._held is not None:
            self._held |= {subject: key for subject, key in keys.items() if key is not None}
        return keys

    def _asked(self, subjects: Sequence[str]) -> dict[str, bytes | None]:
        keys: dict[str, bytes | None] = {}
        with self._reading.connect() as connection:
            for some in _chunks(subjects, _SUBJECTS_A_QUERY):
                for subject, wrapped in connection.execute(_LIVE_AND_DESTROYED, {"subjects": some}):
                    keys[subject] = None if wrapped is None else _unwrap(self._master, subject, wrapped)
        for subject in subjects:
            if subject not in keys:
                raise KeyMissing(subject=subject)
        return keys


def _lock(connection: Connection, *subjects: str) -> None:
    """Order what happens to a subject: a key must not be made while it is destroyed. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"names": [f"guidang key {subject}" for subject in subjects]})


def _wrap(master: MasterKey, subject: str, key: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(master.key).encrypt(nonce, key, _bound_to(subject))


def _unwrap(master: MasterKey, subject: str, wrapped: bytes) -> bytes:
    try:
        return AESGCM(master.key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _bound_to(subject))
    except InvalidTag as exc:
        raise SealBroken("A data key does not open with the master key.", subject=subject) from exc


def _bound_to(subject: str) -> bytes:
    return b"guidang data key\x00" + subject.encode()


def _context(subject: str, context: str) -> str:
    """The key is the subject's own already; naming it too keeps a place unmistakable if keys were ever mixed up."""
    return f"{subject}\x00{context}"


def _chunks(subjects: Sequence[str], size: int) -> Iterator[list[str]]:
    remaining = iter(subjects)
    while some := list(itertools.islice(remaining, size)):
        yield some


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
