"""The tables of the domain. What identifies a person or a customer stands here sealed, never in the clear.

Columns named `…_sealed` hold bytes of `records.sealing.Keyring`; the context they are sealed with is given beside them.
What people have in hand at the desk stands in `records/desk_models.py`, retention in `retention/models.py`, jobs in
`intake/jobs.py`; all share this `Base`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import DateTime, TypeDecorator

from records.ids import new_id, utc_now

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


UNSCHEDULED = "retention_class = 'unscheduled'"


class UtcDateTime(TypeDecorator[dt.datetime]):
    """Aware UTC in Python on both databases; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UtcDateTime(),
        str: String(),
        bytes: LargeBinary(),
        list[str]: JSON(),
        list[int]: JSON(),
        dict[str, Any]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


class User(Base):
    """A person who logs in. `regions` None means every region."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    department: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str]
    roles: Mapped[list[str]]
    regions: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]
    disabled_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class LoginSession(Base):
    """A login. Only the hash of its token is kept."""

    __tablename__ = "login_sessions"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[dt.datetime]


class Station(Base):
    """A scanner station; it sends with a token of which only the hash is kept."""

    __tablename__ = "stations"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    region_code: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    withdrawn_at: Mapped[dt.datetime | None]


class IdempotencyKey(Base):
    """The answer given to a request that creates, so that its repetition gets the same answer."""

    __tablename__ = "idempotency_keys"

    principal: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str]
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)


class RegionTable(Base):
    """A version of the company's regions, loaded from a file; the highest version is in force."""

    __tablename__ = "region_tables"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str]
    loaded_by: Mapped[str]
    loaded_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Region(Base):
    """A region and the GB/T 2260 prefixes (2, 4 or 6 digits) it covers; the longest matching prefix wins."""

    __tablename__ = "regions"

    version: Mapped[int] = mapped_column(ForeignKey("region_tables.version"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area_prefixes: Mapped[list[str]]


class Counter(Base):
    """The last number given out under a name. It only goes up, so no number is given twice, destroyed or not."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Customer(Base):
    """A customer and so a customer file. `name_sealed`: subject `customer:<id>`, context `customers.name`."""

    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_region_code_code", "region_code", "code"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    region_code: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    name_sealed: Mapped[bytes | None]
    opened_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    volume_no: Mapped[int] = mapped_column(default=1, server_default="1")
    """The volume that takes what is filed now; goes up when a customer whose file was closed returns."""
    ended_on: Mapped[dt.date | None]
    """When the relationship of this volume ended."""
    version: Mapped[int] = mapped_column(default=1)


class ClosedVolume(Base):
    """卷: an earlier part of a customer file, closed for good when the customer returned; its periods are its own."""

    __tablename__ = "closed_volumes"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    volume_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ended_on: Mapped[dt.date]
    reopened_on: Mapped[dt.date]
    """From when the next volume is."""


class CustomerIdentity(Base):
    """The keyed fingerprint of a credit code, registration number or ID number: one customer each."""

    __tablename__ = "customer_identities"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)


class Batch(Base):
    """What a station sends in one go. `capture` holds the process metadata of DA/T 31 (device, software, dpi …)."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"), index=True)
    operator: Mapped[str]
    region_code: Mapped[str | None]
    declared_files: Mapped[int]
    capture: Mapped[dict[str, Any]]
    state: Mapped[str]
    opened_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    sealed_at: Mapped[dt.datetime | None]


