"""What an archivist puts into a closed file is told from what was chosen before the file was closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "late_additions",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("volume_no", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_late_additions_customer_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_late_additions_document_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_late_additions")),
    )
    # What is on its way into a closed file was put there by an archivist: nothing else could be.
    op.execute(
        "INSERT INTO late_additions (document_id, customer_id, volume_no, by, at) "
        "SELECT documents.id, customers.id, customers.volume_no, 'system', documents.received_at "
        "FROM documents JOIN customers ON customers.id = documents.customer_id "
        "WHERE documents.state = 'verified' AND customers.state = 'ended'"
    )
