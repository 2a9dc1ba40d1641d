"""Acts and charts that were removed lawfully.

No archive of before has one, so both tables are empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "removed_act",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("chart_id", sa.String(), nullable=False),
        sa.Column("removed_by", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("facility", "index", name=op.f("pk_removed_act")),
    )
    op.create_index(op.f("ix_removed_act_chart_id"), "removed_act", ["chart_id"], unique=False)
    op.create_index(op.f("ix_removed_act_removed_by"), "removed_act", ["removed_by"], unique=False)
    op.create_table(
        "removed_chart",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("archive_number", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("retain_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed_chart")),
    )
