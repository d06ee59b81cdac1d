"""Volumes of customer files: what was filed so far, and the events reported so far, are of the first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "closed_volumes",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("volume_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("reopened_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_closed_volumes_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "volume_no", name=op.f("pk_closed_volumes")),
    )
    for table in ("customers", "documents"):  # a default of the server's: no row of a large table is written anew
        op.add_column(table, sa.Column("volume_no", sa.Integer(), server_default="1", nullable=False))
    op.add_column("retention_events", sa.Column("volume_no", sa.Integer(), nullable=True))
    op.execute("UPDATE retention_events SET volume_no = 1 WHERE subject LIKE 'customer:%'")
