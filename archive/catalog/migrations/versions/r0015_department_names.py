"""Names of departments."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "department_name",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("facility", "code", "since", name=op.f("pk_department_name")),
    )
