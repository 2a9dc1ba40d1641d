"""Who has an envelope open: two people who fill in one paper see each other."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "envelope_reader",
        sa.Column("envelope_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("envelope_id", "account", name=op.f("pk_envelope_reader")),
    )
    op.create_index(op.f("ix_envelope_reader_seen_at"), "envelope_reader", ["seen_at"])
