"""Records that no class of the schedule covers are found without walking all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_UNSCHEDULED = sa.text("retention_class = 'unscheduled'")


def upgrade() -> None:
    op.create_index(
        "ix_documents_unscheduled",
        "documents",
        ["retention_class", "state", "filed_at", "region_code"],
        unique=False,
        sqlite_where=_UNSCHEDULED,
        postgresql_where=_UNSCHEDULED,
    )
