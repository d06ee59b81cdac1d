"""Every movement of a paper is kept: of papers noted so far the last place known is the first line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "paper_movements",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("movement_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("back_on", sa.Date(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_paper_movements_document_id")),
        sa.PrimaryKeyConstraint("document_id", "movement_no", name=op.f("pk_paper_movements")),
    )
    op.execute(
        "INSERT INTO paper_movements (document_id, movement_no, kind, place, reason, by, at) "
        "SELECT document_id, 1, 'received', place, 'received', noted_by, noted_at FROM papers"
    )
