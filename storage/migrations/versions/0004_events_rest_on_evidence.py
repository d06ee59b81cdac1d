"""Events say what they rest on and can be retracted; ends of relationships that stand are noted as events too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# What was noted of an event so far said by what it is known. An end has the id of its customer, which no event can
# have; who noted it, and when, is told by the audit log. A restore may have brought the event already.
_ENDS = """
INSERT INTO retention_events (id, subject, volume_no, kind, happened_on, evidence, note, reported_by, reported_at)
SELECT id, 'customer:' || id, volume_no, 'relationship_ended', ended_on, '', '',
    (SELECT actor FROM audit_entries WHERE action = 'customer.ended' AND object = 'customer:' || customers.id
     ORDER BY seq DESC LIMIT 1),
    (SELECT at FROM audit_entries WHERE action = 'customer.ended' AND object = 'customer:' || customers.id
     ORDER BY seq DESC LIMIT 1)
FROM customers WHERE state = 'ended' AND ended_on IS NOT NULL AND EXISTS
    (SELECT 1 FROM audit_entries WHERE action = 'customer.ended' AND object = 'customer:' || customers.id)
AND NOT EXISTS (SELECT 1 FROM retention_events AS known WHERE known.kind = 'relationship_ended'
    AND known.subject = 'customer:' || customers.id AND known.volume_no = customers.volume_no)
"""


def upgrade() -> None:
    op.add_column("retention_events", sa.Column("evidence", sa.String(), server_default="", nullable=False))
    op.execute("UPDATE retention_events SET evidence = note, note = ''")
    op.create_table(
        "event_retractions",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("retracted_by", sa.String(), nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["retention_events.id"], name=op.f("fk_event_retractions_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_retractions")),
    )
    op.execute(_ENDS)
