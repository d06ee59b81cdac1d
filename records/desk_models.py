"""The tables of the desk: what people have in hand or keep for themselves. Nothing here is part of a record.

Columns named `…_sealed` or `sealed` hold bytes of `records.sealing.Keyring`, as in `records/models.py`.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from records.ids import new_id, utc_now
from records.models import Base


class SavedSearchRow(Base):
    """A search a person keeps. `sealed`: subject `user:<id>`, context `saved_searches:<id>`, JSON."""

    __tablename__ = "saved_searches"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    sealed: Mapped[bytes]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class VerificationClaim(Base):
    """A waiting document in somebody's hands until a time; nobody else gets it meanwhile."""

    __tablename__ = "verification_claims"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(index=True)
    until: Mapped[dt.datetime]


class SetAside(Base):
    """A waiting document that a person could not settle.

    `note_sealed`: subject `document:<id>`, context `set_asides.note`.
    """

    __tablename__ = "set_asides"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    by: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    note_sealed: Mapped[bytes]


class Keying(Base):
    """What one of two people typed into a field, unseen by the other.

    `sealed`: subject `document:<id>`, context `keyings:<part_no>:<name>`, JSON. It goes when the field is settled.
    """

    __tablename__ = "keyings"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    part_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    sealed: Mapped[bytes]


class LateAddition(Base):
    """That an archivist puts a document into a volume which is closed already; until it is filed there (K33)."""

    __tablename__ = "late_additions"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    volume_no: Mapped[int]
    by: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class RescanRequest(Base):
    """A document that was sent back to its station."""

    __tablename__ = "rescan_requests"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), index=True)
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class FormTemplate(Base):
    """A version of a template of the company's own forms, as it was written (docs/templates.md); versions stay."""

    __tablename__ = "form_templates"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]
    kept_by: Mapped[str]
    kept_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    withdrawn_at: Mapped[dt.datetime | None]