class BatchFile(Base):
    """One numbered file of a batch and what became of it. Refused files leave their hash and reason, no bytes."""

    __tablename__ = "batch_files"

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    file_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str]
    reason_code: Mapped[str | None]
    document_id: Mapped[str | None]
    duplicate_of: Mapped[str | None]
    rescan_of: Mapped[int | None]
    """The number of the file that this one was scanned again for; rescans are numbered after what was declared."""
    arrived_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Document(Base):
    """One thing received: its original and its pages; a record once it is filed; a tombstone once it is destroyed.

    `file_name_sealed`: subject `document:<id>`, context `documents.file_name`.
    """

    __tablename__ = "documents"
    __table_args__ = (
        Index("ix_documents_state_id", "state", "id"),
        Index("ix_documents_region_code_id", "region_code", "id"),
        # Its last two columns are there to be counted: the calendar reads no row of the table.
        Index("ix_documents_state_due_on", "state", "due_on", "id", "retention_class", "region_code"),
        # What no class covers, and so never falls due: few, so that asking for them costs nothing.
        Index("ix_documents_unscheduled", "retention_class", "state", "filed_at", "region_code",
              sqlite_where=text(UNSCHEDULED), postgresql_where=text(UNSCHEDULED)),
        UniqueConstraint("batch_id", "file_no"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"))
    file_no: Mapped[int]
    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"))
    operator: Mapped[str]
    region_code: Mapped[str | None]
    sha256: Mapped[str] = mapped_column(index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    file_name_sealed: Mapped[bytes | None]
    received_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    state: Mapped[str]
    waiting_for: Mapped[str | None]
    refused_code: Mapped[str | None]
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("documents.id"), index=True)
    kind: Mapped[str | None]
    page_count: Mapped[int | None]
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"), index=True)
    volume_no: Mapped[int] = mapped_column(default=1, server_default="1")
    """Of the customer's file; given when the document is filed and never changed."""
    archival_code: Mapped[str | None] = mapped_column(unique=True)
    formed_on: Mapped[dt.date | None]
    filed_at: Mapped[dt.datetime | None]
    retention_class: Mapped[str | None]
    schedule_version: Mapped[int | None]
    due_on: Mapped[dt.date | None]
    restricted_at: Mapped[dt.datetime | None]
    """Kept because a law says so, and for nothing else: not shown, not found, not handed out (K23)."""
    destroyed_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class StoredObject(Base):
    """An object that the store must have: the hashes of its plain and of its stored (sealed) bytes."""

    __tablename__ = "stored_objects"

    name: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    stored_sha256: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Page(Base):
    """One page as read. `reading_sealed`: subject `document:<id>`, context `pages.reading:<page_no>`, JSON lines."""

    __tablename__ = "pages"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    page_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    width_px: Mapped[int]
    height_px: Mapped[int]
    rotation_deg: Mapped[int]
    skew_deg: Mapped[float]
    dpi: Mapped[float | None]
    advice: Mapped[list[str]]
    engine: Mapped[str]
    reading_sealed: Mapped[bytes | None]


class Part(Base):
    """A document found inside a received file: a licence, an ID card … with the pages it stands on."""

    __tablename__ = "parts"
    __table_args__ = (Index("ix_parts_kind_document_id", "kind", "document_id"),)

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    part_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    page_nos: Mapped[list[int]]
    confidence: Mapped[float]


class Field(Base):
    """A field as it stands. `sealed`: subject `document:<id>`, context `fields:<part_no>:<name>`, JSON evidence."""

    __tablename__ = "fields"
    __table_args__ = (UniqueConstraint("document_id", "part_no", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    part_no: Mapped[int]
    name: Mapped[str]
    position: Mapped[int]
    """Its place among the fields of its part, as a form is read."""
    state: Mapped[str]
    confidence: Mapped[float]
    page_no: Mapped[int | None]
    checks: Mapped[list[dict[str, Any]]]
    sealed: Mapped[bytes | None]
    as_printed: Mapped[bool] = mapped_column(default=False)
    """Settled by a person against a failed check, because the paper says so."""
    version: Mapped[int] = mapped_column(default=1)
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class RecordDate(Base):
    """A day that a record states and periods may run from, in the clear; the field it is taken from stays sealed (K32).

    It goes with the record.
    """

    __tablename__ = "record_dates"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[dt.date | None]
    no_day: Mapped[str | None]
    """Why there is none: `endless` or `unreadable`."""


class FieldHistory(Base):
    """Every state a field has had, the present one included; nothing is overwritten (R66)."""

    __tablename__ = "field_history"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    part_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[dt.datetime]
    checks: Mapped[list[dict[str, Any]]]
    as_printed: Mapped[bool]
    sealed: Mapped[bytes | None]


class AuditEntry(Base):
    """One act. `entry` is the canonical JSON that was hashed; `hash` = SHA-256(previous hash ‖ entry)."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_object_seq", "object", "seq"),
        Index("ix_audit_entries_actor_seq", "actor", "seq"),
        Index("ix_audit_entries_action_seq", "action", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    entry: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The end of the chain, one row; locking it puts acts in their order."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
