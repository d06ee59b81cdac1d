"""Days that records state are kept beside them. Those of records filed so far are sealed: `guidang retention dates`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "record_dates",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("no_day", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_record_dates_document_id")),
        sa.PrimaryKeyConstraint("document_id", "field", name=op.f("pk_record_dates")),
    )
