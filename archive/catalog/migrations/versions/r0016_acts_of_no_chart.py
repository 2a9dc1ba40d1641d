"""Acts of no chart are found by an index: papers ask for the names of departments."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_index(
        "ix_act_of_no_chart",
        "act",
        ["facility", "schema", "index"],
        unique=False,
        sqlite_where=sa.text("chart_id IS NULL"),
        postgresql_where=sa.text("chart_id IS NULL"),
    )
