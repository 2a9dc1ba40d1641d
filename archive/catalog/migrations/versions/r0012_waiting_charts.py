"""Charts that wait for a deposit are found by an index; their count is on each morning's page."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_index("ix_chart_state", "chart", ["facility", "state", "discharged_at"], unique=False)
