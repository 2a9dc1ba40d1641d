"""Accounts get a person's name, a state, and the duty to change a password."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision. Accounts of before keep their passwords."""
    op.add_column("account", sa.Column("full_name", sa.String(), nullable=True))
    for name in ("created_at", "disabled_at"):
        op.add_column("account", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "account",
        sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
