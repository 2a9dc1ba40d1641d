"""One table of every object that an act brought, and when each lock is due.

The version ids leave the tables of acts, documents and receipts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OBJECTS = """
    INSERT INTO stored_object
        (object_key, object_version, facility, act_index, chart_id, kind, sha256, size, media_type)
"""
_FILLED = (
    """SELECT object_key, object_version, facility, "index", chart_id, 'act', digest, size,
    'application/json'
    FROM act""",
    """SELECT object_key, object_version, facility, act_index, chart_id, 'document', sha256, size,
    'application/pdf'
    FROM document""",
    """SELECT object_key, object_version, facility, act_index, chart_id, 'receipt', sha256, size,
        'application/vnd.etsi.asic-e+zip' FROM packet_receipt""",
)


# A lock that reaches its chart's date is never due; every other one is seen to at the next run.
_DUE = """
    UPDATE observation SET due_at = observed_at WHERE NOT EXISTS (
        SELECT 1 FROM stored_object JOIN chart ON chart.id = stored_object.chart_id
        WHERE stored_object.object_key = observation.object_key
          AND chart.retain_until <= observation.retain_until
    )
"""


def upgrade() -> None:
    """Apply the revision."""
    _stored_objects()
    _due_locks()


def _stored_objects() -> None:
    op.create_table(
        "stored_object",
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("object_version", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.Column("chart_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("object_key", name=op.f("pk_stored_object")),
    )
    for select in _FILLED:
        op.execute(_OBJECTS + select)
    op.create_index(op.f("ix_stored_object_chart_id"), "stored_object", ["chart_id"], unique=False)
    op.create_index(
        op.f("ix_stored_object_facility"), "stored_object", ["facility", "act_index"], unique=False
    )
    for table in ("act", "document", "packet_receipt"):
        op.drop_column(table, "object_version")


def _due_locks() -> None:
    op.drop_index(op.f("ix_observation_retain_until"), "observation")
    op.add_column("observation", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_DUE)
    op.create_index(op.f("ix_observation_due_at"), "observation", ["due_at"], unique=False)
    op.add_column(
        "ledger_object", sa.Column("retain_until", sa.DateTime(timezone=True), nullable=True)
    )
