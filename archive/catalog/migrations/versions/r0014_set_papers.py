"""Papers that people collect, to read them or to take them away."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "set_paper",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("facility", "account", "document_id", name=op.f("pk_set_paper")),
    )
    op.create_index(op.f("ix_set_paper_kept_until"), "set_paper", ["kept_until"], unique=False)
